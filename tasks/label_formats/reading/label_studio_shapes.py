"""Shapes on a picture as Label Studio writes them: percent of the original size become pixels.

Source: the editor's regions (RectRegion, EllipseRegion, PolygonRegion, KeyPointRegion). A rectangle's x and
y are its top left corner before it is turned, and it is turned clockwise about that corner, as ours is. An
ellipse's x and y are its centre, and it is turned about that: it becomes the rectangle around it, turned as
it is, with the attribute `shape`. `image_rotation` is how the view was turned: the editor turns the whole
stage and everything on it, so places stay those of the upright picture (as its converter takes them, too).
A key point's width is the size of its dot and is left out.
"""

import math
from typing import Any

from tasks.label_formats.reading.json_export import JsonObject, list_of, number_of, to_number

Size = tuple[float, float]


def original_size(result: JsonObject) -> Size:
    """Width and height of the upright picture in pixels."""
    return number_of(result, "original_width"), number_of(result, "original_height")


def polygon_fields(value: JsonObject, size: Size) -> dict[str, Any]:
    """The polygon and the box around it."""
    width, height = size
    corners = list_of(value, "points")
    if not all(isinstance(corner, list) and len(corner) == 2 for corner in corners) or len(corners) < 3:
        raise ValueError("expected a polygon of at least 3 points [x, y]")
    across = [to_number(corner[0], "points") * width / 100 for corner in corners]
    down = [to_number(corner[1], "points") * height / 100 for corner in corners]
    flat = [place for corner in zip(across, down, strict=True) for place in corner]
    x, y = min(across), min(down)
    return {"polygon": [flat], "x": x, "y": y, "width": max(across) - x, "height": max(down) - y}


def box_fields(value: JsonObject, size: Size) -> dict[str, Any]:
    """The rectangle with its turn, where one is written."""
    width, height = size
    turn = {"rotation": number_of(value, "rotation")} if value.get("rotation") is not None else {}
    return {
        **point_fields(value, size),
        "width": number_of(value, "width") * width / 100,
        "height": number_of(value, "height") * height / 100,
        **turn,
    }


def point_fields(value: JsonObject, size: Size) -> dict[str, Any]:
    """The point alone."""
    width, height = size
    return {"x": number_of(value, "x") * width / 100, "y": number_of(value, "y") * height / 100}


def ellipse_fields(value: JsonObject, size: Size) -> dict[str, Any]:
    """The rectangle around the ellipse, turned with it."""
    width, height = size
    across, down = number_of(value, "radiusX") * width / 100, number_of(value, "radiusY") * height / 100
    centre = point_fields(value, size)
    degrees = number_of(value, "rotation") if value.get("rotation") is not None else 0.0
    turn = math.radians(degrees)
    return {
        "x": centre["x"] - across * math.cos(turn) + down * math.sin(turn),
        "y": centre["y"] - across * math.sin(turn) - down * math.cos(turn),
        "width": 2 * across,
        "height": 2 * down,
        "rotation": degrees,
        "attributes": {"shape": "ellipse"},
    }
