"""The example of `flickr30k_entities`."""

from tasks.core.label import Label
from tasks.core.label_entries import LabelExport
from tests.label_formats.examples.example import BOX, SIZE, Example

CORNERS = "<xmin>65</xmin><ymin>49</ymin><xmax>384</xmax><ymax>288</ymax>"

EXAMPLE = Example(
    LabelExport("flickr30k_entities", "fe"),
    {
        "fe/Sentences/a.txt": "[/EN#7/cat A cat] sleeps .\n",
        "fe/Annotations/a.xml": "<annotation><filename>a.jpg</filename>"
        "<size><width>640</width><height>480</height><depth>3</depth></size><object><name>7</name>"
        f"<bndbox>{CORNERS}</bndbox></object></annotation>",
    },
    (
        Label(
            "a#0/0",
            "a.jpg",
            "detection",
            "fe/Sentences/a.txt:1",
            "cat",
            "A cat",
            refers_to=["a#0"],
            attributes={"entity": "7"},
            **BOX,
            **SIZE,
        ),
        Label("a#0", "a.jpg", "caption", "fe/Sentences/a.txt:1", text="A cat sleeps .", **SIZE),
    ),
    spatial=True,
)
