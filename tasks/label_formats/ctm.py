"""CTM (time marked conversations of NIST's SCTK, infmts): one transcript label per word.

Fields: recording channel start duration word [confidence [type [speaker]]]. Times are seconds from the start
of the recording; the file names its recordings, unless the entry has `item`. `label` is the speaker, where
there is one; a confidence that is not from 0 to 1 is the attribute `score`. Words between <ALT_BEGIN>, <ALT>
and <ALT_END> are alternatives of each other: `alternatives` is the number of such a group in the file,
`alternative` of the reading in it; the word `@` is none. Comments (`;;`) and the marks of alternatives have
no time and are no labels. Native ids are lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tasks.core.batch import Batch
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.nist_lines import NistLine, read_nist_lines
from tasks.label_formats.reading.timed_files import (
    NAMING_TASKS,
    parse_confidence,
    read_timed_files,
)

_ALTERNATIVES = frozenset({"<ALT_BEGIN>", "<ALT>", "<ALT_END>"})
_NO_WORD = "@"
_NO_NUMBER = "NA"


@dataclass
class _CtmReader:
    """Reads one file; where among its alternatives the last line stood: 0 is outside of them."""

    entry: TimedExport
    group: int = 0
    alternative: int = 0

    def to_label(self, line: NistLine) -> Label | None:
        """The line's label; None for a mark of alternatives."""
        if len(line.fields) > 4 and line.fields[4] in _ALTERNATIVES:
            self._turn(line.fields[4])
            return None
        return _to_label(self, line)

    def _turn(self, mark: str) -> None:
        """Go where the mark of alternatives leads."""
        if mark == "<ALT_BEGIN>":
            self.group += 1
        self.alternative = {"<ALT_BEGIN>": 1, "<ALT>": self.alternative + 1, "<ALT_END>": 0}[mark]


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per line that is neither blank, a comment nor a mark of alternatives."""
    yield from read_timed_files(
        batch,
        entry,
        (".ctm",),
        lambda file: read_nist_lines(file, _CtmReader(replace(entry, item=file.item)).to_label),
    )


def _to_label(reader: _CtmReader, line: NistLine) -> Label:
    fields = line.fields
    if not 5 <= len(fields) <= 8:
        raise ValueError(f"expected 5 to 8 fields, got {len(fields)}")
    recording, channel, start, duration, word, *rest = fields
    confidence, kind, speaker = (*rest, None, None, None)[:3]
    sure, score = (None, {}) if confidence in (None, _NO_NUMBER) else parse_confidence(confidence)
    attributes = {"channel": channel, **score}
    if kind:
        attributes["type"] = kind
    if reader.alternative:
        attributes |= {"alternatives": str(reader.group), "alternative": str(reader.alternative)}
    entry, start_ns = reader.entry, seconds_to_ns(start)
    said = None if word == _NO_WORD else word
    names = entry.task in NAMING_TASKS
    return Label(
        native_id=line.native_id,
        media=entry.item or recording,
        task=entry.task or "transcript",
        origin=line.origin,
        label=said if names else speaker,
        text=None if names else said,
        clock=entry.clock,
        start_ns=start_ns,
        end_ns=start_ns + seconds_to_ns(duration),
        confidence=sure,
        annotator=entry.annotator,
        attributes=attributes,
    )


CTM = LabelFormat("ctm", TimedExport, read)
