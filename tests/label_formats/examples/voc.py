"""The example of `voc`: the first pixel is 1, and the last one is in the box."""

from tasks.core.label import Label
from tasks.core.label_entries import VocExport
from tests.label_formats.examples.example import BOX, SIZE, Example

EXAMPLE = Example(
    VocExport("voc", "a.xml", annotator="ann"),
    {
        "a.xml": "<annotation><folder>images</folder><filename>a.jpg</filename><size><width>640</width>"
        "<height>480</height></size><object><name>cat</name>"
        "<difficult>0</difficult><bndbox><xmin>65</xmin><ymin>49</ymin><xmax>384</xmax><ymax>288</ymax>"
        "</bndbox></object></annotation>"
    },
    (
        Label(
            "1",
            "images/a.jpg",
            "detection",
            "a.xml#1",
            "cat",
            annotator="ann",
            attributes={"difficult": "0"},
            **BOX,
            **SIZE,
        ),
    ),
    spatial=True,
)
