"""Shapes on a picture as the fields of a label. Pixels of the upright image, from its top left corner.

A box is itself, and is turned clockwise about its (x, y): a tool that turns it about its centre means another
(x, y), which is worked out here. An ellipse or a circle is the box around it, turned with it, with the
attribute `shape`: exact, where a polygon would only be near. A line has no area, so it is not a polygon: its
points are key points in their order, with the attribute `shape`. A polygon has the box around it too.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tasks.core.label import Keypoint

Point = tuple[float, float]
_QUARTER_TURNS: dict[float, Point] = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}


def difference(minuend: float, subtrahend: float) -> float:
    """The difference of the two as they are written: 384.1 - 64.3 is 319.8, and not a little more."""
    if minuend.is_integer() and subtrahend.is_integer():
        return minuend - subtrahend
    return float(Decimal(repr(minuend)) - Decimal(repr(subtrahend)))


def box_between(left: float, top: float, right: float, bottom: float) -> dict[str, Any]:
    """The upright box between two opposite corners."""
    return {"x": left, "y": top, "width": difference(right, left), "height": difference(bottom, top)}


def box_around(points: Sequence[Point]) -> dict[str, Any]:
    """The smallest upright box with all the points in it."""
    across, down = [x for x, _ in points], [y for _, y in points]
    return box_between(min(across), min(down), max(across), max(down))


def turned_box(box: dict[str, Any], degrees: float) -> dict[str, Any]:
    """The box after a clockwise turn about its centre: our (x, y) moves with its corner."""
    if degrees % 360 == 0:
        return box
    half_width, half_height = box["width"] / 2, box["height"] / 2
    across, down = turned((-half_width, -half_height), degrees)
    x, y = box["x"] + half_width + across, box["y"] + half_height + down
    return {**box, "x": x, "y": y, "rotation": degrees}


def ellipse_box(centre: Point, radii: Point, degrees: float = 0.0) -> dict[str, Any]:
    """The box around the ellipse, turned with it about its centre."""
    (x, y), (across, down) = centre, radii
    upright = {
        "x": difference(x, across),
        "y": difference(y, down),
        "width": 2 * across,
        "height": 2 * down,
    }
    return turned_box(upright, degrees)


def smallest_turned_box(corners: Sequence[Point]) -> dict[str, Any]:
    """The smallest box, turned along one of their edges, with the corners in it: of a rectangle, itself.

    For a rectangle whose corners go round clockwise, (x, y) is the first of them.
    """
    found = [
        _box_along(start, end, corners)
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True)
        if start != end
    ]
    if not found:
        raise ValueError("expected a box, its corners are one point")
    areas = [box["width"] * box["height"] for box in found]
    # The edges of a rectangle give the same box: then the first is meant, and not the best by a rounding.
    return next(box for box, area in zip(found, areas, strict=True) if area <= min(areas) * (1 + 1e-9))


def _box_along(start: Point, end: Point, corners: Sequence[Point]) -> dict[str, Any]:
    length = math.dist(start, end)
    right = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
    along = [x * right[0] + y * right[1] for x, y in corners]
    across = [y * right[0] - x * right[1] for x, y in corners]
    left, top = min(along), min(across)
    degrees = math.degrees(math.atan2(right[1], right[0]))
    turn = {"rotation": degrees} if degrees else {}
    return {
        "x": left * right[0] - top * right[1],
        "y": left * right[1] + top * right[0],
        "width": max(along) - left,
        "height": max(across) - top,
        **turn,
    }


def polygon_fields(points: Sequence[Point]) -> dict[str, Any]:
    """One polygon and the box around it; ValueError when it has no three corners."""
    if len(points) < 3:
        raise ValueError(f"expected a polygon of at least 3 points, got {len(points)}")
    return {"polygon": [[place for point in points for place in point]], **box_around(points)}


def line_fields(points: Sequence[Point]) -> dict[str, Any]:
    """The points of a line as key points, named by their place in it, from 1."""
    if len(points) < 2:
        raise ValueError(f"expected a line of at least 2 points, got {len(points)}")
    return point_fields(points)


def point_fields(points: Sequence[Point]) -> dict[str, Any]:
    """Points as key points, named from 1 on; one alone is the label's (x, y) too."""
    if not points:
        raise ValueError("expected at least one point")
    alone = {"x": points[0][0], "y": points[0][1]} if len(points) == 1 else {}
    named = [keypoint(str(number), point, None) for number, point in enumerate(points, 1)]
    return {"keypoints": named, **alone}


def keypoint(name: str, point: Point, visible: int | None) -> Keypoint:
    """One named point; `visible` is COCO's 0, 1 or 2, or None."""
    return {"name": name, "x": point[0], "y": point[1], "visible": visible}


def turned(point: Point, degrees: float) -> Point:
    """The point after a clockwise turn about (0, 0), y pointing down; exact for quarter turns."""
    angle = math.radians(degrees)
    cosine, sine = _QUARTER_TURNS.get(degrees % 360, (math.cos(angle), math.sin(angle)))
    return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine
