"""The example of `transcript`: running text whose lines break anywhere; none of it has a time."""

from tasks.core.label import Label
from tasks.core.label_entries import TranscriptExport
from tests.label_formats.examples.example import Example

EXAMPLE = Example(
    TranscriptExport("transcript", "talk.txt", annotator="ann"),
    {"talk.txt": "A greeting\n\nHello\nworld! And\ngood  bye.\n"},
    (
        Label("1", "talk", "transcript", "talk.txt:1", text="A greeting", annotator="ann"),
        Label("3", "talk", "transcript", "talk.txt:3", text="Hello world!", annotator="ann"),
        Label("4", "talk", "transcript", "talk.txt:4", text="And good bye.", annotator="ann"),
    ),
)
