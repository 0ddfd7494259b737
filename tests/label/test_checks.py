from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core.fault import Fault
from tasks.core.label import Label
from tasks.core.rejects import Reason
from tasks.label.blocks import gather_blocks
from tasks.label.checks import check_labels
from tasks.label.placed import Placed
from tests.label.rows import item, labelled
from tests.label.scalar_checks import LabelledItem, check_label

PICTURE = LabelledItem(width=100, height=50)
SOUND = LabelledItem(start_ns=7, duration_ns=2_000_000_000)
UNKNOWN = LabelledItem()
MS = 1_000_000


def check_all(labels: list[Label], items: list[LabelledItem]) -> dict[int, Fault]:
    """What is wrong with each label, checked as one block."""
    (block,) = gather_blocks(labels)
    known = labelled(*(item(f"{number}", **vars(one)) for number, one in enumerate(items)))
    return check_labels(Placed(block.labels, np.arange(len(items)), known))


def reason(one: LabelledItem, **fields: Any) -> Reason | None:
    faults = check_all([Label("1", "a", "detection", "x#1", "cat", **fields)], [one])
    return faults[0].reason if faults else None


def box(x: float, y: float, width: float, height: float, **fields: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height, **fields}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (box(0, 0, 100, 50), None),
        (box(-1, -1, 102, 52), None),
        (box(-1.01, 0, 5, 5), Reason.BOX_OUTSIDE_IMAGE),
        (box(0, 46.02, 5, 5), Reason.BOX_OUTSIDE_IMAGE),
        (box(96.02, 0, 5, 5), Reason.BOX_OUTSIDE_IMAGE),
        (box(10, 10, 0, 5), Reason.ZERO_AREA),
        (box(10, 10, 5, -1), Reason.ZERO_AREA),
        ({"x": 100.0, "y": 50.0}, None),
        ({"x": 102.0, "y": 50.0}, Reason.BOX_OUTSIDE_IMAGE),
        (box(10, 10, 5, 5, polygon=[[10.0, 10, 15, 10, 15, 15]]), None),
        (box(10, 10, 5, 5, polygon=[[10.0, 10, 15, 10, 200, 15]]), Reason.BOX_OUTSIDE_IMAGE),
        ({"polygon": [[10.0, 10, 15, 15, 20, 20]]}, Reason.ZERO_AREA),
        (box(90, 20, 20, 10, rotation=0.0), Reason.BOX_OUTSIDE_IMAGE),
        (box(99, 20, 20, 10, rotation=90.0), None),  # it turns clockwise about its corner, into the image
        (box(99, 20, 20, 10, rotation=-90.0), Reason.BOX_OUTSIDE_IMAGE),
        (box(float("nan"), 0, 5, 5), Reason.MALFORMED),
        ({"confidence": 1.0}, None),
        ({"confidence": 1.01}, Reason.MALFORMED),
        ({"confidence": -0.1}, Reason.MALFORMED),
    ],
)
def test_a_place_must_be_in_the_picture(fields: dict[str, Any], expected: Reason | None) -> None:
    assert reason(PICTURE, **fields) == expected


def test_a_picture_of_unknown_size_holds_every_place() -> None:
    assert reason(UNKNOWN, **box(10_000, 0, 5, 5)) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"start_ns": 0, "end_ns": 2_000 * MS}, None),
        ({"start_ns": -1 * MS, "end_ns": 2_001 * MS}, None),
        ({"start_ns": 0, "end_ns": 2_001 * MS + 1}, Reason.BEYOND_MEDIA_END),
        ({"start_ns": 2_002 * MS}, Reason.BEYOND_MEDIA_END),
        ({"start_ns": -1 * MS - 1, "end_ns": 0}, Reason.MALFORMED),
        ({"start_ns": 5, "end_ns": 5}, None),
        ({"start_ns": 6, "end_ns": 5}, Reason.END_BEFORE_START),
        ({"end_ns": 5}, Reason.MALFORMED),
        ({"start_ns": -5, "end_ns": 9_000 * MS, "clock": "camera"}, None),
        ({"start_ns": 6, "end_ns": 5, "clock": "camera"}, Reason.END_BEFORE_START),
        ({"start_ns": 2**63 - 1, "end_ns": 2**63 - 1}, Reason.MALFORMED),
        ({"start_ns": 2**63 - 1, "end_ns": 2**63 - 1, "clock": "camera"}, None),
    ],
)
def test_a_time_must_be_within_the_media(fields: dict[str, Any], expected: Reason | None) -> None:
    assert reason(SOUND, **fields) == expected


def test_media_of_unknown_length_hold_every_time() -> None:
    assert reason(UNKNOWN, start_ns=0, end_ns=2**60) is None


NUMBERS = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 50.25, 99.0, 101.0, 102.5, float("nan"), float("inf")])
TIMES = st.none() | st.sampled_from(
    [-(2**63), -2 * MS, -MS, -1, 0, 1, 5, 1999 * MS, 2001 * MS, 2001 * MS + 1, 2**63 - 8, 2**63 - 1]
)
POINT = st.fixed_dictionaries(
    {
        "name": st.just("nose"),
        "x": st.none() | NUMBERS,
        "y": NUMBERS,
        "visible": st.sampled_from([None, 0, 1, 2]),
    }
)
MAYBE = st.none() | NUMBERS
LABELS = st.builds(
    Label,
    native_id=st.just("1"),
    media=st.just("a"),
    task=st.just("detection"),
    origin=st.just("x#1"),
    label=st.just("cat"),
    **dict.fromkeys(("x", "y", "width", "height", "confidence"), MAYBE),
    rotation=st.none() | st.sampled_from([0.0, 90.0, -45.0, float("nan")]),
    polygon=st.none() | st.lists(st.lists(NUMBERS, max_size=9), max_size=3),
    keypoints=st.none() | st.lists(POINT, max_size=3),
    clock=st.none() | st.just("camera"),
    start_ns=TIMES,
    end_ns=TIMES,
)
ITEMS = st.builds(
    LabelledItem,
    start_ns=st.none() | st.sampled_from([0, 7, -7, 2**62]),
    duration_ns=st.none() | st.sampled_from([0, 2000 * MS]),
    width=st.none() | st.just(100),
    height=st.none() | st.just(50),
)


@given(st.lists(st.tuples(LABELS, ITEMS), max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_block_is_checked_as_its_labels_are_one_by_one(pairs: list[tuple[Label, LabelledItem]]) -> None:
    expected = {row: fault for row, pair in enumerate(pairs) if (fault := check_label(*pair))}
    assert check_all([label for label, _ in pairs], [one for _, one in pairs]) == expected


def test_a_key_point_that_is_not_labelled_may_be_anywhere() -> None:
    nose = {"name": "nose", "x": 500.0, "y": 0.0, "visible": 2}
    assert reason(PICTURE, keypoints=[nose]) is Reason.BOX_OUTSIDE_IMAGE
    assert reason(PICTURE, keypoints=[{**nose, "visible": 0}, {**nose, "x": None}]) is None
