"""The example of `coco`."""

from tasks.core.label import Label
from tasks.core.label_entries import LabelExport
from tests.label_formats.examples.example import BOX, SIZE, Example

EXAMPLE = Example(
    LabelExport("coco", "coco.json", "ann"),
    {
        "coco.json": {
            "images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}],
            "categories": [{"id": 90, "name": "cat"}],
            "annotations": [{"id": 7, "image_id": 1, "category_id": 90, "bbox": [64, 48, 320, 240]}],
        }
    },
    (Label("7", "a.jpg", "detection", "coco.json#7", "cat", annotator="ann", **BOX, **SIZE),),
    spatial=True,
)
