"""The example of `labelme`: a rectangle by two opposite corners."""

from tasks.core.label import Label
from tasks.core.label_entries import LabelExport
from tests.label_formats.examples.example import BOX, SIZE, Example

EXAMPLE = Example(
    LabelExport("labelme", "ann.json", "ann"),
    {
        "ann.json": {
            "version": "5.5.0",
            "flags": {},
            "shapes": [
                {
                    "label": "cat",
                    "points": [[384.0, 48.0], [64.0, 288.0]],
                    "group_id": None,
                    "description": "",
                    "shape_type": "rectangle",
                    "flags": {},
                }
            ],
            "imagePath": "images\\a.jpg",
            "imageData": None,
            "imageHeight": 480,
            "imageWidth": 640,
        }
    },
    (Label("1", "images/a.jpg", "detection", "ann.json#1", "cat", annotator="ann", **BOX, **SIZE),),
    spatial=True,
)
