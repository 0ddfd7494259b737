"""The bytes of a JSON file around the place up to which it was read, and an error's line and column."""

from pathlib import Path
from typing import BinaryIO

from tasks.core.errors import LabelFormatError

BLOCK_BYTES = 2 * 1024 * 1024
LARGEST_VALUE_BYTES = 256 * 1024 * 1024
BLANKS = b" \t\n\r"


class JsonBuffer:
    """Some bytes of the file, of which those before the place are done with; more are read as needed."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._buffer, self._at, self._offset = b"", 0, 0
        self._ended = False
        self._cut = True  # whether the text that is parsed ends before the file does
        self._fill(3)
        if self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at = 3

    def _wanted_more(self, wanted: int) -> int:
        if wanted > LARGEST_VALUE_BYTES:
            message = f"expected values of at most {LARGEST_VALUE_BYTES} bytes, there is a larger one"
            raise LabelFormatError(self._path, None, message)
        return wanted * 4

    def _text(self, wanted: int) -> str:
        """So many bytes of the buffer, from here on; a character that is cut off is left out."""
        payload = self._buffer[self._at : self._at + wanted]
        self._cut = not self._ended or len(payload) < len(self._buffer) - self._at
        try:
            return payload.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and self._cut:
                return payload[: error.start].decode("utf-8")
            place = self._place() + error.start
            message = f"expected UTF-8 text, byte {place} is none"
            raise LabelFormatError(self._path, None, message) from error

    def _place(self) -> int:
        return self._offset + self._at

    def _fill(self, wanted: int) -> None:
        """Hold that many bytes from here on, or all that there are."""
        lacking = wanted - (len(self._buffer) - self._at)
        if lacking > 0 and not self._ended:
            more = self._file.read(max(lacking, BLOCK_BYTES))
            self._offset += self._at
            self._buffer, self._at = self._buffer[self._at :] + more, 0
            self._ended = len(more) < max(lacking, BLOCK_BYTES)

    def _peek(self) -> bytes:
        """The next byte that is not blank, which the place moves to; nothing at the end."""
        while True:
            self._fill(1)
            rest = self._buffer[self._at : self._at + 64]
            blank = len(rest) - len(rest.lstrip(BLANKS))
            self._at += blank
            if blank < len(rest):
                return rest[blank : blank + 1]
            if not rest:
                return b""

    def _take_if(self, byte: bytes) -> bool:
        taken = self._peek() == byte
        self._at += taken
        return taken

    def _take(self, byte: bytes) -> None:
        if not self._take_if(byte):
            known = {b":": "Expecting ':' delimiter"}
            raise self._broken(known.get(byte, "Expecting value"), self._at)

    def _take_separator(self, end: bytes) -> bool:
        """Pass the comma before the next one, or the end; whether there is a next one."""
        if self._take_if(b","):
            if self._peek() == end:
                raise self._broken("Illegal trailing comma", self._at)
            return True
        if not self._take_if(end):
            raise self._broken("Expecting ',' delimiter", self._at)
        return False

    def _broken(self, message: str, at: int) -> LabelFormatError:
        line, column = _line_and_column(self._path, self._offset + at)
        return LabelFormatError(self._path, line, f"not JSON: {message}, in column {column}")


def _line_and_column(path: Path, offset: int) -> tuple[int, int]:
    """The line and column, from 1, of a byte of the file."""
    line, last = 1, b""
    with path.open("rb") as file:
        while offset > 0 and (piece := file.read(min(offset, BLOCK_BYTES))):
            offset -= len(piece)
            line += piece.count(b"\n")
            last = piece.rpartition(b"\n")[2] if b"\n" in piece else last + piece
    return line, len(last.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")) + 1
