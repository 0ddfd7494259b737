"""The example of `textgrid`: the short form."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "transcript", "label": "word"}

EXAMPLE = Example(
    TimedExport("textgrid", "talk.TextGrid"),
    {
        "talk.TextGrid": '"ooTextFile"\n"TextGrid"\n0\n10\n<exists>\n1\n"IntervalTier"\n"word"\n0\n10\n3\n'
        '1.25\n2.5\n"Hello"\n2.5\n3\n""\n3\n4.5\n"world"\n'
    },
    (
        Label("1/1", origin="talk.TextGrid:13", text="Hello", **SAID, **SPAN),
        Label("1/3", origin="talk.TextGrid:19", text="world", **SAID, **SECOND_SPAN),
    ),
    timed=True,
)
