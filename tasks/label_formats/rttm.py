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
from dataclasses import dataclass, field, replace

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.nist_lines import NistLine, read_nist_lines
from tasks.label_formats.reading.timed_files import parse_confidence, read_timed_files

_NOTHING = "<NA>"
_SPOKEN = frozenset({"LEXEME", "SEGMENT", "SPEAKER"})
_OTHERS = "A/P CB EDIT FILLER IP NO_RT_METADATA NON-LEX NON-SPEECH NOSCORE SPKR-INFO SU"
_TYPES = _SPOKEN | set(_OTHERS.split())
_FIELDS = (9, 10)
_REMEMBERED = 4096


@dataclass(frozen=True)
class _RttmReader:
    """Reads one file; what its speakers are known to be, and attributes that were made before."""

    entry: TimedExport
    speaker_types: dict[tuple[str, str], str] = field(default_factory=dict)
    attributes: dict[tuple[str | None, ...], dict[str, str]] = field(default_factory=dict)

    def to_label(self, line: NistLine) -> Label | None:
        """The line's label; None for what is said of a speaker."""
        fields = line.fields
        if fields[0] not in _TYPES:
            raise FaultError(Reason.UNSUPPORTED_LABEL, f"RTTM has no type '{fields[0][:40]}'")
        if len(fields) not in _FIELDS:
            raise ValueError(f"expected 9 or 10 fields, got {len(fields)}")
        if fields[0] == "SPKR-INFO":
            self.speaker_types[fields[1], fields[7]] = fields[6]
            return None
        return _to_label(self, line)

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
    yield from read_timed_files(
        batch,
        entry,
        (".rttm",),
        lambda file: read_nist_lines(file, _RttmReader(replace(entry, item=file.item)).to_label),
    )


def _to_label(reader: _RttmReader, line: NistLine) -> Label:
    kind, recording, _, start, duration, text, subtype, speaker, confidence, *_ = line.fields
    start_ns = seconds_to_ns(start)
    said = speaker if kind in _SPOKEN else subtype
    label = None if kind == "LEXEME" else kind
    sure, score = (None, {}) if confidence == _NOTHING else parse_confidence(confidence)
    return Label(
        native_id=line.native_id,
        media=reader.entry.item or recording,
        task=reader.entry.task or ("transcript" if kind == "LEXEME" else "event"),
        origin=line.origin,
        label=label if said == _NOTHING else said,
        text=None if text == _NOTHING else text,
        clock=reader.entry.clock,
        start_ns=start_ns,
        end_ns=start_ns if duration == _NOTHING else start_ns + seconds_to_ns(duration),
        confidence=sure,
        annotator=reader.entry.annotator,
        attributes=reader.attributes_of(line.fields) | score,
    )


RTTM = LabelFormat("rttm", TimedExport, read)
