"""The example of `flickr8k`."""

from tasks.core.label import Label
from tasks.core.label_entries import FlickrExport
from tests.label_formats.examples.example import Example

EXAMPLE = Example(
    FlickrExport("flickr8k", "captions.csv", "ann"),
    {"captions.csv": 'image,caption\na.jpg,"A cat , asleep ."\na.jpg,An animal .\n'},
    (
        Label("a.jpg#0", "a.jpg", "caption", "captions.csv:2", text="A cat , asleep .", annotator="ann"),
        Label("a.jpg#1", "a.jpg", "caption", "captions.csv:3", text="An animal .", annotator="ann"),
    ),
)
