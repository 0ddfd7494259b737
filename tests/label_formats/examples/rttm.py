"""The example of `rttm`: two speakers, and what is known of one."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "event", "annotator": "ann"}

EXAMPLE = Example(
    TimedExport("rttm", "talk.rttm", annotator="ann"),
    {
        "talk.rttm": ";; two speakers\nSPKR-INFO talk 1 <NA> <NA> <NA> adult_female Hello <NA>\n"
        "SPEAKER talk 1 1.25 1.25 <NA> <NA> Hello 0.5 <NA>\nSPEAKER talk 1 3.000 1.500 <NA> <NA> world <NA>\n"
    },
    (
        Label(
            "3",
            origin="talk.rttm:3",
            label="Hello",
            confidence=0.5,
            attributes={
                "type": "SPEAKER",
                "channel": "1",
                "speaker": "Hello",
                "speaker_type": "adult_female",
            },
            **SAID,
            **SPAN,
        ),
        Label(
            "4",
            origin="talk.rttm:4",
            label="world",
            attributes={"type": "SPEAKER", "channel": "1", "speaker": "world"},
            **SAID,
            **SECOND_SPAN,
        ),
    ),
    timed=True,
)
