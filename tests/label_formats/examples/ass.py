"""The example of `ass`, whose times are centiseconds."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {
    "media": "talk",
    "task": "transcript",
    "label": "Ann",
    "attributes": {"style": "Default"},
}

EXAMPLE = Example(
    TimedExport("ass", "talk.ass"),
    {
        "talk.ass": "[Script Info]\nScriptType: v4.00+\nTimer: 100.0000\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.25,0:00:02.50,Default,Ann,0,0,0,,{\\i1}Hello{\\i0}\n"
        "Comment: 0,0:00:02.50,0:00:03.00,Default,Ann,0,0,0,,not yet\n"
        "Dialogue: 0,0:00:03.00,0:00:04.50,Default,Ann,0,0,0,,world\n"
    },
    (
        Label("1", origin="talk.ass:7", text="Hello", **SAID, **SPAN),
        Label("2", origin="talk.ass:9", text="world", **SAID, **SECOND_SPAN),
    ),
    timed=True,
    resolution_ns=10_000_000,
)
