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
from typing import Any, TypeVar

from tasks.core import json_buffer
from tasks.core.errors import LabelFormatError
from tasks.core.json_buffer import BLANKS, JsonBuffer
from tasks.core.json_rules import is_utf8, refuse_constant, refuse_half_characters, to_whole

_LIST_END = re.compile(rb"\}[ \t\n\r]*\]")
_BLANK = re.compile(r"[ \t\n\r]*")
# A value that the buffer cuts off fails within this many characters of its end, or as an open text.
_CUT_OFF_CHARACTERS = 16
_LONGEST_GAP = 4096

Decoded = TypeVar("Decoded")
Decode = Callable[[bytes], Decoded | None]


_DECODER = json.JSONDecoder(parse_constant=refuse_constant)
_LENIENT = json.JSONDecoder(parse_constant=refuse_constant, parse_int=to_whole)


@contextmanager
def open_json(path: Path) -> Iterator["JsonStream"]:
    """The file as a stream that stands before its value; LabelFormatError when there is no file."""
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one JSON file")
    with path.open("rb") as file:
        yield JsonStream(path, file)


class JsonStream(JsonBuffer):
    """A JSON file and the place up to which it was read; LabelFormatError where it is not JSON."""

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
            self._fill(json_buffer.BLOCK_BYTES)
            decoded = self._decoded_block(decode) if decode else None
            yield self._parsed_block() if decoded is None else decoded
            more = self._take_separator(b"]")

    def _decoded_block(self, decode: Decode[Decoded]) -> Decoded | None:
        for find_end in (self._last_boundary, self._list_end):
            if (end := find_end()) > self._at:
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
            before = self._buffer[start:brace].rstrip(BLANKS)
            if before.endswith(b","):
                before = before[:-1].rstrip(BLANKS)
                if before.endswith(b"}"):
                    return start + len(before)
        return 0

    def _list_end(self) -> int:
        match = _LIST_END.search(self._buffer, self._at)
        return match.start() + 1 if match else 0

    def _parsed_block(self) -> list[Any]:
        """The elements that the buffer holds whole, at least one."""
        wanted = json_buffer.BLOCK_BYTES
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
            value, end = _decoded(text, at)
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


def _decoded(text: str, at: int) -> tuple[Any, int]:
    """The value and its end; a whole number of too many digits is infinite."""
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _LENIENT.raw_decode(text, at)


def _decode_nothing(text: bytes) -> int | None:
    """Something, where the text is a JSON list."""
    import msgspec

    try:
        return len(msgspec.json.decode(text, type=list[msgspec.Raw])) if is_utf8(text) else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _bytes_of(text: str, end: int) -> int:
    return end if text.isascii() else len(text[:end].encode("utf-8"))


def _end_of_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
