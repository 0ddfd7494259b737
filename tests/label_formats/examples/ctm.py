"""The example of `ctm`."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "transcript"}

EXAMPLE = Example(
    TimedExport("ctm", "talk.ctm"),
    {"talk.ctm": ";; a comment\ntalk A 1.25 1.25 Hello 0.5\ntalk A 3.0 1.5 world NA lex ann\n"},
    (
        Label(
            "2",
            origin="talk.ctm:2",
            text="Hello",
            confidence=0.5,
            attributes={"channel": "A"},
            **SAID,
            **SPAN,
        ),
        Label(
            "3",
            origin="talk.ctm:3",
            label="ann",
            text="world",
            attributes={"channel": "A", "type": "lex"},
            **SAID,
            **SECOND_SPAN,
        ),
    ),
    timed=True,
)
