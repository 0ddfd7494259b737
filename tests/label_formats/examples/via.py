"""The example of `via`: a project of VIA 2."""

from tasks.core.label import Label
from tasks.core.label_entries import ViaExport
from tests.label_formats.examples.example import BOX, Example

EXAMPLE = Example(
    ViaExport("via", "via.json", "class", "ann"),
    {
        "via.json": {
            "_via_settings": {},
            "_via_img_metadata": {
                "a.jpg123": {
                    "filename": "a.jpg",
                    "size": 123,
                    "regions": [
                        {
                            "shape_attributes": {
                                "name": "rect",
                                "x": 64,
                                "y": 48,
                                "width": 320,
                                "height": 240,
                            },
                            "region_attributes": {"class": "cat", "colour": "black"},
                        }
                    ],
                    "file_attributes": {},
                }
            },
            "_via_attributes": {"region": {}, "file": {}},
        }
    },
    (
        Label(
            "a.jpg123/1",
            "a.jpg",
            "detection",
            "via.json#a.jpg123/1",
            "cat",
            annotator="ann",
            attributes={"colour": "black"},
            **BOX,
        ),
    ),
    spatial=True,
)
