"""The example of `yolo`: detection, the centre and the size as shares of the picture."""

from tasks.core.label import Label
from tasks.core.label_entries import YoloExport
from tests.label_formats.examples.example import BOX, Example

EXAMPLE = Example(
    YoloExport("yolo", "a.txt", "detection", annotator="ann"),
    {"a.txt": "1 0.35 0.35 0.5 0.5\n", "data.yaml": "names:\n  0: dog\n  1: cat\n"},
    (Label("1", "images/a.jpg", "detection", "a.txt:1", "cat", annotator="ann", **BOX),),
    spatial=True,
)
