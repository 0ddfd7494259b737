"""The example of `audacity`: one label with frequencies."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "transcript", "clock": "camera"}

EXAMPLE = Example(
    TimedExport("audacity", "talk.txt", clock="camera"),
    {"talk.txt": "1.250000\t2.500000\tHello\n\\\t80.5\t-1.000000\n3.000000\t4.500000\tworld\n"},
    (
        Label("1", origin="talk.txt:1", text="Hello", attributes={"low_hz": "80.5"}, **SAID, **SPAN),
        Label("3", origin="talk.txt:3", text="world", **SAID, **SECOND_SPAN),
    ),
    timed=True,
)
