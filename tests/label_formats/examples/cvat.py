"""The example of `cvat`: a picture, with the box between its corners."""

from tasks.core.label import Label
from tasks.core.label_entries import CvatExport
from tests.label_formats.examples.example import BOX, SIZE, Example

EXAMPLE = Example(
    CvatExport("cvat", "annotations.xml", annotator="ann"),
    {
        "annotations.xml": '<annotations><image id="0" name="a.jpg" width="640" height="480">'
        '<box label="cat" source="manual" occluded="0" xtl="64.00" ytl="48.00" xbr="384.00" ybr="288.00" '
        'z_order="0"></box></image></annotations>'
    },
    (
        Label(
            "image 1/1",
            "a.jpg",
            "detection",
            "annotations.xml#image 1/1",
            "cat",
            annotator="ann",
            attributes={"occluded": "0", "z_order": "0", "source": "manual"},
            **BOX,
            **SIZE,
        ),
    ),
    spatial=True,
)
