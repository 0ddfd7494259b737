r"""Utterances of dialogues in the rows of a CSV file, as MELD has them: words, emotion and sentiment.

An utterance is a transcript, a classification whose question is `emotion`, and a sentiment, each about the
media file that `media` names, and each with its speaker and place in the dialogue as attributes. MELD's times
are the episode's (`00:14:38,127`, hours:minutes:seconds,milliseconds) while its clips are cut, an utterance
each: a label is about the whole clip and has no times, and the episode's are the attributes `episode_start`
and `episode_end` as written. With `timed` the media are whole episodes, and the times count from their start.
Text that was written as Windows-1252 and saved as something else is put right by one rule: the control
characters U+0080 to U+009F, which no text has, are the characters of those bytes (MELD's \x92 is an
apostrophe). A character that is already lost (U+FFFD) is a fault.
Source: MELD's README and train_sent_emo.csv.
"""

import re
from collections.abc import Iterator
from typing import Any

from tasks.core.batch import Batch
from tasks.core.delimited import Record, read_records
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import MEDIA_PLACEHOLDERS, DialogueExport
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.times import parse_clock_time_ns
from tasks.label_formats.reading.fault_error import FaultError, reason_of

_REQUIRED = ("dialogue", "utterance", "text", "speaker", "emotion", "sentiment")
_COLUMN_FIELDS = (*_REQUIRED, "season", "episode", "start", "end")
_ENCODINGS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}
_CONTROLS = re.compile("[\x80-\x9f]")

Cells = dict[str, str]


def read(batch: Batch, entry: DialogueExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """The labels or a fault of each row, in the order of the file."""
    path, name = batch.path(entry.path), delivered_name(batch, entry.path)
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one CSV file")
    records = read_records(path, ",", None, _ENCODINGS[entry.encoding])
    try:
        header = next(records, None)
        columns = _columns(batch, entry, header)
        width = len(header.cells) if header else 0
        for record in records:
            yield from _read_row(record, columns, width, (f"{name}:{record.line}", entry))
    except UnicodeDecodeError as error:
        message = f"expected {entry.encoding} text, byte {error.start} is none; say `encoding: windows-1252`"
        raise LabelFormatError(path, None, message) from error


def _columns(batch: Batch, entry: DialogueExport, header: Record | None) -> dict[str, int]:
    """Where each field stands; those of the episode may be missing where they are not needed."""
    cells = header.cells if header else []
    needed = {*_REQUIRED, *(("start", "end") if entry.timed else ())}
    needed |= {name for name in MEDIA_PLACEHOLDERS if f"{{{name}}}" in entry.media}
    columns: dict[str, int] = {}
    for name in _COLUMN_FIELDS:
        wanted = getattr(entry, name)
        if wanted in cells:
            columns[name] = cells.index(wanted)
        elif wanted is not None and name in needed:
            message = f"no column '{wanted}' ({name}); expected one of {cells}.{nearest_word(wanted, cells)}"
            raise LabelFormatError(batch.path(entry.path), 1, message)
    missing = {name for name in needed if name not in columns and getattr(entry, name) is None}
    if missing & {"start", "end", *MEDIA_PLACEHOLDERS}:
        raise LabelFormatError(batch.path(entry.path), 1, f"the columns of {sorted(missing)} are needed here")
    return columns


def _read_row(
    record: Record, columns: dict[str, int], width: int, about: tuple[str, DialogueExport]
) -> Iterator[Label | LabelFault]:
    origin, entry = about
    try:
        if record.fault or len(record.cells) != width:
            raise ValueError(record.fault or f"expected {width} cells, got {len(record.cells)}")
        cells = {name: _mended(record.cells[at]).strip() for name, at in columns.items()}
        yield from _to_labels(cells, origin, entry)
    except ValueError as error:
        yield LabelFault(f"{record.line}", origin, reason_of(error), str(error))


def _mended(text: str) -> str:
    if "\N{REPLACEMENT CHARACTER}" in text:
        raise FaultError(Reason.WRONG_ENCODING, "a character was lost before it came here (U+FFFD)")
    try:
        return _CONTROLS.sub(lambda control: control[0].encode("latin-1").decode("cp1252"), text)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        detail = f"the control character U+{byte:04X} is no character of Windows-1252"
        raise FaultError(Reason.WRONG_ENCODING, detail) from error


def _to_labels(cells: Cells, origin: str, entry: DialogueExport) -> list[Label]:
    if not cells["dialogue"] or not cells["utterance"]:
        raise ValueError("the row does not say which dialogue and which utterance it is")
    own_id = f"{cells['dialogue']}/{cells['utterance']}"
    said: tuple[tuple[str, dict[str, Any]], ...] = (
        ("transcript", {"text": cells.get("text")}),
        ("emotion", {"label": cells.get("emotion"), "question": "emotion"}),
        ("sentiment", {"label": cells.get("sentiment")}),
    )
    shared: dict[str, Any] = {
        **{"media": _media(cells, entry), "origin": origin, "annotator": entry.annotator},
        **{"attributes": _attributes(cells, entry), **_times(cells, entry)},
    }
    labels = [
        Label(f"{own_id}/{name}", task="classification" if name == "emotion" else name, **fields, **shared)
        for name, fields in said
        if fields.get("text") or fields.get("label")
    ]
    if not labels:
        raise ValueError("the row says nothing: no text, no emotion, no sentiment")
    return labels


def _media(cells: Cells, entry: DialogueExport) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: cells[name[1]], entry.media)


def _attributes(cells: Cells, entry: DialogueExport) -> dict[str, str] | None:
    named = {name: cells.get(name, "") for name in ("dialogue", "utterance", "speaker", "season", "episode")}
    if not entry.timed:
        named |= {f"episode_{name}": cells.get(name, "") for name in ("start", "end")}
    return {name: value for name, value in named.items() if value}


def _times(cells: Cells, entry: DialogueExport) -> dict[str, int]:
    if not entry.timed:
        return {}
    return {f"{name}_ns": parse_clock_time_ns(cells[name]) for name in ("start", "end")}


DIALOGUE = LabelFormat("dialogue", DialogueExport, read)
