"""Labels as results of Label Studio: the inverse of its importer.

Pixels become percent of the upright picture, a rectangle keeps its turn about its top left corner; ns become
seconds from the start of the recording. Source: the editor's regions, as `label_formats/label_studio.py`.
What has no such form (a mask, a body of several points, a time on another clock) is not shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.asking.controls import Control
from tasks.core.times import NS_PER_S

Row = Mapping[str, Any]
Result = dict[str, Any]


def results_of(item: Row, control: Control, labels: Sequence[Row]) -> list[Result]:
    """What the labels say, as answers to the control; ids are numbered by control."""
    about = {"from_name": control.name, "to_name": item["modality"], "type": control.kind}
    if control.kind == "choices":
        chosen = sorted({label["label"] for label in labels if label["label"] in control.labels})
        values: list[Result] = [{"value": {"choices": chosen}}] if chosen else []
    elif control.kind == "textarea":
        texts = sorted({text for label in labels if (text := label["text"] or label["label"])})
        values = [{"value": {"text": texts}}] if len(texts) == 1 else []
    else:
        placed = [_placed(item, control, label) for label in labels if label["label"] in control.labels]
        values = [place for place in placed if place]
    return [{"id": f"{control.name}-{number}", **about, **value} for number, value in enumerate(values, 1)]


def _placed(item: Row, control: Control, label: Row) -> Result | None:
    """The label's place and name."""
    named = {control.kind: [label["label"]]}
    if control.kind == "labels":
        span = _seconds(item, label)
        return {"value": {**span, **named}} if span else None
    shape = _SHAPES[control.kind](item, label)
    if shape is None or not item["width"] or not item["height"]:
        return None
    size = {"original_width": item["width"], "original_height": item["height"], "image_rotation": 0}
    return {**size, "value": {**shape, **named}}


def _rectangle(item: Row, label: Row) -> Result | None:
    if None in (label["x"], label["y"], label["width"], label["height"]):
        return None
    size = {"width": label["width"] * 100 / item["width"], "height": label["height"] * 100 / item["height"]}
    return {**_corner(item, label["x"], label["y"]), **size, "rotation": label["rotation"] or 0}


def _polygon(item: Row, label: Row) -> Result | None:
    """Label Studio's polygons have one part; of several none is shown."""
    if len(label["polygon"] or []) != 1:
        return None
    (flat,) = label["polygon"]
    corners = [_corner(item, x, y) for x, y in zip(flat[0::2], flat[1::2], strict=True)]
    return {"points": [[corner["x"], corner["y"]] for corner in corners], "closed": True}


def _point(item: Row, label: Row) -> Result | None:
    if label["x"] is None or label["y"] is None or label["keypoints"]:
        return None
    return {**_corner(item, label["x"], label["y"]), "width": 1}


_SHAPES = {"rectanglelabels": _rectangle, "polygonlabels": _polygon, "keypointlabels": _point}


def _corner(item: Row, x: float, y: float) -> Result:
    return {"x": x * 100 / item["width"], "y": y * 100 / item["height"]}


def _seconds(item: Row, label: Row) -> Result | None:
    if label["start_ns"] is None or label["end_ns"] is None or label["clock"] not in (None, item["clock"]):
        return None
    begin_ns = item["start_ns"] or 0
    return {name: (label[f"{name}_ns"] - begin_ns) / NS_PER_S for name in ("start", "end")} | {"channel": 0}
