"""The example of `elan`, whose times are milliseconds, and count from 0.25 s of the media."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {
    "media": "./talk.wav",
    "task": "transcript",
    "label": "words",
    "annotator": "ben",
    "attributes": {"participant": "ann"},
}

EXAMPLE = Example(
    TimedExport("elan", "talk.eaf"),
    {
        "talk.eaf": '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR'
        ' MEDIA_URL="file:///home/ann/talk.wav" RELATIVE_MEDIA_URL="./talk.wav" TIME_ORIGIN="250"/></HEADER>'
        '<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/><TIME_SLOT TIME_SLOT_ID="ts2"'
        ' TIME_VALUE="2250"/><TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="2750"/><TIME_SLOT TIME_SLOT_ID="ts4"'
        ' TIME_VALUE="4250"/></TIME_ORDER><TIER TIER_ID="words" LINGUISTIC_TYPE_REF="said" PARTICIPANT="ann"'
        ' ANNOTATOR="ben"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1"'
        ' TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>Hello</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>'
        '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">'
        "<ANNOTATION_VALUE>world</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"
        '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="said" TIME_ALIGNABLE="true"/></ANNOTATION_DOCUMENT>'
    },
    (
        Label("a1", origin="talk.eaf:a1", text="Hello", **SAID, **SPAN),
        Label("a2", origin="talk.eaf:a2", text="world", **SAID, **SECOND_SPAN),
    ),
    timed=True,
    resolution_ns=1_000_000,
)
