"""The example of `imagenet`."""

from tasks.core.label import ItemName, Label
from tasks.core.label_entries import ClassFolders
from tests.label_formats.examples.example import Example

EXAMPLE = Example(
    ClassFolders("imagenet", "images", "ann"),
    {},
    (Label("cat/a.jpg", "images/cat/a.jpg", "classification", "images/cat/a.jpg", "cat", annotator="ann"),),
    (ItemName("images/cat/a.jpg", "image", 640, 480),),
)
