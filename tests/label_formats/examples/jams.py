"""The example of `jams`."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "event", "annotator": "ann", "confidence": 1.0}

EXAMPLE = Example(
    TimedExport("jams", "talk.jams"),
    {
        "talk.jams": {
            "annotations": [
                {
                    "namespace": "scaper",
                    "annotation_metadata": {"annotator": {"name": "ann"}},
                    "data": [
                        {
                            "time": 1.25,
                            "duration": 1.25,
                            "value": {"label": "Hello", "snr": 5},
                            "confidence": 1.0,
                        },
                        {"time": 3, "duration": 1.5, "value": "world", "confidence": 1},
                    ],
                }
            ],
            "file_metadata": {"duration": 10.0},
        }
    },
    (
        Label(
            "1/1",
            origin="talk.jams:1/1",
            label="Hello",
            attributes={"namespace": "scaper", "snr": "5"},
            **SAID,
            **SPAN,
        ),
        Label(
            "1/2",
            origin="talk.jams:1/2",
            label="world",
            attributes={"namespace": "scaper"},
            **SAID,
            **SECOND_SPAN,
        ),
    ),
    timed=True,
)
