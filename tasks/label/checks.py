"""What cannot be true of a label: its own fields first, then its place and times against its item.

A box or point may lie 1 pixel outside the image: exports round to whole pixels. Nothing is clipped: values
stay as they were written. A rotated box may stick out, but its centre may not. A polygon of less than a
millionth of a square pixel has no area. Key points that are not labelled (visible 0) are nowhere. What is not
known is not checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.label.class_checks import CLASS_CHECKS
from tasks.label.items import Int64s
from tasks.label.placed import Check, Flags, Placed, Points, Row
from tasks.label.size_checks import SIZE_CHECKS
from tasks.label.time_checks import TIME_CHECKS

PIXEL_TOLERANCE = 1.0
SMALLEST_AREA = 1e-6


def check_labels(placed: Placed) -> dict[int, Fault]:
    """The first thing that is wrong with each label, by its row; labels that are right are not there."""
    faults: dict[int, Fault] = {}
    with np.errstate(invalid="ignore", over="ignore"):
        for columns, reason, find_wrong, say in _CHECKS:
            if not any(map(placed.has_any, columns)):
                continue
            for row in np.flatnonzero(find_wrong(placed)).tolist():
                if row not in faults:
                    faults[row] = Fault(reason, say(placed.row(row)))
    return faults


def _has_half_a_point(placed: Placed) -> Flags:
    return placed.polygons.has_half_a_point


def _not_finite(placed: Placed) -> Flags:
    wrong = placed.none()
    for name in filter(placed.has_any, _NUMBERS):
        wrong |= placed.given(name) & ~np.isfinite(placed.floats(name))
    if placed.has_any("polygon") and not placed.polygons.are_finite:
        wrong[_rows_not_finite(placed.polygons.points)] = True
    if placed.has_any("keypoints"):
        wrong[_rows_not_finite(placed.keypoints)] = True
    return wrong


def _rows_not_finite(points: Points) -> Int64s:
    return points.row[~(np.isfinite(points.x) & np.isfinite(points.y))]


def _wrong_confidence(placed: Placed) -> Flags:
    confidence = placed.floats("confidence")
    return placed.given("confidence") & ~((confidence >= 0) & (confidence <= 1))


def _flat_box(placed: Placed) -> Flags:
    flat = (placed.floats("width") <= 0) | (placed.floats("height") <= 0)
    return placed.given("width") & placed.given("height") & flat


def _flat_polygon(placed: Placed) -> Flags:
    polygons = placed.polygons
    wide = placed.none()
    wide[polygons.part_row[polygons.areas() >= SMALLEST_AREA]] = True
    return polygons.given & ~wide


def _outside(placed: Placed) -> Flags:
    """A polygon's point, a key point, a corner of an upright box or the centre of a turned one."""
    wrong = placed.none()
    for column, points_of in _POINTS:
        if placed.has_any(column):
            points = points_of(placed)
            wrong[points.row[_are_outside(placed, points)]] = True
    return wrong


def _are_outside(placed: Placed, points: Points) -> Flags:
    width, height = placed.item_widths[points.row], placed.item_heights[points.row]
    inside = (points.x >= -PIXEL_TOLERANCE) & (points.x <= width + PIXEL_TOLERANCE)
    inside &= (points.y >= -PIXEL_TOLERANCE) & (points.y <= height + PIXEL_TOLERANCE)
    # The size of an item that is not known is NaN.
    return ~inside & ~np.isnan(width + height)


def _box_points(placed: Placed) -> Points:
    """Two points for every label that has x and y: its corners, or its centre twice where it is turned."""
    rows = np.flatnonzero(placed.given("x") & placed.given("y"))
    x, y = placed.floats("x")[rows], placed.floats("y")[rows]
    width, height, rotation = (
        np.where(placed.given(name), placed.floats(name), 0.0)[rows]
        for name in ("width", "height", "rotation")
    )
    left, top, right, bottom = x, y, x + width, y + height
    if placed.has_any("rotation"):
        turn, turned = np.radians(rotation), rotation != 0
        centre_x = x + width / 2 * np.cos(turn) - height / 2 * np.sin(turn)
        centre_y = y + width / 2 * np.sin(turn) + height / 2 * np.cos(turn)
        left, right = (np.where(turned, centre_x, corner) for corner in (left, right))
        top, bottom = (np.where(turned, centre_y, corner) for corner in (top, bottom))
    both = np.concatenate([rows, rows])
    return Points(both, np.concatenate([left, right]), np.concatenate([top, bottom]))


def _say_outside(row: Row) -> str:
    x, y = next((float(x), float(y)) for x, y in _points_outside(row))
    size = f"{int(row.item_widths[0])} x {int(row.item_heights[0])}"
    return f"the point ({x:g}, {y:g}) is outside the image of {size} pixels"


def _points_outside(row: Row) -> Any:
    for points in (row.polygons.points, row.keypoints, _box_points(row)):
        outside = _are_outside(row, points)
        yield from zip(points.x[outside], points.y[outside], strict=True)


def _say_flat_box(row: Row) -> str:
    return f"the box is {row.floats('width')[0]:g} x {row.floats('height')[0]:g} pixels"


def _say_confidence(row: Row) -> str:
    return f"expected a confidence from 0 to 1, got {row.floats('confidence')[0]:g}"


_NUMBERS = ("x", "y", "width", "height", "rotation", "confidence")
_ALL_NUMBERS = (*_NUMBERS, "polygon", "keypoints")
_POINTS: tuple[tuple[str, Callable[[Placed], Points]], ...] = (
    ("polygon", lambda placed: placed.polygons.corners()),
    ("keypoints", lambda placed: placed.keypoints),
    ("x", _box_points),
)

# In the order in which they are told: of all that is wrong with a label, its reject has the first.
_CHECKS: tuple[Check, ...] = (
    *SIZE_CHECKS,
    (("polygon",), Reason.MALFORMED, _has_half_a_point, lambda row: "a polygon has x without y"),
    (_ALL_NUMBERS, Reason.MALFORMED, _not_finite, lambda row: "a number is not finite"),
    (("confidence",), Reason.MALFORMED, _wrong_confidence, _say_confidence),
    (("width",), Reason.ZERO_AREA, _flat_box, _say_flat_box),
    (("polygon",), Reason.ZERO_AREA, _flat_polygon, lambda row: "the polygon has no area"),
    (("x", "polygon", "keypoints"), Reason.BOX_OUTSIDE_IMAGE, _outside, _say_outside),
    *TIME_CHECKS,
    *CLASS_CHECKS,
)
