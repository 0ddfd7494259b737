"""COCO JSON: captions, and instances with boxes, polygons and run-length masks.

x, y, width, height are always the box. The task is caption, detection (a box alone) or segmentation (polygons
or a mask). A mask stays COCO's own run-length code, as JSON text. Key points are not read but are faults.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.delivered_name import delivered_name
from tasks.label_formats.reading.json_export import (
    JsonObject,
    id_of,
    list_of,
    number_of,
    object_of,
    objects_in,
    read_json_export,
    text_of,
    to_number,
)


@dataclass(frozen=True)
class _Export:
    """What annotations refer to: file names by image id, and category names by category id."""

    name: str
    annotator: str | None
    images: dict[str, list[str]]
    categories: dict[str, str]


@dataclass(frozen=True)
class _FaultError(Exception):
    """One annotation is at fault for a reason of its own."""

    reason: Reason
    detail: str


def read(batch: Batch, entry: LabelExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per annotation, in the order of the file."""
    path = batch.path(entry.path)
    content = read_json_export(path)
    annotations = objects_in(path, content, "annotations")
    images = _file_names(objects_in(path, content, "images"))
    export = _Export(
        delivered_name(batch, entry.path), entry.annotator, images, _category_names(content.get("categories"))
    )
    for position, annotation in enumerate(annotations):
        native_id = _native_id(annotation, position)
        origin = f"{export.name}#{native_id}"
        try:
            yield _to_label(native_id, object_of(annotation), export)
            if annotation.get("num_keypoints"):
                detail = "the key points of a COCO annotation are not read; its box is"
                yield LabelFault(f"{native_id}/keypoints", origin, Reason.UNSUPPORTED_LABEL, detail)
        except _FaultError as fault:
            yield LabelFault(native_id, origin, fault.reason, fault.detail)
        except ValueError as error:
            yield LabelFault(native_id, origin, Reason.MALFORMED, str(error))


def _file_names(images: list[Any]) -> dict[str, list[str]]:
    """The file names under each image id; one that is broken or doubled shows up in its annotations."""
    names: dict[str, list[str]] = {}
    for image in images:
        if isinstance(image, dict) and isinstance(image.get("file_name"), str):
            names.setdefault(str(image.get("id")), []).append(image["file_name"])
    return names


def _category_names(categories: Any) -> dict[str, str]:
    found = categories if isinstance(categories, list) else []
    return {
        str(one.get("id")): str(one["name"]) for one in found if isinstance(one, dict) and one.get("name")
    }


def _native_id(annotation: Any, position: int) -> str:
    """The annotation's id, or its place in the list where it has none."""
    try:
        return id_of(object_of(annotation), "id")
    except ValueError:
        return f"annotations[{position}]"


def _to_label(native_id: str, annotation: JsonObject, export: _Export) -> Label:
    common: dict[str, Any] = {
        "native_id": native_id,
        "media": _media(id_of(annotation, "image_id"), export),
        "origin": f"{export.name}#{native_id}",
        "annotator": export.annotator,
    }
    if "caption" in annotation:
        return Label(task="caption", text=text_of(annotation, "caption"), **common)
    polygon, mask = _outline(annotation.get("segmentation"))
    x, y, width, height = _box(annotation, polygon)
    return Label(
        task="segmentation" if polygon or mask else "detection",
        label=_category(id_of(annotation, "category_id"), export),
        x=x,
        y=y,
        width=width,
        height=height,
        polygon=polygon,
        mask=mask,
        confidence=number_of(annotation, "score") if "score" in annotation else None,
        **common,
    )


def _media(image_id: str, export: _Export) -> str:
    names = export.images.get(image_id, [])
    if len(names) == 1:
        return names[0]
    if names:
        raise _FaultError(Reason.ITEM_AMBIGUOUS, f"the image id {image_id} is given to {sorted(names)}")
    raise _FaultError(Reason.ITEM_NOT_FOUND, f"the image id {image_id} is not among the export's images")


def _category(category_id: str, export: _Export) -> str:
    if category_id not in export.categories:
        detail = f"the category id {category_id} is not among the export's categories"
        raise _FaultError(Reason.UNKNOWN_CATEGORY, detail)
    return export.categories[category_id]


def _box(annotation: JsonObject, polygon: list[list[float]] | None) -> tuple[float, float, float, float]:
    """The box as written, or around the polygons where none is."""
    if annotation.get("bbox") is None and polygon:
        across = [value for part in polygon for value in part[0::2]]
        down = [value for part in polygon for value in part[1::2]]
        return min(across), min(down), max(across) - min(across), max(down) - min(down)
    box = list_of(annotation, "bbox")
    if len(box) != 4:
        raise ValueError(f"expected a bbox of 4 numbers, got {len(box)}")
    x, y, width, height = (to_number(value, "bbox") for value in box)
    return x, y, width, height


def _outline(segmentation: Any) -> tuple[list[list[float]] | None, str | None]:
    """The polygons, or the run-length mask as JSON text, or neither."""
    if not segmentation:
        return None, None
    if isinstance(segmentation, dict):
        return None, _mask(segmentation)
    if not isinstance(segmentation, list):
        raise ValueError(f"expected polygons or a mask, got {type(segmentation).__name__}")
    parts = [[to_number(value, "segmentation") for value in _part(part)] for part in segmentation]
    if any(len(part) < 6 or len(part) % 2 for part in parts):
        raise ValueError("expected polygons of at least 3 points, x and y in turn")
    return parts, None


def _part(part: Any) -> list[Any]:
    if not isinstance(part, list):
        raise ValueError(f"expected a polygon as a list of numbers, got {type(part).__name__}")
    return part


def _mask(mask: JsonObject) -> str:
    """The mask as JSON text; its runs must fill its size, where they are not compressed."""
    size, counts = list_of(mask, "size"), mask.get("counts")
    if len(size) != 2 or not all(isinstance(side, int) and side > 0 for side in size):
        raise ValueError(f"expected a mask's size as [height, width], got {size}")
    if isinstance(counts, list):
        filled = sum(to_number(count, "counts") for count in counts)
        if filled != size[0] * size[1]:
            raise ValueError(f"expected runs of {size[0] * size[1]} pixels in a mask, got {filled:g}")
    elif not isinstance(counts, str):
        raise ValueError("expected a mask's counts as a list or as text")
    return json.dumps({"size": size, "counts": counts})


COCO = LabelFormat("coco", LabelExport, read)
