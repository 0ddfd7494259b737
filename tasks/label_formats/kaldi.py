"""Kaldi data folders (kaldi-asr.org, "Data preparation"): one label per utterance, whose id is its native id.

`segments` has the utterance's recording, start and end (and sometimes channel), in seconds from the start of
the recording; an end of -1 is the end of the recording. Without that file an utterance is a whole recording.
`text` has the transcript, `utt2spk` the speaker, who is the `label`, `spk2gender` his gender. The media are
the paths of wav.scp. Its shell commands are never run: there the media is what the recording's id names, and
`wav_scp: command` says so. A text without a segment is a fault, a segment without a text a label.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.kaldi_folder import (
    TO_THE_END,
    Entry,
    Recording,
    read_entries,
    read_mapping,
    read_recordings,
    refuse_strange_folder,
)
from tasks.label_formats.reading.timed_files import CLASS_TASKS


@dataclass(frozen=True)
class _Folder:
    """One data folder, but for its texts and segments."""

    name: str
    entry: TimedExport
    items: tuple[ItemName, ...]
    recordings: dict[str, Recording]
    speakers: dict[str, str]
    genders: dict[str, str]
    attributes: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per utterance: first those with a text in the order of `text`, then the others."""
    place = batch.path(entry.path)
    refuse_strange_folder(place)
    if entry.item:
        raise LabelFormatError(place, None, "expected no `item`: a Kaldi folder names its recordings")
    folder = _Folder(
        delivered_name(batch, entry.path),
        entry,
        items,
        read_recordings(place),
        read_mapping(place, "utt2spk"),
        read_mapping(place, "spk2gender"),
    )
    yield from _read_utterances(folder, place)


def _read_utterances(folder: _Folder, place: Path) -> Iterator[Label | LabelFault]:
    segmented = (place / "segments").exists()
    segments: dict[str, Entry] = {}
    for segment in read_entries(place, "segments"):
        if segment.key in segments:
            origin = f"{folder.name}/segments:{segment.line}"
            yield LabelFault(segment.key, origin, Reason.REPEATED, f"'{segment.key}' has a segment above")
        segments.setdefault(segment.key, segment)
    for text in read_entries(place, "text"):
        if not segmented:
            yield _to_label(folder, text.key, text.line, text.rest)
        elif text.key in segments:
            yield _to_timed(folder, segments.pop(text.key), text.rest)
        else:
            origin = f"{folder.name}/text:{text.line}"
            yield LabelFault(text.key, origin, Reason.LABEL_NOT_FOUND, f"'{text.key}' is not in segments")
    for segment in segments.values():
        yield _to_timed(folder, segment, "")


def _to_label(folder: _Folder, utterance: str, line: int, text: str) -> Label:
    """The label of an utterance that is a whole recording."""
    label, said = _said(folder, utterance, text)
    return Label(
        native_id=utterance,
        media=_recording_of(folder, utterance).media,
        task=folder.entry.task or "transcript",
        origin=f"{folder.name}/text:{line}",
        label=label,
        text=said,
        annotator=folder.entry.annotator,
        attributes=_attributes_of(folder, utterance, utterance),
    )


def _to_timed(folder: _Folder, segment: Entry, text: str) -> Label | LabelFault:
    origin = f"{folder.name}/segments:{segment.line}"
    fields = segment.rest.split()
    if len(fields) not in (3, 4):
        detail = f"expected recording, start, end and perhaps channel, got {segment.rest[:60]!r}"
        return LabelFault(segment.key, origin, Reason.MALFORMED, detail)
    media = _recording_of(folder, fields[0]).media
    try:
        start_ns = seconds_to_ns(fields[1])
        end_ns = _length_of(folder, media) if fields[2] == TO_THE_END else seconds_to_ns(fields[2])
    except ValueError as error:
        return LabelFault(segment.key, origin, Reason.MALFORMED, str(error))
    if end_ns is None:
        detail = "it ends with its recording, whose length is not known; write the end into segments"
        return LabelFault(segment.key, origin, Reason.NO_TIME, detail)
    label, said = _said(folder, segment.key, text)
    return Label(
        native_id=segment.key,
        media=media,
        task=folder.entry.task or "transcript",
        origin=origin,
        label=label,
        text=said,
        clock=folder.entry.clock,
        start_ns=start_ns,
        end_ns=end_ns,
        annotator=folder.entry.annotator,
        attributes=_attributes_of(folder, segment.key, fields[0], *fields[3:]),
    )


def _said(folder: _Folder, utterance: str, text: str) -> tuple[str | None, str | None]:
    """The label and the text of the utterance."""
    if folder.entry.task in CLASS_TASKS:
        return text or None, None
    return folder.speakers.get(utterance), text or None


def _recording_of(folder: _Folder, recording: str) -> Recording:
    return folder.recordings.get(recording) or Recording(recording, command=False)


def _attributes_of(folder: _Folder, utterance: str, recording: str, *channel: str) -> dict[str, str] | None:
    """What else is known of the utterance; utterances of one speaker in one recording share it."""
    speaker = folder.speakers.get(utterance, "")
    key = (speaker, recording, *channel)
    if key not in folder.attributes:
        known = {
            "channel": "".join(channel),
            "gender": folder.genders.get(speaker, ""),
            "wav_scp": "command" if _recording_of(folder, recording).command else "",
        }
        folder.attributes[key] = {name: value for name, value in known.items() if value}
    return folder.attributes[key] or None


def _length_of(folder: _Folder, media: str) -> int | None:
    """The duration of the one recording of that name; None where there is no such, or a clock."""
    name = PurePosixPath(media).stem
    lengths = [
        item.duration_ns
        for item in folder.items
        if item.modality in ("audio", "video")
        and (item.native_id == media or PurePosixPath(item.native_id).stem == name)
    ]
    return lengths[0] if len(lengths) == 1 and not folder.entry.clock else None


KALDI = LabelFormat("kaldi", TimedExport, read)
