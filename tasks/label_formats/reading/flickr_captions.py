"""The captions of Flickr8k and Flickr30k, one a line, in the layouts that they are handed out in.

`1000092795.jpg#0<TAB>Two young guys ...`      Flickr8k.token.txt, results_20130124.token
`image,caption`                                a CSV with that header, a picture's captions in their order
`image_name| comment_number| comment`          a table with that header, parted by upright strokes

Source: the readme of Flickr8k_text and the files themselves. A caption's id is `<picture>#<number from 0>`.
Captions are as they were written, tokens apart by blanks, but for blanks around them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

from tasks.core.delimited import read_records
from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.rejects import Reason
from tasks.label_formats.reading.text_lines import TextLine, read_text_lines

_TOKEN = re.compile(r"([^\t]*\S)#([0-9]{1,9})[ \t]*\t(.*)")
_STROKES = re.compile(r"([^|]*\S)\s*\|\s*([0-9]{1,9})\s*\|(.*)")
_STROKES_HEADER = re.compile(r"image_name\s*\|\s*comment_number\s*\|\s*comment\s*")
_CSV_HEADER = ("image,caption", "image,caption_text", "image_name,caption")

_Parsed = tuple[str, str, str]


def read_captions(path: Path, name: str, annotator: str | None) -> Iterator[Label | LabelFault]:
    """A label or a fault per line; LabelFormatError when the first is none of the layouts'."""
    lines = read_text_lines(path)
    first = next(lines, None)
    text = "" if first is None or first.text is None else first.text.strip()
    if text.lower() in _CSV_HEADER:
        outcomes = _csv_rows(path, name)
    elif _STROKES_HEADER.fullmatch(text):
        outcomes = _matched(lines, _STROKES, name)
    elif first is not None and _TOKEN.fullmatch(text):
        outcomes = _matched(chain([first], lines), _TOKEN, name)
    else:
        message = "expected `<picture>#<number><TAB><caption>`, or the header `image,caption`"
        raise LabelFormatError(path, 1, f"{message}, got {text[:40]!r}")
    yield from _to_labels(outcomes, name, annotator)


def _to_labels(
    outcomes: "Iterator[tuple[int, _Parsed] | LabelFault]", name: str, annotator: str | None
) -> Iterator[Label | LabelFault]:
    for outcome in outcomes:
        if isinstance(outcome, LabelFault):
            yield outcome
            continue
        number, (picture, position, caption) = outcome
        origin = f"{name}:{number}"
        if not caption.strip():
            yield LabelFault(f"{number}", origin, Reason.MALFORMED, "there is no caption")
            continue
        native_id = f"{picture}#{position}"
        yield Label(native_id, picture, "caption", origin, text=caption.strip(), annotator=annotator)


def _matched(
    lines: Iterator[TextLine], layout: re.Pattern[str], name: str
) -> "Iterator[tuple[int, _Parsed] | LabelFault]":
    for line in lines:
        origin = f"{name}:{line.number}"
        if line.text is None:
            yield LabelFault(f"{line.number}", origin, Reason.WRONG_ENCODING, "expected UTF-8 text")
            continue
        found = layout.fullmatch(line.text)
        if found is None:
            detail = f"expected a picture, a number and a caption, got {line.text[:60]!r}"
            yield LabelFault(f"{line.number}", origin, Reason.MALFORMED, detail)
        else:
            yield line.number, (found[1].strip(), f"{int(found[2])}", found[3])


def _csv_rows(path: Path, name: str) -> "Iterator[tuple[int, _Parsed] | LabelFault]":
    counts: Counter[str] = Counter()
    try:
        for record in islice(read_records(path, ",", None), 1, None):
            if record.fault or len(record.cells) != 2 or not record.cells[0].strip():
                detail = record.fault or f"expected a picture and a caption, got {len(record.cells)} cells"
                yield LabelFault(f"{record.line}", f"{name}:{record.line}", Reason.MALFORMED, detail)
                continue
            picture = record.cells[0].strip()
            yield record.line, (picture, f"{counts[picture]}", record.cells[1])
            counts[picture] += 1
    except UnicodeDecodeError as error:
        raise LabelFormatError(path, None, f"expected UTF-8 text, byte {error.start} is none") from error


Judge = Callable[[list[str], str, str], Iterator[Label]]


def read_judgements(path: Path, name: str, columns: int, judge: Judge) -> Iterator[Label | LabelFault]:
    """What `judge` makes of the cells of each line, its number and its origin; a fault where it cannot."""
    for line in read_text_lines(path):
        origin, own_id = f"{name}:{line.number}", f"{name}:{line.number}"
        cells = [cell.strip() for cell in (line.text or "").split("\t")]
        if line.text is None:
            yield LabelFault(own_id, origin, Reason.WRONG_ENCODING, "expected UTF-8 text")
            continue
        if len(cells) != columns or not all(cells) or "#" not in cells[1]:
            detail = f"expected {columns} cells, the second a caption's id, got {line.text[:60]!r}"
            yield LabelFault(own_id, origin, Reason.MALFORMED, detail)
            continue
        try:
            yield from list(judge(cells, own_id, origin))
        except ValueError as error:
            yield LabelFault(own_id, origin, Reason.MALFORMED, str(error))
