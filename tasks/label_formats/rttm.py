"""RTTM (NIST's Rich Transcription Time Marked files, RT-09 plan, appendix A): one label per line with a time.

Fields: type file channel start duration orthography subtype speaker confidence [lookahead]; `<NA>` is none.
Times are seconds from the start of the recording; an object without a duration is a moment. The file names
its recordings, unless the entry has `item`. A LEXEME is a transcript of what its speaker said, all else an
event: `label` is the speaker of SPEAKER and SEGMENT, else the subtype or the type. What SPKR-INFO says of a
speaker becomes `speaker_type` of his labels below it. Comments (`;;`) and SPKR-INFO have no time and are no
labels; a confidence that is not from 0 to 1 is the attribute `score`; a type that is not NIST's is a fault.
Native ids are lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.timed_files import TimedFile, parse_confidence, read_lines, read_timed_files

_NOTHING = "<NA>"
_SPOKEN = frozenset({"LEXEME", "SEGMENT", "SPEAKER"})
_OTHERS = "A/P CB EDIT FILLER IP NO_RT_METADATA NON-LEX NON-SPEECH NOSCORE SPKR-INFO SU"
_TYPES = _SPOKEN | set(_OTHERS.split())
_FIELDS = (9, 10)
_REMEMBERED = 4096


@dataclass(frozen=True)
class _Lines:
    """The lines of one file: what speakers are known to be, and attributes that were made before."""

    file: TimedFile
    entry: TimedExport
    speaker_types: dict[tuple[str, str], str] = field(default_factory=dict)
    attributes: dict[tuple[str | None, ...], dict[str, str]] = field(default_factory=dict)

    def attributes_of(self, fields: list[str]) -> dict[str, str]:
        """The attributes of a line; lines that differ only in their times share them."""
        kind, recording, channel, _, _, _, subtype, speaker, _, *rest = fields
        key = (kind, channel, subtype, speaker, self.speaker_types.get((recording, speaker)), *rest)
        if key not in self.attributes:
            if len(self.attributes) >= _REMEMBERED:
                self.attributes.clear()
            names = ("type", "channel", "subtype", "speaker", "speaker_type", "lookahead")
            named = zip(names, key, strict=False)
            self.attributes[key] = {name: value for name, value in named if value and value != _NOTHING}
        return self.attributes[key]


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per line that is neither blank, a comment nor SPKR-INFO."""
    yield from read_timed_files(batch, entry, (".rttm",), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    lines = _Lines(file, entry)
    for number, line in enumerate(read_lines(file.path), 1):
        fields = line.split()
        if not fields or fields[0].startswith(";;"):
            continue
        if fields[0] == "SPKR-INFO" and len(fields) in _FIELDS:
            lines.speaker_types[fields[1], fields[7]] = fields[6]
            continue
        yield _to_label_or_fault(lines, number, fields)


def _to_label_or_fault(lines: _Lines, number: int, fields: list[str]) -> Label | LabelFault:
    native_id, origin = f"{lines.file.prefix}{number}", f"{lines.file.name}:{number}"
    if fields[0] not in _TYPES:
        return LabelFault(native_id, origin, Reason.UNSUPPORTED_LABEL, f"RTTM has no type '{fields[0][:40]}'")
    if len(fields) not in _FIELDS:
        detail = f"expected 9 or 10 fields, got {len(fields)}"
        return LabelFault(native_id, origin, Reason.MALFORMED, detail)
    try:
        return _to_label(lines, native_id, origin, fields)
    except ValueError as error:
        return LabelFault(native_id, origin, Reason.MALFORMED, str(error))


def _to_label(lines: _Lines, native_id: str, origin: str, fields: list[str]) -> Label:
    kind, recording, _, start, duration, text, subtype, speaker, confidence, *_ = fields
    start_ns = seconds_to_ns(start)
    said = speaker if kind in _SPOKEN else subtype
    label = None if kind == "LEXEME" else kind
    sure, score = (None, {}) if confidence == _NOTHING else parse_confidence(confidence)
    return Label(
        native_id=native_id,
        media=lines.entry.item or recording,
        task=lines.entry.task or ("transcript" if kind == "LEXEME" else "event"),
        origin=origin,
        label=label if said == _NOTHING else said,
        text=None if text == _NOTHING else text,
        clock=lines.entry.clock,
        start_ns=start_ns,
        end_ns=start_ns if duration == _NOTHING else start_ns + seconds_to_ns(duration),
        confidence=sure,
        annotator=lines.entry.annotator,
        attributes=lines.attributes_of(fields) | score,
    )


RTTM = LabelFormat("rttm", TimedExport, read)
