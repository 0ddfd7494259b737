"""The example of `kaldi`: a recording that only a command could read."""

from typing import Any

from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tests.label_formats.examples.example import SECOND_SPAN, SPAN, Example

SAID: dict[str, Any] = {"media": "talk", "task": "transcript", "label": "ann"}

EXAMPLE = Example(
    TimedExport("kaldi", "data"),
    {
        "data/wav.scp": "talk touch run |\n",
        "data/segments": "u1 talk 1.25 2.5\nu2 talk 3.00 4.50\n",
        "data/text": "u1 Hello\nu2 world\n",
        "data/utt2spk": "u1 ann\nu2 ann\n",
        "data/spk2gender": "ann f\n",
    },
    (
        Label(
            "u1",
            origin="data/segments:1",
            text="Hello",
            attributes={"gender": "f", "wav_scp": "command"},
            **SAID,
            **SPAN,
        ),
        Label(
            "u2",
            origin="data/segments:2",
            text="world",
            attributes={"gender": "f", "wav_scp": "command"},
            **SAID,
            **SECOND_SPAN,
        ),
    ),
    timed=True,
)
