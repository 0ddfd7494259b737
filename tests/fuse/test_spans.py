"""Spans of the reference clock on the clock of an item, and the frames that they meet."""

import numpy as np
import pytest

from tasks.core.schemas import CLOCKS
from tasks.core.tables import to_table
from tasks.core.vectors import Frames
from tasks.fuse.spans import ItemClocks, OwnSpan, span_statistics

STEPS = Frames(50, 100, np.arange(5, dtype=np.float32)[:, None])


def clocks(**line: object) -> ItemClocks:
    constant = {
        "batch": "b",
        "session": "s",
        "clock": "recorder",
        "reference": "camera",
        "method": "given",
        "marks": 0,
        "piece": 0,
        "tolerance_ns": 0,
        "within_tolerance": True,
    }
    return ItemClocks(
        to_table(CLOCKS, [{**constant, "anchor_ns": 0, "offset_ns": 0, "drift_ppm": 0.0, **line}])
    )


def item(**columns: object) -> dict[str, object]:
    return {"session": "s", "clock": "recorder", "start_ns": 0, **columns}


@pytest.mark.parametrize(
    ("span", "met"),
    [
        (OwnSpan(50, 250), [0, 1]),
        (OwnSpan(149, 151), [0, 1]),
        (OwnSpan(150, 250), [1]),
        (OwnSpan(0, 51), [0]),
        (OwnSpan(449, 10_000), [3, 4]),
        (OwnSpan(250, 250), [2]),
        (OwnSpan(249, 249), [1]),
    ],
)
def test_a_frame_belongs_to_each_span_that_its_interval_meets(span: OwnSpan, met: list[int]) -> None:
    statistics = span_statistics(STEPS, span)
    assert statistics is not None
    assert statistics.tolist() == [np.mean(met), np.std(met)]


@pytest.mark.parametrize("span", [OwnSpan(0, 50), OwnSpan(550, 600), OwnSpan(-9, -5), OwnSpan(10, 10)])
def test_a_span_that_meets_no_frame_has_no_statistics(span: OwnSpan) -> None:
    assert span_statistics(STEPS, span) is None


def test_without_a_span_the_whole_sequence_counts() -> None:
    statistics = span_statistics(STEPS, None)
    assert statistics is not None
    assert statistics.tolist() == [2.0, np.float32(np.sqrt(2))]


def test_a_span_is_counted_from_the_start_of_the_item_on_its_own_clock() -> None:
    line = clocks(anchor_ns=1_000_000, offset_ns=500, drift_ppm=100.0)
    # 100 ns of drift after 1 ms, 200 ns after 2 ms, and 500 ns of offset
    assert line.own_span(item(start_ns=2_000_000), 2_000_600, 3_000_700) == OwnSpan(0, 1_000_000)


@pytest.mark.parametrize(
    ("columns", "start_ns"), [({"clock": "watch"}, 0), ({"start_ns": None}, 0), ({}, None)]
)
def test_without_a_clock_or_a_time_there_is_no_span(columns: dict[str, object], start_ns: int | None) -> None:
    assert clocks().own_span(item(**columns), start_ns, 10) is None
