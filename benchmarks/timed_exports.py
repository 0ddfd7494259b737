"""Timed exports of any size, in every timed format.

Each of WRITERS writes n segments of 0.4 s, one every 0.5 s, about `talk.wav` to a path whose name SUFFIXES
completes; OPTIONS are what batch.yaml has to say of one. A row of a dialogue is three labels, and n of them
are written.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

_STEP_MS, _LENGTH_MS = 500, 400


def _segments(count: int) -> Iterator[tuple[int, int, str]]:
    """Start and end in ms, and what is said."""
    for number in range(count):
        yield number * _STEP_MS, number * _STEP_MS + _LENGTH_MS, f"word{number % 100}"


def _clock(ms: int, separator: str = ".") -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{separator}{ms % 1000:03d}"


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def write_ass(path: Path, count: int) -> None:
    """Dialogues with a name and an override."""
    head = "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    fields = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    lines = (
        f"Dialogue: 0,{_clock(start)[1:-1]},{_clock(end)[1:-1]},Default,Ann,0,0,0,,{said} and {{\\i1}}more\n"
        for start, end, said in _segments(count)
    )
    path.write_text(head + fields + "".join(lines), encoding="utf-8")


def write_audacity(path: Path, count: int) -> None:
    """Regions without frequencies."""
    lines = (f"{_seconds(start)}000\t{_seconds(end)}000\t{said}\n" for start, end, said in _segments(count))
    path.write_text("".join(lines), encoding="utf-8")


def write_csd(path: Path, count: int) -> None:
    """Words of one video."""
    import h5py
    import numpy as np

    rows = list(_segments(count))
    with h5py.File(path, "w") as file:
        video = file.create_group("words/data/talk")
        video["intervals"] = np.array([row[:2] for row in rows], np.float64) / 1000
        video["features"] = np.array([[row[2].encode()] for row in rows])


def write_ctm(path: Path, count: int) -> None:
    """Words with confidences."""
    lines = (f"talk 1 {_seconds(start)} 0.400 {said} 0.95\n" for start, _, said in _segments(count))
    path.write_text("".join(lines), encoding="utf-8")


def write_dialogue(path: Path, count: int) -> None:
    """Utterances of one episode, with words, emotion and sentiment: a third as many rows."""
    head = "Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
    lines = (
        f'{said} and more,Ann,joy,positive,1,{start},1,1,"{_clock(start, ",")}","{_clock(end, ",")}"\n'
        for start, end, said in _segments(count // 3)
    )
    path.write_text(head + "".join(lines), encoding="utf-8")


def write_elan(path: Path, count: int) -> None:
    """Aligned annotations of one tier."""
    slots, annotations = [], []
    for number, (start, end, said) in enumerate(_segments(count)):
        slots += [
            f'<TIME_SLOT TIME_SLOT_ID="ts{number}{name}" TIME_VALUE="{at}"/>\n'
            for name, at in (("a", start), ("b", end))
        ]
        annotations.append(
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" TIME_SLOT_REF1="ts{number}a"'
            f' TIME_SLOT_REF2="ts{number}b"><ANNOTATION_VALUE>{said}</ANNOTATION_VALUE>'
            "</ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        )
    path.write_text(
        '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/>'
        f"<TIME_ORDER>{''.join(slots)}</TIME_ORDER>"
        f'<TIER TIER_ID="words" LINGUISTIC_TYPE_REF="said">{"".join(annotations)}</TIER>'
        '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="said" TIME_ALIGNABLE="true"/></ANNOTATION_DOCUMENT>',
        encoding="utf-8",
    )


def write_jams(path: Path, count: int) -> None:
    """Observations of one annotation."""
    data = [
        {"time": start / 1000, "duration": _LENGTH_MS / 1000, "value": said, "confidence": None}
        for start, _, said in _segments(count)
    ]
    annotation = {"namespace": "segment_open", "annotation_metadata": {}, "data": data}
    path.write_text(json.dumps({"annotations": [annotation], "file_metadata": {}}), encoding="utf-8")


def write_kaldi(path: Path, count: int) -> None:
    """A data folder of five speakers."""
    path.mkdir(parents=True, exist_ok=True)
    rows = list(enumerate(_segments(count)))
    files = {
        "segments": (f"u{n:09d} talk {_seconds(start)} {_seconds(end)}\n" for n, (start, end, _) in rows),
        "text": (f"u{n:09d} {said} and more\n" for n, (_, _, said) in rows),
        "utt2spk": (f"u{n:09d} speaker{n % 5}\n" for n, _ in rows),
    }
    for name, lines in files.items():
        (path / name).write_text("".join(lines), encoding="utf-8")


def write_rttm(path: Path, count: int) -> None:
    """Turns of five speakers."""
    lines = (
        f"SPEAKER talk 1 {_seconds(start)} 0.400 <NA> <NA> speaker{start // _STEP_MS % 5} <NA> <NA>\n"
        for start, _, _ in _segments(count)
    )
    path.write_text("".join(lines), encoding="utf-8")


def write_subtitles(path: Path, count: int) -> None:
    """SRT cues with a tag."""
    lines = (
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{said} and <i>more</i>\n\n"
        for number, (start, end, said) in enumerate(_segments(count), 1)
    )
    path.write_text("".join(lines), encoding="utf-8")


def write_table(path: Path, count: int) -> None:
    """Events of one recording."""
    lines = (f"talk.wav,{said},{_seconds(start)},{_seconds(end)}\n" for start, end, said in _segments(count))
    path.write_text("item,label,start,end\n" + "".join(lines), encoding="utf-8")


def write_textgrid(path: Path, count: int) -> None:
    """One tier of adjoining intervals, in the long form."""
    last = _seconds(count * _STEP_MS)
    intervals = (
        f"        intervals [{number}]:\n            xmin = {_seconds(start)}\n"
        f'            xmax = {_seconds(start + _STEP_MS)}\n            text = "{said}"\n'
        for number, (start, _, said) in enumerate(_segments(count), 1)
    )
    path.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
        f"xmin = 0\nxmax = {last}\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n"
        '        class = "IntervalTier"\n        name = "words"\n'
        f"        xmin = 0\n        xmax = {last}\n        intervals: size = {count}\n" + "".join(intervals),
        encoding="utf-8",
    )


def write_ttml(path: Path, count: int) -> None:
    """Paragraphs with clock times."""
    lines = (
        f'<p begin="{_clock(start)}" end="{_clock(end)}">{said} and more</p>\n'
        for start, end, said in _segments(count)
    )
    text = f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{"".join(lines)}</div></body></tt>'
    path.write_text(text, encoding="utf-8")


WRITERS: dict[str, Callable[[Path, int], None]] = {
    "ass": write_ass,
    "audacity": write_audacity,
    "csd": write_csd,
    "ctm": write_ctm,
    "dialogue": write_dialogue,
    "elan": write_elan,
    "jams": write_jams,
    "kaldi": write_kaldi,
    "rttm": write_rttm,
    "subtitles": write_subtitles,
    "table": write_table,
    "textgrid": write_textgrid,
    "ttml": write_ttml,
}
SUFFIXES = {
    "audacity": ".txt",
    "dialogue": ".csv",
    "table": ".csv",
    "elan": ".eaf",
    "kaldi": "",
    "subtitles": ".srt",
    "textgrid": ".TextGrid",
} | {name: f".{name}" for name in ("ass", "csd", "ctm", "jams", "rttm", "ttml")}
OPTIONS: dict[str, dict[str, object]] = {
    "dialogue": {"media": "talk.wav", "timed": True},
    "table": {"item": "item", "task": "event", "label": "label", "start": "start", "end": "end"},
}
