"""LabelMe's shapes: a list of points and the word for what they draw become the fields of a label."""

import base64
import io
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, list_of, text_of, to_number
from tasks.label_formats.reading.masks import Filled, mask_fields, refuse_large_mask
from tasks.label_formats.reading.shapes import (
    Point,
    box_around,
    ellipse_box,
    line_fields,
    point_fields,
    polygon_fields,
    smallest_turned_box,
)

_POINTS = {"rectangle": 2, "circle": 2, "line": 2, "point": 1, "oriented_rectangle": 4, "mask": 2}


def shape_fields(shape: JsonObject, size: tuple[int | None, int | None]) -> dict[str, Any]:
    """Task and place of the shape; `size` is the picture's as the file has it, which only a mask needs."""
    kind = shape.get("shape_type") or "polygon"
    if not isinstance(kind, str):
        raise ValueError(f"expected a shape_type as text, got {type(kind).__name__}")
    points = [_point(point) for point in list_of(shape, "points")]
    if kind in _POINTS and len(points) != _POINTS[kind]:
        raise ValueError(f"expected {_POINTS[kind]} points of a {kind}, got {len(points)}")
    if kind == "mask":
        return {"task": "segmentation", **_mask(shape, points, size)}
    if kind not in _FORMS:
        raise FaultError(Reason.UNSUPPORTED_LABEL, f"a shape '{kind[:40]}' is not read")
    task, form = _FORMS[kind]
    return {"task": task, **form(points)}


def _point(point: Any) -> Point:
    if not isinstance(point, list) or len(point) != 2:
        raise ValueError(f"expected points as [x, y], got {str(point)[:40]}")
    return to_number(point[0], "points"), to_number(point[1], "points")


def _circle(points: list[Point]) -> dict[str, Any]:
    radius = math.dist(points[0], points[1])
    return ellipse_box(points[0], (radius, radius))


def _oriented(points: list[Point]) -> dict[str, Any]:
    return {**polygon_fields(points), **smallest_turned_box(points)}


_FORMS: Mapping[str, tuple[str, Callable[[list[Point]], dict[str, Any]]]] = {
    "polygon": ("segmentation", polygon_fields),
    "rectangle": ("detection", box_around),
    "oriented_rectangle": ("detection", _oriented),
    "circle": ("detection", _circle),
    "line": ("keypoints", line_fields),
    "linestrip": ("keypoints", line_fields),
    "point": ("keypoints", point_fields),
    "points": ("keypoints", point_fields),
}


def _mask(shape: JsonObject, points: list[Point], size: tuple[int | None, int | None]) -> dict[str, Any]:
    filled = _decoded(text_of(shape, "mask"))
    rows, columns = filled.shape
    (left, top), (right, bottom) = ((round(x), round(y)) for x, y in points)
    whole = all(place.is_integer() for point in points for place in point)
    if whole and (right - left + 1, bottom - top + 1) != (columns, rows):
        meant = f"{right - left + 1} x {bottom - top + 1}"
        raise ValueError(f"expected a mask of {meant} pixels between its corners, got {columns} x {rows}")
    width, height = size
    if width is None or height is None:
        raise ValueError("expected imageWidth and imageHeight for a mask")
    return mask_fields(filled, left, top, (width, height))


def _decoded(coded: str) -> Filled:
    """What is not black in the PNG; ValueError when it is none, is broken or claims too many pixels."""
    import warnings

    from PIL import Image, UnidentifiedImageError

    try:
        payload = base64.b64decode(coded, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(payload), formats=("PNG",)) as picture:
                refuse_large_mask(*picture.size)
                return np.asarray(picture.convert("L")) > 0
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"the mask cannot be decoded: {error}") from error
