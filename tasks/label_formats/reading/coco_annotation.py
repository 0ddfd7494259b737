"""One annotation of COCO, read with care: what is wrong with it is a ValueError or a FaultError.

A box is [x, y, width, height], a polygon [x, y, x, y, ...], key points [x, y, visible, ...] by the names of
the category: pixels from the top left of the top-left pixel, as they are written. A mask stays COCO's own
run-length code, as JSON text.
"""

import json
from dataclasses import dataclass
from typing import Any

from tasks.core.label import Keypoint, Label
from tasks.core.rejects import Reason
from tasks.label_formats.reading.coco_masks import mask_of
from tasks.label_formats.reading.coco_tables import Category, CocoTables
from tasks.label_formats.reading.json_export import JsonObject, id_of, list_of, number_of, text_of, to_number
from tasks.label_formats.reading.stated_size import stated_size


@dataclass(frozen=True)
class CocoExport:
    """The export by its name in ids, who made its labels, and what they refer to."""

    name: str
    annotator: str | None
    tables: CocoTables

    def origin(self, native_id: str) -> str:
        """Where the annotation stands."""
        return f"{self.name}#{native_id}"


@dataclass(frozen=True)
class FaultError(Exception):
    """One annotation is at fault for a reason of its own."""

    reason: Reason
    detail: str


def to_label(native_id: str, annotation: JsonObject, export: CocoExport) -> Label:
    """The annotation as a label."""
    image_id = id_of(annotation, "image_id")
    common: dict[str, Any] = {
        "native_id": native_id,
        "media": file_of(image_id, export.tables),
        "origin": export.origin(native_id),
        "annotator": export.annotator,
        **stated_size(*(export.tables.sizes[image_id] or (None, None))),
    }
    if "caption" in annotation:
        return Label(task="caption", text=text_of(annotation, "caption"), **common)
    polygon, mask = _outline(annotation.get("segmentation"))
    x, y, width, height = _box(annotation, polygon)
    category = category_of(id_of(annotation, "category_id"), export.tables)
    keypoints = _keypoints(annotation, category)
    return Label(
        task="keypoints" if keypoints else "segmentation" if polygon or mask else "detection",
        label=category.name,
        x=x,
        y=y,
        width=width,
        height=height,
        polygon=polygon,
        mask=mask,
        keypoints=keypoints,
        confidence=number_of(annotation, "score") if "score" in annotation else None,
        attributes=attributes_of(annotation, category),
        **common,
    )


def file_of(image_id: str, tables: CocoTables) -> str:
    """The file of an image; FaultError when there is none, or there are several."""
    if image_id in tables.repeated:
        detail = f"the image id {image_id} is given to {sorted(tables.repeated[image_id])}"
        raise FaultError(Reason.ITEM_AMBIGUOUS, detail)
    if image_id not in tables.files:
        detail = f"the image id {image_id} is not among the export's images"
        raise FaultError(Reason.ITEM_NOT_FOUND, detail)
    return tables.files[image_id]


def category_of(category_id: str, tables: CocoTables) -> Category:
    """The category of that id; FaultError when there is none."""
    if category_id not in tables.categories:
        detail = f"the category id {category_id} is not among the export's categories"
        raise FaultError(Reason.UNKNOWN_CATEGORY, detail)
    return tables.categories[category_id]


def attributes_of(annotation: JsonObject, category: Category) -> dict[str, str] | None:
    """`iscrowd` where it is 1, `isthing` where the category says it, and the annotation's own attributes."""
    found: dict[str, str] = {}
    own = annotation.get("attributes")
    for name, value in own.items() if isinstance(own, dict) else ():
        found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if annotation.get("iscrowd"):
        found["iscrowd"] = "1"
    if category.is_thing is not None:
        found["isthing"] = str(int(category.is_thing))
    return found or None


def _box(annotation: JsonObject, polygon: list[list[float]] | None) -> tuple[float, float, float, float]:
    """The box as written, or around the polygons where none is."""
    if annotation.get("bbox") is None and polygon:
        across = [value for part in polygon for value in part[0::2]]
        down = [value for part in polygon for value in part[1::2]]
        return min(across), min(down), max(across) - min(across), max(down) - min(down)
    return box_of(annotation)


def box_of(annotation: JsonObject) -> tuple[float, float, float, float]:
    """The four numbers of the box."""
    box = list_of(annotation, "bbox")
    if len(box) != 4:
        raise ValueError(f"expected a bbox of 4 numbers, got {len(box)}")
    x, y, width, height = (to_number(value, "bbox") for value in box)
    return x, y, width, height


def _keypoints(annotation: JsonObject, category: Category) -> list[Keypoint] | None:
    """The key points where any is labelled."""
    written = annotation.get("keypoints")
    if written is None and not annotation.get("num_keypoints"):
        return None
    values = list_of(annotation, "keypoints")
    names: tuple[str | None, ...] = category.keypoints or (None,) * (len(values) // 3)
    if len(values) != 3 * len(names):
        raise ValueError(f"expected {3 * len(names)} numbers in 'keypoints', got {len(values)}")
    points: list[Keypoint] = []
    for name, x, y, visible in zip(names, values[0::3], values[1::3], values[2::3], strict=True):
        if isinstance(visible, bool) or visible not in (0, 1, 2):
            raise ValueError(
                f"expected 0, 1 or 2 for whether a key point is visible, got {str(visible)[:40]!r}"
            )
        place = to_number(x, "keypoints"), to_number(y, "keypoints")
        points.append({"name": name, "x": place[0], "y": place[1], "visible": int(visible)})
    return points if any(point["visible"] for point in points) else None


def _outline(segmentation: Any) -> tuple[list[list[float]] | None, str | None]:
    """The polygons, or the run-length mask as JSON text, or neither."""
    if not segmentation:
        return None, None
    if isinstance(segmentation, dict):
        return None, mask_of(segmentation)
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
