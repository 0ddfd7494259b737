"""A text file line by line: its numbers, its text, and which lines are not of the encoding.

reads   one file of UTF-8 (with or without a byte order mark), or of another encoding whose lines end with the
        byte LF, or CR LF
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.errors import LabelFormatError

LARGEST_BYTES = 1_000_000_000
LONGEST_LINE = 1_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line that is not blank, by its number from 1; without text it is not of the encoding."""

    number: int
    text: str | None


def read_text_lines(path: Path, encoding: str = "utf-8") -> Iterator[TextLine]:
    """The file's lines without their ends; LabelFormatError when it is too large, or no text at all."""
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one text file")
    if path.stat().st_size > LARGEST_BYTES:
        raise LabelFormatError(path, None, f"expected at most {LARGEST_BYTES} bytes; split the export")
    with path.open("rb") as file:
        number = 0
        while payload := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(payload) > LONGEST_LINE or b"\0" in payload:
                raise LabelFormatError(path, number, "expected lines of text, this is something else")
            if number == 1:
                payload = payload.removeprefix(_BYTE_ORDER_MARK)
            line = _to_line(number, payload.rstrip(b"\r\n"), encoding)
            if line.text is None or line.text.strip():
                yield line


def _to_line(number: int, payload: bytes, encoding: str) -> TextLine:
    try:
        return TextLine(number, payload.decode(encoding))
    except UnicodeDecodeError:
        return TextLine(number, None)
