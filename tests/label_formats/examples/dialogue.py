"""The example of `dialogue`."""

from typing import Any

from tasks.core.label import ItemName, Label
from tasks.core.label_entries import DialogueExport
from tests.label_formats.examples.example import Example

HEADER = (
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime"
)
SHARED: dict[str, Any] = {
    "media": "dia4_utt3.mp4",
    "origin": "meld.csv:2",
    "attributes": {
        "dialogue": "4",
        "utterance": "3",
        "speaker": "Mark",
        "season": "3",
        "episode": "19",
        "episode_start": "00:14:38,127",
        "episode_end": "00:14:40,378",
    },
}

EXAMPLE = Example(
    DialogueExport("dialogue", "meld.csv"),
    {"meld.csv": f'{HEADER}\n1,He\x92s here,Mark,joy,positive,4,3,3,19,"00:14:38,127","00:14:40,378"\n'},
    (
        Label("4/3/transcript", task="transcript", text="He\N{RIGHT SINGLE QUOTATION MARK}s here", **SHARED),
        Label("4/3/emotion", task="classification", label="joy", question="emotion", **SHARED),
        Label("4/3/sentiment", task="sentiment", label="positive", **SHARED),
    ),
    (ItemName("clips/dia4_utt3.mp4", "video"),),
)
