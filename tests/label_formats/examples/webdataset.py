"""The example of `webdataset`."""

from tasks.core.label import ItemName, Label
from tasks.core.label_entries import WebDatasetExport
from tests.collect.packing import tarred
from tests.label_formats.examples.example import Example

MEMBERS = {
    "0001.jpg": b"",
    "0001.cls": b"3",
    "0001.json": b'{"kind": "cat", "said": ["Hello", "world"]}',
    "0002.txt": b"Hello",
    "0002.cls": b"greeting\n",
}

EXAMPLE = Example(
    WebDatasetExport("webdataset", "shards.tar", "kind", "said", None, "ann"),
    {"shards.tar": tarred(MEMBERS)},
    (
        Label(
            "shards.tar/0001.cls",
            "shards.tar/0001.jpg",
            "classification",
            "shards.tar/0001.cls",
            "3",
            annotator="ann",
        ),
        Label(
            "shards.tar/0001.json:kind",
            "shards.tar/0001.jpg",
            "classification",
            "shards.tar/0001.json",
            "cat",
            annotator="ann",
        ),
        *(
            Label(
                f"shards.tar/0001.json:said#{number}",
                "shards.tar/0001.jpg",
                "caption",
                "shards.tar/0001.json",
                text=text,
                annotator="ann",
            )
            for number, text in enumerate(("Hello", "world"), 1)
        ),
        Label(
            "shards.tar/0002.cls",
            "shards.tar/0002.txt",
            "classification",
            "shards.tar/0002.cls",
            "greeting",
            annotator="ann",
        ),
    ),
    (
        ItemName("shards.tar/0001.jpg", "image", 640, 480),
        ItemName("shards.tar/0001.txt", "text"),
        ItemName("shards.tar/0002.txt", "text"),
    ),
)
