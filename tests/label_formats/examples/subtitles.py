"""The example of `subtitles`: SRT, whose times are milliseconds."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import SubtitlesExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "a.wav", "task": "transcript", "clock": "camera", "annotator": "ann"}

EXAMPLE = Example(
    SubtitlesExport("subtitles", "talk.srt", item="a.wav", clock="camera", annotator="ann"),
    {"talk.srt": "1\n00:00:01,250 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:04,500\nworld\n"},
    (
        Label("1", origin="talk.srt:2", text="Hello", **SAID, **SPAN),
        Label("2", origin="talk.srt:6", text="world", **SAID, **SECOND_SPAN),
    ),
    timed=True,
    resolution_ns=1_000_000,
)
