"""CVAT's shapes: an element of its XML becomes numbers, numbers become the fields of a label.

Pixels from the top left corner of the picture, with two decimals (CVAT's `formats/cvat.py`). A box and an
ellipse are turned clockwise about their centre; ours are turned about (x, y), so the corner is moved. A
mask's runs go along the rows of its own rectangle, background first. The points of a skeleton are seen (2),
occluded (1) or outside (0). Cuboids are not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.masks import mask_fields, refuse_large_mask
from tasks.label_formats.reading.numbers_in_text import to_real, to_whole
from tasks.label_formats.reading.shapes import (
    Point,
    box_between,
    ellipse_box,
    keypoint,
    line_fields,
    point_fields,
    polygon_fields,
    turned_box,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Size = tuple[int, int]
_CORNERS = ("xtl", "ytl", "xbr", "ybr")
_ELLIPSE = ("cx", "cy", "rx", "ry")
_RECTANGLE = ("left", "top", "width", "height")
_FEWEST_POINTS = {"polygon": 3, "polyline": 2, "points": 1}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One shape: its kind, its numbers in the order that CVAT writes them, and its turn in degrees.

    The points of a skeleton have names, and how each is seen.
    """

    kind: str
    numbers: tuple[float, ...]
    rotation: float = 0.0
    names: tuple[str, ...] = ()
    visible: tuple[int, ...] = ()

    @property
    def points(self) -> list[Point]:
        """The numbers, x and y in turn."""
        return list(zip(self.numbers[0::2], self.numbers[1::2], strict=True))


def parse_shape(element: "Element") -> Drawn:
    """The shape that the element writes; ValueError when it is broken or of a kind that is not read."""
    kind = element.tag
    rotation = to_real(element.get("rotation", "0"), "rotation")
    if kind == "box":
        return Drawn(kind, tuple(to_real(element.get(name), name) for name in _CORNERS), rotation)
    if kind == "ellipse":
        return Drawn(kind, tuple(to_real(element.get(name), name) for name in _ELLIPSE), rotation)
    if kind in _FEWEST_POINTS:
        numbers = _points_in(element)
        if len(numbers) < 2 * _FEWEST_POINTS[kind]:
            raise ValueError(f"expected a {kind} of at least {_FEWEST_POINTS[kind]} points")
        return Drawn(kind, numbers)
    if kind == "mask":
        runs = (element.get("rle") or "").split(",")
        place = [to_whole(element.get(name), name) for name in _RECTANGLE]
        return Drawn(kind, (*place, *(to_whole(run, "rle") for run in runs)))
    if kind == "skeleton":
        return _skeleton(element)
    raise FaultError(Reason.UNSUPPORTED_LABEL, f"a <{kind}> of CVAT is not read")


def fields_of(drawn: Drawn, size: Size | None) -> dict[str, Any]:
    """Task and place of the shape; `size` is the picture's, which only a mask needs."""
    if drawn.kind == "box":
        left, top, right, bottom = drawn.numbers
        return {"task": "detection", **turned_box(box_between(left, top, right, bottom), drawn.rotation)}
    if drawn.kind == "ellipse":
        x, y, across, down = drawn.numbers
        return {"task": "detection", **ellipse_box((x, y), (across, down), drawn.rotation)}
    if drawn.kind == "polygon":
        return {"task": "segmentation", **polygon_fields(drawn.points)}
    if drawn.kind == "mask":
        return {"task": "segmentation", **_mask(drawn.numbers, size)}
    if drawn.kind == "polyline":
        return {"task": "keypoints", **line_fields(drawn.points)}
    if drawn.kind == "skeleton":
        named = zip(drawn.names, drawn.points, drawn.visible, strict=True)
        return {"task": "keypoints", "keypoints": [keypoint(*one) for one in named]}
    return {"task": "keypoints", **point_fields(drawn.points)}


def _points_in(element: "Element") -> tuple[float, ...]:
    numbers: list[float] = []
    for point in (element.get("points") or "").split(";"):
        x, comma, y = point.partition(",")
        if not comma:
            raise ValueError(f"expected points as x,y;x,y, got '{point[:40]}'")
        numbers += (to_real(x, "points"), to_real(y, "points"))
    return tuple(numbers)


def _skeleton(element: "Element") -> Drawn:
    points = [child for child in element if child.tag != "attribute"]
    if strange := sorted({child.tag for child in points} - {"points"}):
        raise FaultError(Reason.UNSUPPORTED_LABEL, f"a skeleton of {strange} is not read, only one of points")
    if not points:
        raise ValueError("expected the points of a skeleton, there are none")
    places = [_points_in(child) for child in points]
    if any(len(place) != 2 for place in places):
        raise ValueError("expected one place for each point of a skeleton")
    names = tuple(child.get("label") or str(number) for number, child in enumerate(points, 1))
    flat = tuple(number for place in places for number in place)
    return Drawn("skeleton", flat, names=names, visible=tuple(_seen(child) for child in points))


def _seen(point: "Element") -> int:
    if point.get("outside") == "1":
        return 0
    return 1 if point.get("occluded") == "1" else 2


def _mask(numbers: Sequence[float], size: Size | None) -> dict[str, Any]:
    left, top, columns, rows, *runs = (int(number) for number in numbers)
    refuse_large_mask(columns, rows)
    if min(runs) < 0 or sum(runs) != columns * rows:
        raise ValueError(f"expected runs of {columns * rows} pixels in a mask of {columns} x {rows}")
    if size is None:
        raise ValueError("expected the size of the picture of a mask, it is not known")
    filled = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(rows, columns)
    return mask_fields(filled, left, top, size)
