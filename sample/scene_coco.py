"""COCO files of scenes: captions and instances, in the structure of the COCO 2017 exports."""

import itertools
from collections.abc import Mapping, Sequence

from sample.canvas import Point
from sample.folder import Json
from sample.scene_model import SIZE_PX, Scene, Shape

# Gaps, as in COCO itself: a reader that takes a category's id for its place in the list is wrong.
CATEGORY_IDS = {"circle": 3, "square": 7, "triangle": 12, "star": 20}
CATEGORIES: Json = [
    {"supercategory": "shape", "id": category_id, "name": name} for name, category_id in CATEGORY_IDS.items()
]
FIRST_CAPTION_ID = 40_000
FIRST_INSTANCE_ID = 70_000
LICENSES: Json = [{"url": "https://creativecommons.org/publicdomain/zero/1.0/", "id": 1, "name": "CC0-1.0"}]


def information(description: str) -> Json:
    """The `info` block; its date is the day the sample was first drawn."""
    return {
        "description": description,
        "version": "1.0",
        "year": 2026,
        "contributor": "Modalweave",
        "date_created": "2026/03/02",
    }


def image_entries(file_names: Mapping[int, str]) -> list[Json]:
    """The `images` list."""
    return [
        {
            "license": 1,
            "file_name": file_name,
            "height": SIZE_PX[1],
            "width": SIZE_PX[0],
            "date_captured": "2026-03-02 09:00:00",
            "id": image_id,
        }
        for image_id, file_name in file_names.items()
    ]


def captions_file(file_names: Mapping[int, str], annotations: Sequence[Json]) -> Json:
    """captions.json."""
    return {
        "info": information("Captions of scenes of coloured shapes"),
        "licenses": LICENSES,
        "images": image_entries(file_names),
        "annotations": annotations,
    }


def instances_file(file_names: Mapping[int, str], annotations: Sequence[Json]) -> Json:
    """instances.json."""
    return {
        "info": information("Outlines of coloured shapes"),
        "licenses": LICENSES,
        "images": image_entries(file_names),
        "annotations": annotations,
        "categories": CATEGORIES,
    }


def caption_annotations(scenes: Sequence[Scene]) -> list[Json]:
    """Two captions a picture."""
    pairs = [(scene.image_id, caption) for scene in scenes for caption in scene.captions]
    return [
        {"image_id": image_id, "id": FIRST_CAPTION_ID + number, "caption": caption}
        for number, (image_id, caption) in enumerate(pairs)
    ]


def instance_annotations(scenes: Sequence[Scene]) -> list[Json]:
    """A box and a polygon a shape."""
    pairs = [(scene.image_id, shape) for scene in scenes for shape in scene.shapes]
    return [
        instance(FIRST_INSTANCE_ID + number, image_id, shape)
        for number, (image_id, shape) in enumerate(pairs)
    ]


def instance(annotation_id: int, image_id: int, shape: Shape) -> Json:
    """One annotation of instances.json."""
    outline = shape.outline()
    return {
        "segmentation": [list(itertools.chain.from_iterable(outline))],
        "area": round(area(outline), 2),
        "iscrowd": 0,
        "image_id": image_id,
        "bbox": bounding_box(outline),
        "category_id": CATEGORY_IDS[shape.kind],
        "id": annotation_id,
    }


def bounding_box(outline: Sequence[Point]) -> list[float]:
    """Left, top, width and height."""
    left, top = min(x for x, _ in outline), min(y for _, y in outline)
    width, height = max(x for x, _ in outline) - left, max(y for _, y in outline) - top
    return [left, top, round(width, 1), round(height, 1)]


def area(outline: Sequence[Point]) -> float:
    """The area within an outline, by the shoelace rule."""
    ends = zip(outline, [*outline[1:], outline[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in ends)) / 2
