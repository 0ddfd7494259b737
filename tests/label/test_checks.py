from typing import Any

import pytest

from tasks.core.label import Label
from tasks.core.rejects import Reason
from tasks.label.checks import check_label
from tasks.label.matching import LabelledItem

PICTURE = LabelledItem("b/a", "a", "image", "reference", None, None, 100, 50)
SOUND = LabelledItem("b/a", "a", "audio", "recorder", 7, 2_000_000_000, None, None)
UNKNOWN = LabelledItem("b/a", "a", "image", "reference", None, None, None, None)
MS = 1_000_000


def reason(item: LabelledItem, **fields: Any) -> Reason | None:
    fault = check_label(Label("1", "a", "detection", "x#1", **fields), item)
    return fault.reason if fault else None


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
