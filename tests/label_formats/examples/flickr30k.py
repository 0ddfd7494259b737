"""The example of `flickr30k`."""

from tasks.core.label import Label
from tasks.core.label_entries import FlickrExport
from tests.label_formats.examples.example import Example

EXAMPLE = Example(
    FlickrExport("flickr30k", "results.token"),
    {"results.token": "a.jpg#0\tA cat sleeps .\na.jpg#1\tAn animal .\n"},
    (
        Label("a.jpg#0", "a.jpg", "caption", "results.token:1", text="A cat sleeps ."),
        Label("a.jpg#1", "a.jpg", "caption", "results.token:2", text="An animal ."),
    ),
)
