"""A region of Label Studio: results that share an id, such as a rectangle, its choice and its text.

Percent of the original size become pixels, seconds become ns.
"""

from dataclasses import dataclass, field
from typing import Any

from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.json_export import (
    JsonObject,
    list_of,
    number_of,
    object_of,
    text_of,
    to_number,
)

NAMING_KINDS = ("rectanglelabels", "polygonlabels", "keypointlabels", "labels")
READ_KINDS = (*NAMING_KINDS, "rectangle", "polygon", "keypoint", "choices", "textarea")


@dataclass(frozen=True)
class Place:
    """Where a region lies: fields of a label, and the task that such a place alone means."""

    task: str
    fields: dict[str, Any] = field(default_factory=dict)


WHOLE_ITEM = Place("caption")


def place_of(results: list[JsonObject]) -> Place:
    """The place that the results share; the whole item when none has one. ValueError when it is broken."""
    for result in results:
        value = object_of(result.get("value"))
        if "points" in value:
            return _polygon(value, result)
        if "x" in value and "radiusX" not in value:
            return _box_or_point(value, result)
        if {"start", "end"} <= value.keys() and not isinstance(value.get("text"), str):
            return _span(value)
    return WHOLE_ITEM


def names_in(result: JsonObject) -> list[str]:
    """The labels or choices of one result."""
    names = list_of(object_of(result.get("value")), text_of(result, "type"))
    if not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"expected labels as texts, got {str(names)[:60]}")
    return names


def text_in(result: JsonObject) -> str:
    """What was written into a text area, its entries as lines."""
    value = object_of(result.get("value"))
    entries = [value["text"]] if isinstance(value.get("text"), str) else list_of(value, "text")
    if not all(isinstance(entry, str) for entry in entries):
        raise ValueError(f"expected lines of text, got {str(entries)[:60]}")
    return "\n".join(entries)


def _polygon(value: JsonObject, result: JsonObject) -> Place:
    width, height = _original_size(result)
    corners = list_of(value, "points")
    if not all(isinstance(corner, list) and len(corner) == 2 for corner in corners) or len(corners) < 3:
        raise ValueError("expected a polygon of at least 3 points [x, y]")
    across = [to_number(corner[0], "points") * width / 100 for corner in corners]
    down = [to_number(corner[1], "points") * height / 100 for corner in corners]
    flat = [value for corner in zip(across, down, strict=True) for value in corner]
    box = {
        "x": min(across),
        "y": min(down),
        "width": max(across) - min(across),
        "height": max(down) - min(down),
    }
    return Place("segmentation", {"polygon": [flat], **box})


def _box_or_point(value: JsonObject, result: JsonObject) -> Place:
    """A box when there is a height; a key point has a width too, but it is the size of the dot."""
    width, height = _original_size(result)
    corner = {"x": number_of(value, "x") * width / 100, "y": number_of(value, "y") * height / 100}
    if "height" not in value:
        return Place("keypoints", corner)
    size = {
        "width": number_of(value, "width") * width / 100,
        "height": number_of(value, "height") * height / 100,
    }
    turn = {"rotation": number_of(value, "rotation")} if value.get("rotation") is not None else {}
    return Place("detection", {**corner, **size, **turn})


def _span(value: JsonObject) -> Place:
    start, end = number_of(value, "start"), number_of(value, "end")
    return Place("event", {"start_ns": seconds_to_ns(start), "end_ns": seconds_to_ns(end)})


def _original_size(result: JsonObject) -> tuple[float, float]:
    if result.get("image_rotation"):
        raise ValueError(f"expected an upright image, it was turned by {result['image_rotation']} degrees")
    return number_of(result, "original_width"), number_of(result, "original_height")
