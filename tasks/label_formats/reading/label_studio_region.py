"""A region of Label Studio: results that share an id, such as a rectangle, its choice and its text.

A region has one place, or, on a video, a place in each frame that shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.core.label import ItemName
from tasks.label_formats.reading.json_export import JsonObject, list_of, number_of, object_of
from tasks.label_formats.reading.label_studio_brush import mask_fields
from tasks.label_formats.reading.label_studio_shapes import (
    Size,
    box_fields,
    ellipse_fields,
    original_size,
    point_fields,
    polygon_fields,
)
from tasks.label_formats.reading.label_studio_times import TimeRules, series_fields, sound_fields
from tasks.label_formats.reading.label_studio_video import rectangle_fields, timeline_fields
from tasks.label_formats.reading.player_frames import frames_of

NAMING_KINDS = (
    *("rectanglelabels", "polygonlabels", "keypointlabels", "brushlabels", "ellipselabels"),
    *("labels", "timeserieslabels", "timelinelabels", "videorectangle"),
)
SHAPE_KINDS = (*NAMING_KINDS, "rectangle", "polygon", "keypoint", "brush", "ellipse")


@dataclass(frozen=True)
class Place:
    """Where a region lies: fields of a label, the task that such a place alone means, and its own key."""

    task: str
    fields: dict[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class PlaceRules:
    """What is declared about times, and the video that a region is on (asked for only where it is on one)."""

    times: TimeRules = field(default_factory=TimeRules)
    frame_rate: float | None = None


WHOLE_ITEM = Place("caption")


def places_of(results: Sequence[JsonObject], rules: PlaceRules, video: ItemName | None) -> tuple[Place, ...]:
    """The places that the results share; the whole item when none has one. ValueError when one is broken."""
    in_series = any(result.get("type") == "timeserieslabels" for result in results)
    for result in results:
        value = object_of(result.get("value"))
        if video is not None and "sequence" in value:
            return tuple(_video_places(value, result, rules, video))
        if video is not None and "ranges" in value:
            return tuple(_timeline_places(value, rules, video))
        shape = _shape_of(value, result)
        if shape is not None:
            return (shape,)
        if {"start", "end"} <= value.keys():
            return (Place("event", series_fields(value, rules.times) if in_series else sound_fields(value)),)
    return (WHOLE_ITEM,)


def is_on_video(results: Sequence[JsonObject]) -> bool:
    """Whether the region's place is told in frames."""
    values = [result.get("value") for result in results]
    return any(isinstance(value, dict) and {"sequence", "ranges"} & value.keys() for value in values)


def covering(places: Sequence[Place]) -> Place:
    """The one place, or the span of time from the first of several to the last."""
    if len(places) == 1:
        return places[0]
    span = {"start_ns": places[0].fields["start_ns"], "end_ns": places[-1].fields["end_ns"]}
    return Place("event", span | {n: v for n, v in places[0].fields.items() if n == "track"})


def names_in(result: JsonObject) -> list[str]:
    """The labels of one result; a box on a video has them as `labels`, or none."""
    kind = str(result.get("type"))
    value = object_of(result.get("value"))
    if kind == "videorectangle":
        kind = "labels"
        value = {"labels": [], **value}
    names = list_of(value, kind)
    if not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"expected labels as texts, got {str(names)[:60]}")
    return names


def _shape_of(value: JsonObject, result: JsonObject) -> Place | None:
    """The place on a picture; a box has a height, a key point has a width too: the size of its dot."""
    if "rle" in value:
        return Place("segmentation", mask_fields(value, original_size(result)))
    if "points" in value:
        return Place("segmentation", polygon_fields(value, original_size(result)))
    if "radiusX" in value:
        return Place("detection", ellipse_fields(value, original_size(result)))
    if "x" in value and "height" in value:
        return Place("detection", box_fields(value, original_size(result)))
    if "x" in value:
        return Place("keypoints", point_fields(value, original_size(result)))
    return None


def _video_places(
    value: JsonObject, result: JsonObject, rules: PlaceRules, video: ItemName
) -> Iterator[Place]:
    frames = frames_of(video, rules.frame_rate)
    for fields in rectangle_fields(value, _video_size(result, video), frames):
        yield Place("detection", fields, fields["attributes"]["frame"])


def _video_size(result: JsonObject, video: ItemName) -> Size:
    if result.get("original_width") is not None:
        return number_of(result, "original_width"), number_of(result, "original_height")
    if not video.width or not video.height:
        raise ValueError(f"the size of the video '{video.native_id}' is not known")
    return float(video.width), float(video.height)


def _timeline_places(value: JsonObject, rules: PlaceRules, video: ItemName) -> Iterator[Place]:
    spans = list(timeline_fields(value, frames_of(video, rules.frame_rate)))
    if not spans:
        raise ValueError("expected at least one range on the timeline")
    for number, fields in enumerate(spans, 1):
        yield Place("event", fields, str(number) if number > 1 else "")
