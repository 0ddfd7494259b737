"""The example of `table`."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TableExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

HEARD: dict[str, Any] = {"media": "a.wav", "task": "event", "annotator": "ann", "confidence": 0.5}

EXAMPLE = Example(
    TableExport("table", "t.csv", "who", "event", "what", None, "from", "to", "by", "sure"),
    {"t.csv": "who,what,from,to,by,sure\na.wav,Hello,1.25,2.5,ann,0.5\na.wav,world,3,4.5,ann,0.5\n"},
    (
        Label("2", origin="t.csv:2", label="Hello", **HEARD, **SPAN),
        Label("3", origin="t.csv:3", label="world", **HEARD, **SECOND_SPAN),
    ),
    timed=True,
)
