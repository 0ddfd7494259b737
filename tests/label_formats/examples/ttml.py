"""The example of `ttml`: frames, a hundred a second, and times relative to their div."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TtmlExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "transcript"}

EXAMPLE = Example(
    TtmlExport("ttml", "talk.ttml"),
    {
        "talk.ttml": '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
        ' ttp:frameRate="100"><body begin="1s"><div><p begin="00:00:00:25" dur="1.25s"> Hello\n</p>'
        '<p xml:id="b" begin="2000ms" end="350f">world</p></div></body></tt>\n'
    },
    (
        Label("1", origin="talk.ttml:p1", text="Hello", **SAID, **SPAN),
        Label("2", origin="talk.ttml:p2", text="world", attributes={"id": "b"}, **SAID, **SECOND_SPAN),
    ),
    timed=True,
)
