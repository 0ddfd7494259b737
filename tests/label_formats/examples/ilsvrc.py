"""The example of `ilsvrc`."""

from typing import Any

from tasks.core.label import ItemName, Label
from tasks.core.label_entries import IlsvrcExport
from tests.label_formats.examples.example import BOX, Example

SHARED: dict[str, Any] = {
    "media": "n02123045_1.JPEG",
    "origin": "boxes.csv:2",
    "label": "cat",
    "annotator": "ann",
    "attributes": {"wnid": "n02123045"},
}

EXAMPLE = Example(
    IlsvrcExport("ilsvrc", "boxes.csv", "ann", "words.txt", words=True),
    {
        "boxes.csv": "ImageId,PredictionString\nn02123045_1,n02123045 64 48 383 287 \n",
        "words.txt": "n02123045 cat\n",
    },
    (
        Label("n02123045_1/1", task="detection", **SHARED, **BOX),
        Label("n02123045_1", task="classification", **SHARED),
    ),
    (ItemName("train/n02123045_1.JPEG", "image", 640, 480),),
    spatial=True,
)
