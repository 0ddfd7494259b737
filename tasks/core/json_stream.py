"""JSON exports larger than memory: the members of the top-level object, and lists element by element.

A list is read some megabytes at a time. A block is cut where an object seems to end and the next to begin,
and the parser decides: a cut inside a text or a nested list does not parse, and then the elements are parsed
one by one. So what is yielded is what a parser of the whole file would find. UTF-8 is asked for, NaN, half
characters and a depth that overflows are refused; errors say the line.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from tasks.core.errors import LabelFormatError

BLOCK_BYTES = 2 * 1024 * 1024
LARGEST_VALUE_BYTES = 256 * 1024 * 1024
_LIST_END = re.compile(rb"\}[ \t\n\r]*\]")
_BLANKS = b" \t\n\r"
_BLANK = re.compile(r"[ \t\n\r]*")
# A value that the buffer cuts off fails within this many characters of its end, or as an open text.
_CUT_OFF_CHARACTERS = 16
_LONGEST_GAP = 4096
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

Decoded = TypeVar("Decoded")
Decode = Callable[[bytes], Decoded | None]


def refuse_constant(word: str) -> float:
    """ValueError: NaN and the infinities are not in JSON."""
    raise ValueError(f"{word} is no number of JSON")


def refuse_half_characters(path: Path, text: str, value: Any) -> None:
    """LabelFormatError when an escape in the text made half a character of the value."""
    if not _SURROGATE.search(text):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise LabelFormatError(path, None, "a \\u escape is half a character (a lone surrogate)") from error


_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


@contextmanager
def open_json(path: Path) -> Iterator["JsonStream"]:
    """The file as a stream that stands before its value; LabelFormatError when there is no file."""
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one JSON file")
    with path.open("rb") as file:
        yield JsonStream(path, file)


def iterate_list(path: Path, name: str | None) -> Iterator[Any]:
    """The elements of the file's list, or with a name of the list under that key of its object.

    What else the file holds is read to its end. LabelFormatError when it has no such list.
    """
    with open_json(path) as stream:
        if name is not None:
            yield from _list_under(stream, path, name)
        elif stream.starts_with(b"["):
            yield from stream.elements()
        else:
            stream.skip()
            raise LabelFormatError(path, None, "expected a list")
        stream.finish()


def _list_under(stream: "JsonStream", path: Path, name: str) -> Iterator[Any]:
    found = False
    for key in stream.members() if stream.starts_with(b"{") else ():
        if key == name and stream.starts_with(b"["):
            found = True
            yield from stream.elements()
    if not found:
        raise LabelFormatError(path, None, f"expected an object with a list '{name}'")


class JsonStream:
    """A JSON file and the place up to which it was read; LabelFormatError where it is not JSON."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self._buffer, self._at, self._offset = b"", 0, 0
        self._ended = False
        self._cut = True  # whether the text that is parsed ends before the file does
        self._fill(3)
        if self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at = 3

    def starts_with(self, byte: bytes) -> bool:
        """Whether the next value starts so: with a brace or a bracket."""
        return self._peek() == byte

    def members(self) -> Iterator[str]:
        """The names in an object; what the caller does not read of a member is skipped.

        LabelFormatError when a name comes twice.
        """
        names: set[str] = set()
        self._take(b"{")
        more = not self._take_if(b"}")
        while more:
            name = self.value()
            if not isinstance(name, str):
                raise self._broken("Expecting property name enclosed in double quotes", self._at)
            if name in names:
                raise LabelFormatError(self._path, None, f"the key '{name}' is there twice")
            names.add(name)
            self._take(b":")
            self._peek()
            before = self._place()
            yield name
            if self._place() == before:
                self.skip()
            more = self._take_separator(b"}")

    def skip(self) -> None:
        """Pass over the next value."""
        if self.starts_with(b"["):
            for _ in self.blocks(_decode_nothing):
                pass
        else:
            self.value()

    def finish(self) -> None:
        """LabelFormatError when anything but blanks follows."""
        if self._peek():
            raise self._broken("Extra data", self._at)

    def value(self) -> Any:
        """The next value."""
        wanted = _LONGEST_GAP
        self._peek()
        while True:
            self._fill(wanted)
            text = self._text(wanted)
            found = self._parse(text, 0)
            if found is not None:
                self._at += _bytes_of(text, found[1])
                return found[0]
            wanted = self._wanted_more(wanted)

    def elements(self) -> Iterator[Any]:
        """The elements of a list, one by one."""
        for block in self.blocks(None):
            yield from block

    def blocks(self, decode: Decode[Decoded] | None) -> Iterator[Decoded | list[Any]]:
        """The elements of a list, block by block.

        `decode` gets blocks as the JSON text of a list, and gives None for one that it cannot decode, be it
        that the cut was wrong: then the elements are parsed one by one, and are a list of Python values.
        """
        self._take(b"[")
        more = not self._take_if(b"]")
        while more:
            self._peek()
            self._fill(BLOCK_BYTES)
            decoded = self._decoded_block(decode) if decode else None
            yield self._parsed_block() if decoded is None else decoded
            more = self._take_separator(b"]")

    def _decoded_block(self, decode: Decode[Decoded]) -> Decoded | None:
        for end in (self._last_boundary(), self._list_end()):
            if end > self._at:
                decoded = decode(b"".join((b"[", memoryview(self._buffer)[self._at : end], b"]")))
                if decoded is not None:
                    self._at = end
                    return decoded
        return None

    def _last_boundary(self) -> int:
        """The end of the first object of the last `},{`, or nowhere (0)."""
        brace = len(self._buffer)
        while (brace := self._buffer.rfind(b"{", self._at, brace)) > 0:
            start = max(self._at, brace - _LONGEST_GAP)
            before = self._buffer[start:brace].rstrip(_BLANKS)
            if before.endswith(b","):
                before = before[:-1].rstrip(_BLANKS)
                if before.endswith(b"}"):
                    return start + len(before)
        return 0

    def _list_end(self) -> int:
        match = _LIST_END.search(self._buffer, self._at)
        return match.start() + 1 if match else 0

    def _parsed_block(self) -> list[Any]:
        """The elements that the buffer holds whole, at least one."""
        wanted = BLOCK_BYTES
        while True:
            text = self._text(wanted)
            values, end = self._parse_elements(text)
            if values:
                self._at += _bytes_of(text, end)
                return values
            wanted = self._wanted_more(wanted)
            self._fill(wanted)

    def _parse_elements(self, text: str) -> tuple[list[Any], int]:
        values: list[Any] = []
        end = next_value = 0
        while (found := self._parse(text, next_value)) is not None:
            values.append(found[0])
            end = found[1]
            comma = _end_of_blank(text, end)
            if text[comma : comma + 1] != ",":
                break
            next_value = _end_of_blank(text, comma + 1)
        return values, end

    def _parse(self, text: str, at: int) -> tuple[Any, int] | None:
        """The value at that place and its end; None when the text cuts it off."""
        try:
            value, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            cut_off = error.pos > len(text) - _CUT_OFF_CHARACTERS or error.msg.startswith("Unterminated")
            if cut_off and self._cut:
                return None
            raise self._broken(error.msg, self._at + _bytes_of(text, error.pos)) from error
        except RecursionError as error:
            raise LabelFormatError(self._path, None, "the JSON is nested too deeply") from error
        except ValueError as error:
            raise LabelFormatError(self._path, None, f"not JSON: {error}") from error
        # What is left of a number may be one too: `1.5e` and `1` of 1.5e9.
        if self._cut and end > len(text) - _CUT_OFF_CHARACTERS and isinstance(value, int | float):
            return None
        refuse_half_characters(self._path, text[at:end], value)
        return value, end

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
            blank = len(rest) - len(rest.lstrip(_BLANKS))
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


def _decode_nothing(text: bytes) -> int | None:
    """Something, where the text is a JSON list."""
    import msgspec

    try:
        return len(msgspec.json.decode(text, type=list[msgspec.Raw])) if is_utf8(text) else None
    except (msgspec.DecodeError, RecursionError):
        return None


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are UTF-8, which msgspec does not ask of what it passes over."""
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _bytes_of(text: str, end: int) -> int:
    return end if text.isascii() else len(text[:end].encode("utf-8"))


def _end_of_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _line_and_column(path: Path, offset: int) -> tuple[int, int]:
    """The line and column, from 1, of a byte of the file."""
    line, last = 1, b""
    with path.open("rb") as file:
        while offset > 0 and (piece := file.read(min(offset, BLOCK_BYTES))):
            offset -= len(piece)
            line += piece.count(b"\n")
            last = piece.rpartition(b"\n")[2] if b"\n" in piece else last + piece
    return line, len(last.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")) + 1
