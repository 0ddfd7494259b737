"""Praat TextGrid, long and short, UTF-8 and UTF-16: one label per interval or point that says something.

Praat's own rule is followed: only numbers, "texts" and <flags> that stand free count, the rest is comment, so
both forms are one. An interval without text is a gap between labels and no label. `label` is the tier's name.
Times are seconds, as Praat's: from the start of the recording, or whatever its `xmin` counts from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.timed_files import CLASS_TASKS, TimedFile, read_text, read_timed_files

_TOKEN = re.compile(
    r'(?P<text>"(?:[^"]|"")*")'
    r"|(?<!\S)(?P<number>[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)(?!\S)"
    r"|(?<!\S)(?P<flag><[^>\s]*>)(?!\S)"
    r"|(?P<comment>(?<!\S)![^\n]*)"
    r"|\S+"
)
# An interval as Praat itself writes it, long or short: nearly all are, and one match is quicker than a dozen.
_INTERVAL = re.compile(
    r"\s*(?:intervals \[[0-9]+\]:\s+xmin = )?([-+]?[0-9]+(?:\.[0-9]*)?)"
    r"\s+(?:xmax = )?([-+]?[0-9]+(?:\.[0-9]*)?)"
    r'\s+(?:text = )?"([^"]*(?:""[^"]*)*)"(?!\S)'
)
_MOST_DIGITS = 9
_INTERVALS, _POINTS = "IntervalTier", "TextTier"


@dataclass(frozen=True)
class _Tier:
    """One tier: its number from 1, its name, and whether it holds points or intervals."""

    number: int
    name: str
    points: bool


@dataclass(slots=True)
class _Span:
    """Where an entry of a tier stands, and its times as they are written."""

    native_id: str
    origin: str
    start: str
    end: str


class _Tokens:
    """The free-standing values of a file, taken in order; LabelFormatError when another kind is next."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._place = 0
        self.line = 1
        self._counted = 0

    def number(self, what: str) -> str:
        """The next value, a number, as it is written."""
        return self._take("number", what)

    def text(self, what: str) -> str:
        """The next value, a text, without its quotes."""
        return self._take("text", what)[1:-1].replace('""', '"')

    def flag(self, what: str) -> str:
        """The next value, a flag such as <exists>."""
        return self._take("flag", what)

    def count(self, what: str) -> int:
        """The next value, a number of things."""
        written = self.number(what)
        if not written.isdecimal() or len(written) > _MOST_DIGITS:
            raise LabelFormatError(self._path, self.line, f"expected {what}, got {written[:40]}")
        return int(written)

    def interval(self) -> tuple[list[str], int, str]:
        """The times of an interval, as they are written, their line, and its text."""
        match = _INTERVAL.match(self._text, self._place)
        if match is None:
            return self.point(2)
        self._count_lines(match.start(2))
        self._place = match.end()
        return [match[1], match[2]], self.line, match[3].replace('""', '"')

    def point(self, times: int = 1) -> tuple[list[str], int, str]:
        """The same of a point, or of what has more times."""
        written = [self.number("a time") for _ in range(times)]
        return written, self.line, self.text("the text of an entry")

    def _count_lines(self, place: int) -> None:
        self.line += self._text.count("\n", self._counted, place)
        self._counted = place

    def _take(self, kind: str, what: str) -> str:
        for match in _TOKEN.finditer(self._text, self._place):
            if match.lastgroup not in ("text", "number", "flag"):
                continue
            self._count_lines(match.start())
            self._place = match.end()
            if match.lastgroup == kind:
                return match[0]
            raise LabelFormatError(self._path, self.line, f"expected {what}, got {match[0][:40]}")
        raise LabelFormatError(self._path, None, f"the file ends where {what} is expected")


def read(batch: Batch, entry: TimedExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label per interval with text and per point, tier by tier in the order of the file."""
    yield from read_timed_files(batch, entry, (".textgrid",), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TimedExport) -> Iterator[Label | LabelFault]:
    tokens = _Tokens(file.path, read_text(file.path))
    if tokens.text("the file type") not in ("ooTextFile", "ooTextFile short"):
        raise LabelFormatError(file.path, 1, 'expected the file type "ooTextFile"; save it as a text file')
    if not tokens.text("the object class").startswith("TextGrid"):
        raise LabelFormatError(file.path, tokens.line, 'expected the object class "TextGrid"')
    tokens.number("the start of the file")
    tokens.number("the end of the file")
    if tokens.flag("<exists> or <absent>") == "<absent>":
        return
    for number in range(1, tokens.count("the number of tiers") + 1):
        yield from _read_tier(tokens, number, file, entry)


def _read_tier(
    tokens: _Tokens, number: int, file: TimedFile, entry: TimedExport
) -> Iterator[Label | LabelFault]:
    kind = tokens.text("the class of a tier")
    if kind not in (_INTERVALS, _POINTS):
        message = f'expected "{_INTERVALS}" or "{_POINTS}", got "{kind}"'
        raise LabelFormatError(file.path, tokens.line, message)
    tier = _Tier(number, tokens.text("the name of a tier").strip(), kind == _POINTS)
    tokens.number("the start of a tier")
    tokens.number("the end of a tier")
    for position in range(1, tokens.count("the number of entries of a tier") + 1):
        native_id = f"{file.prefix}{tier.number}/{position}"
        times, line, text = tokens.point() if tier.points else tokens.interval()
        if tier.points or text.strip():
            span = _Span(native_id, f"{file.name}:{line}", times[0], times[-1])
            yield _to_label(tier, span, text.strip(), (file.media, entry))


def _to_label(tier: _Tier, span: _Span, text: str, about: tuple[str, TimedExport]) -> Label | LabelFault:
    media, entry = about
    says_class = entry.task in CLASS_TASKS
    try:
        return Label(
            native_id=span.native_id,
            media=media,
            task=entry.task or ("event" if tier.points else "transcript"),
            origin=span.origin,
            label=text if says_class else tier.name,
            text=None if says_class else text or None,
            clock=entry.clock,
            start_ns=seconds_to_ns(span.start),
            end_ns=seconds_to_ns(span.end),
            annotator=entry.annotator,
        )
    except ValueError as error:
        return LabelFault(span.native_id, span.origin, Reason.MALFORMED, str(error))


TEXTGRID = LabelFormat("textgrid", TimedExport, read)
