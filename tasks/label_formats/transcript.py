"""What was said, as plain text without times: one label per sentence, line or paragraph (`split`).

The text is UTF-8, or UTF-16 where its byte order mark says so, or Windows-1252 where the entry says so; runs
of blanks and ends of lines become one blank. Blank lines part paragraphs and are no labels. Where sentences
end is told in `reading/sentences.py`. Native ids are the line on which a label begins; the second that begins
on line 7 is `7/2`. A line that is not of the encoding is a fault and parts paragraphs. A label that is too
long, or that has lost a character (U+FFFD), is a fault too. A label has no times: `texts` of the batch file
gives it those of the cues that say the same. Memory holds a paragraph.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TranscriptExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.sentences import sentence_spans
from tasks.label_formats.reading.text_lines import TextLine, read_text_lines
from tasks.label_formats.reading.timed_files import UTF16_MARKS, TimedFile, read_lines, read_timed_files

LONGEST_LABEL = 20_000
_ENCODINGS = {"utf-8": "utf-8", "windows-1252": "cp1252"}


@dataclass(frozen=True)
class _Piece:
    """What becomes a label, the line on which it begins, and which one of that line it is, from 1."""

    line: int
    place: int
    text: str


def read(batch: Batch, entry: TranscriptExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per piece of the text, in its order."""
    yield from read_timed_files(batch, entry, (".txt",), lambda file: _read_file(file, entry))


def _read_file(file: TimedFile, entry: TranscriptExport) -> Iterator[Label | LabelFault]:
    paragraph: list[TextLine] = []
    number = 0
    for line in _lines(file, entry):
        follows = entry.split != "lines" and line.number == number + 1
        if paragraph and not (follows and line.text is not None):
            yield from _labels(file, entry, paragraph)
            paragraph = []
        number = line.number
        if line.text is None:
            advice = "convert the file to UTF-8, or say which `encoding` it has"
            detail = f"expected {entry.encoding} text, this line is none; {advice}"
            yield LabelFault(f"{file.prefix}{number}", f"{file.name}:{number}", Reason.WRONG_ENCODING, detail)
        else:
            paragraph.append(line)
    yield from _labels(file, entry, paragraph)
    if not number:
        raise LabelFormatError(file.path, None, "expected what was said, the file has no text in it")


def _lines(file: TimedFile, entry: TranscriptExport) -> Iterator[TextLine]:
    """The lines that are not blank."""
    if file.path.is_file():
        with file.path.open("rb") as opened:
            is_wide = opened.read(2) in UTF16_MARKS
        if is_wide:
            numbered = enumerate(read_lines(file.path), 1)
            return (TextLine(number, line) for number, line in numbered if line.strip())
    return read_text_lines(file.path, _ENCODINGS[entry.encoding])


def _labels(
    file: TimedFile, entry: TranscriptExport, paragraph: list[TextLine]
) -> Iterator[Label | LabelFault]:
    for piece in _numbered(_pieces(entry, paragraph)):
        own = f"{piece.line}/{piece.place}" if piece.place > 1 else f"{piece.line}"
        native_id, origin = f"{file.prefix}{own}", f"{file.name}:{piece.line}"
        fault = _fault_of(piece.text, entry.split)
        if fault:
            yield LabelFault(native_id, origin, *fault)
        else:
            yield Label(native_id, file.media, entry.task, origin, text=piece.text, annotator=entry.annotator)


def _pieces(entry: TranscriptExport, paragraph: list[TextLine]) -> Iterator[tuple[int, str]]:
    """Each piece of the paragraph with the line on which it begins."""
    texts = [line.text or "" for line in paragraph]
    text = "\n".join(texts)
    begins = [0, *accumulate(len(one) + 1 for one in texts)]
    whole = entry.split != "sentences"
    spans = [(0, len(text))] if whole else sentence_spans(text, frozenset(entry.abbreviations))
    for begin, stop in spans if paragraph else ():
        row = bisect_right(begins, begin) - 1
        yield paragraph[row].number, " ".join(text[begin:stop].split())


def _numbered(pieces: Iterable[tuple[int, str]]) -> Iterator[_Piece]:
    last, place = 0, 0
    for line, text in pieces:
        place = place + 1 if line == last else 1
        last = line
        yield _Piece(line, place, text)


def _fault_of(text: str, split: str) -> tuple[Reason, str] | None:
    if len(text) > LONGEST_LABEL:
        detail = (
            f"expected at most {LONGEST_LABEL} characters, got {len(text)}: `split: {split}` does not fit"
        )
        return Reason.MALFORMED, f"{detail} this text"
    if "\N{REPLACEMENT CHARACTER}" in text:
        return Reason.WRONG_ENCODING, "a character was lost before it came here (U+FFFD)"
    return None


TRANSCRIPT = LabelFormat("transcript", TranscriptExport, read)
