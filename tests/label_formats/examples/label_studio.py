"""The example of `label_studio`."""

from tasks.core.label import Label
from tasks.core.label_entries import LabelStudioExport
from tests.label_formats.examples.example import BOX, SIZE, Example

EXAMPLE = Example(
    LabelStudioExport("label_studio", "ls.json"),
    {
        "ls.json": [
            {
                "id": 1,
                "data": {"image": "/data/upload/8-a.jpg"},
                "annotations": [
                    {
                        "id": 5,
                        "completed_by": 3,
                        "created_at": "2024-01-30T02:40:43Z",
                        "ground_truth": False,
                        "result": [
                            {
                                "id": "r",
                                "type": "rectanglelabels",
                                "to_name": "image",
                                "original_width": 640,
                                "original_height": 480,
                                "value": {
                                    **{"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 90},
                                    "rectanglelabels": ["cat"],
                                },
                            }
                        ],
                    }
                ],
            }
        ]
    },
    (
        Label(
            "5/r",
            "/data/upload/8-a.jpg",
            "detection",
            "ls.json#5",
            "cat",
            rotation=90.0,
            annotator="3",
            created_at="2024-01-30T02:40:43Z",
            ground_truth=False,
            **BOX,
            **SIZE,
        ),
    ),
    spatial=True,
)
