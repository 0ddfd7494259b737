"""The rows of YOLO's text files: shares of the picture's width and height become pixels.

Ultralytics' forms, blanks between the numbers: the class, and then
  detection     x_center y_center width height
  obb           x1 y1 x2 y2 x3 y3 x4 y4, the corners
  segmentation  x1 y1 x2 y2 x3 y3 ..., at least three corners
  pose          x_center y_center width height, then x y, or x y visible, of every point
A number more at the end is a prediction's confidence. Shares are multiplied as the decimals they are written
as, so that 0.3 of 640 pixels is 192 and not a little more or less.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.numbers_in_text import decimal_text
from tasks.label_formats.reading.shapes import Point, keypoint, polygon_fields, smallest_turned_box
from tasks.label_formats.reading.yolo_names import Vocabulary

_BOX_NUMBERS = 4
_OBB_NUMBERS = 8


@dataclass(frozen=True)
class RowReader:
    """Reads rows of one shape, whose classes and points the vocabulary names."""

    shape: str
    vocabulary: Vocabulary

    def fields(self, row: str, size: tuple[int, int]) -> dict[str, Any]:
        """Task, label, place and confidence of the row on a picture of that size; ValueError when broken."""
        number, *shares = row.split()
        class_id = _class_id(number)
        expected, place_of = self._form(class_id, len(shares))
        if len(shares) not in (expected, expected + 1):
            message = f"expected {expected} numbers after the class, or one more for a confidence"
            raise ValueError(f"{message}, got {len(shares)}; is it a row of `shape: {self.shape}`?")
        sure = {"confidence": _real(_decimal(shares[-1]))} if len(shares) > expected else {}
        if class_id not in self.vocabulary.classes:
            detail = f"the class {class_id} has no name in {self.vocabulary.path.name}"
            raise FaultError(Reason.UNKNOWN_CATEGORY, detail)
        place = place_of([_decimal(share) for share in shares[:expected]], size)
        return {"label": self.vocabulary.classes[class_id], **place, **sure}

    def _form(
        self, class_id: int, count: int
    ) -> tuple[int, Callable[[Sequence[Decimal], tuple[int, int]], dict[str, Any]]]:
        """How many numbers the place has, and how it is read."""
        if self.shape == "detection":
            return _BOX_NUMBERS, lambda shares, size: {"task": "detection", **_box(shares, size)}
        if self.shape == "obb":
            return _OBB_NUMBERS, _turned_box
        if self.shape == "segmentation":
            return max(count - count % 2, 6), _polygon
        points, values = self.vocabulary.kpt_shape
        names = self.vocabulary.points.get(class_id, [])
        return _BOX_NUMBERS + points * values, lambda shares, size: _pose(shares, size, values, names)


def _class_id(text: str) -> int:
    number = _decimal(text)
    if number != number.to_integral_value() or not 0 <= number < 1_000_000:
        raise ValueError(f"expected the number of a class, got '{text[:40]}'")
    return int(number)


def _decimal(text: str) -> Decimal:
    return Decimal(decimal_text(text, "share"))


def _real(number: Decimal) -> float:
    real = float(number)
    if not math.isfinite(real):
        raise ValueError("expected finite numbers")
    return real


def _box(shares: Sequence[Decimal], size: tuple[int, int]) -> dict[str, Any]:
    width, height = shares[2] * size[0], shares[3] * size[1]
    return {
        "x": _real(shares[0] * size[0] - width / 2),
        "y": _real(shares[1] * size[1] - height / 2),
        "width": _real(width),
        "height": _real(height),
    }


def _points(shares: Sequence[Decimal], size: tuple[int, int]) -> list[Point]:
    return [(_real(x * size[0]), _real(y * size[1])) for x, y in zip(shares[0::2], shares[1::2], strict=True)]


def _turned_box(shares: Sequence[Decimal], size: tuple[int, int]) -> dict[str, Any]:
    corners = _points(shares, size)
    return {"task": "detection", **polygon_fields(corners), **smallest_turned_box(corners)}


def _polygon(shares: Sequence[Decimal], size: tuple[int, int]) -> dict[str, Any]:
    return {"task": "segmentation", **polygon_fields(_points(shares, size))}


def _pose(
    shares: Sequence[Decimal], size: tuple[int, int], values: int, names: Sequence[str]
) -> dict[str, Any]:
    place = shares[_BOX_NUMBERS:]
    points = _points([one for at in range(0, len(place), values) for one in place[at : at + 2]], size)
    seen = [_visible(number) for number in place[2::3]] if values == 3 else [None] * len(points)
    named = names if len(names) == len(points) else [str(number) for number in range(1, len(points) + 1)]
    keypoints = [keypoint(*one) for one in zip(named, points, seen, strict=True)]
    return {"task": "keypoints", **_box(shares, size), "keypoints": keypoints}


def _visible(number: Decimal) -> int:
    if number not in (0, 1, 2):
        raise ValueError(f"expected 0, 1 or 2 for how a point is seen, got {number}")
    return int(number)
