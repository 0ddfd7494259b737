"""What coverage.json says of tiny batches."""

from typing import Any

import pyarrow as pa
import pytest

from tasks.align.by_time.aligning import align_by_time
from tasks.align.coverage.coverage import CoverageAsked, coverage
from tasks.align.members import to_members
from tasks.core.align_entry import Align, Windows
from tasks.core.schemas import CLOCKS
from tasks.core.tables import empty_table, to_table
from tests.align.tables import items, labels

S = 1_000_000_000


def span(role: str, name: str, start_s: int, length_s: int = 0, session: str = "one") -> dict[str, object]:
    more = {"duration_ns": length_s * S} if length_s else {}
    return {"item_id": name, "role": role, "start_ns": start_s * S, "session": session, **more}


def covered(align: Align, *rows: dict[str, object], clocks: pa.Table | None = None) -> dict[str, Any]:
    members = to_members(items(*rows), labels())
    asked = CoverageAsked("timestamp", str(align.reference), {("one", "lost"): "nobody knows"})
    return coverage(members, align_by_time(members, align, "b"), clocks or empty_table(CLOCKS), asked)


def gap(session: str, from_s: int, to_s: int, samples: int) -> dict[str, object]:
    return {"session": session, "from_ns": from_s * S, "to_ns": to_s * S, "samples": samples}


def test_gaps_are_where_the_reference_has_nothing_of_a_role_the_longest_first() -> None:
    found = covered(
        Align("timestamp", "word"),
        span("word", "w0", 0, 10),
        span("word", "w1", 10, 10),
        span("word", "w2", 30, 10),
        span("word", "w3", 5, 10, session="two"),
        span("slide", "s0", 0, 5),
        span("slide", "s1", 6, 2),
        span("slide", "s2", 6, 2, session="two"),
    )["roles"]
    assert found["slide"]["gaps"] == [
        gap("one", 8, 40, 2),
        gap("two", 8, 15, 0),
        gap("one", 5, 6, 0),
        gap("two", 5, 6, 0),
    ]
    assert found["slide"]["gap_ns"] == (2 + 10 + 10 + 7 + 1 + 1) * S
    assert found["slide"]["covered_share"] == 0.225
    assert found["slide"]["least_covered"] == [
        {"session": "two", "covered_share": 0.2},
        {"session": "one", "covered_share": 0.233333},
    ]
    assert (found["word"]["covered_share"], found["word"]["gaps"]) == (1.0, [])


def test_between_stamps_a_gap_goes_from_the_first_to_the_last_sample_without() -> None:
    found = covered(
        Align("timestamp", "rgb", tolerance=0),
        *(span("rgb", f"r{n}", n) for n in range(6)),
        *(span("depth", f"d{n}", n) for n in (0, 3)),
    )["roles"]["depth"]
    assert found["gaps"] == [gap("one", 1, 2, 2), gap("one", 4, 5, 2)]
    assert found["covered_share"] == pytest.approx(2 / 6, abs=1e-6)


def test_a_point_covers_the_whole_window_that_it_lies_in() -> None:
    found = covered(
        Align("timestamp", Windows(10 * S, 10 * S)),
        span("audio", "a", 0, 30),
        span("image", "i", 15),
    )
    assert found["reference_ns"] == 30 * S
    assert found["roles"]["image"]["gaps"] == [gap("one", 0, 10, 1), gap("one", 20, 30, 1)]


def test_histograms_count_every_measured_link_in_stated_bins_and_the_worst_are_named() -> None:
    found = covered(
        Align("timestamp", "rgb", tolerance=S),
        *(span("rgb", f"r{n}", 10 * n) for n in range(3)),
        {**span("depth", "d0", 0), "start_ns": 300_000},
        {**span("depth", "d1", 0), "start_ns": 10 * S - 30_000_000},
        {**span("depth", "d2", 0), "start_ns": 21 * S},
    )
    lags, edges = found["roles"]["depth"]["lag_ms"], found["bins"]["lag_ms"]
    assert len(lags["histogram"]) == len(edges) + 1
    counted = {edges[place - 1]: count for place, count in enumerate(lags["histogram"]) if count}
    assert counted == {-50.0: 1, 0.2: 1, 500.0: 1}
    assert [worst["member_id"] for worst in lags["worst"]] == ["d2", "d1", "d0"]
    assert lags["worst"][1] == {"sample_id": "r1", "member_id": "d1", "lag_ms": -30.0}


def test_without_a_time_or_a_measure_the_figures_are_empty_and_not_wrong() -> None:
    found = covered(Align("timestamp", "rgb"), span("depth", "d0", 0))
    figures = found["roles"]["depth"]
    assert (figures["covered_share"], figures["gaps"], figures["lag_ms"]) == (None, [], None)
    assert found["reference_ns"] == 0


def test_the_file_stays_small_however_many_gaps_there_are() -> None:
    found = covered(
        Align("timestamp", "rgb", tolerance=0),
        *(span("rgb", f"r{n:03}", n) for n in range(400)),
        *(span("depth", f"d{n:03}", n) for n in range(0, 400, 2)),
    )["roles"]["depth"]
    assert (found["gap_count"], len(found["gaps"]), len(found["samples_without_examples"])) == (200, 20, 20)


def test_clocks_are_told_the_worst_first_and_those_that_are_not_known_are_named() -> None:
    line = {
        "batch": "b",
        "session": "one",
        "reference": "r",
        "anchor_ns": 0,
        "drift_ppm": 0.0,
        "offset_ns": 0,
        "piece": 0,
        "tolerance_ns": 60,
    }
    clocks = to_table(
        CLOCKS,
        [
            {**line, "clock": "a", "method": "audio", "marks": 9, "residual_ns": 5, "within_tolerance": True},
            {
                **line,
                "clock": "b",
                "method": "audio",
                "marks": 9,
                "residual_ns": 70,
                "within_tolerance": False,
            },
            {**line, "clock": "r", "method": "reference", "marks": 0, "within_tolerance": True},
        ],
    )
    found = covered(Align("timestamp", "rgb"), span("rgb", "r0", 0), clocks=clocks)["clocks"]
    assert [clock["clock"] for clock in found["worst"]] == ["b", "a", "r"]
    assert found["methods"] == {"audio": 2, "reference": 1}
    assert found["unknown"] == [{"session": "one", "clock": "lost", "why": "nobody knows"}]


def test_a_clock_of_two_pieces_is_one_clock_as_bad_as_its_worse_piece() -> None:
    line = {"batch": "b", "reference": "r", "anchor_ns": 0, "drift_ppm": 0.0, "offset_ns": 0, "marks": 3}
    line |= {"method": "audio", "tolerance_ns": 60, "within_tolerance": True}
    pieces = [("one", 1, 50), ("one", 0, 2), ("two", 0, 40)]
    clocks = to_table(
        CLOCKS,
        [
            {**line, "session": session, "clock": "a", "piece": piece, "residual_ns": residual_ns}
            for session, piece, residual_ns in pieces
        ],
    )
    found = covered(Align("timestamp", "rgb"), span("rgb", "r0", 0), clocks=clocks)["clocks"]
    assert (found["count"], found["methods"]) == (2, {"audio": 2})
    assert [
        (clock["session"], [piece["residual_ns"] for piece in clock["pieces"]]) for clock in found["worst"]
    ] == [("one", [2, 50]), ("two", [40])]


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [span("rgb", f"r{n}", n % 7, n % 3) for n in range(20)]
    rows += [span("depth", f"d{n}", n % 5, 2, session="onetwo"[n % 2 * 3 :][:3]) for n in range(9)]
    align = Align("timestamp", "rgb")
    assert covered(align, *rows) == covered(align, *rows[::-1])
