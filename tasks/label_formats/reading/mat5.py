"""A table (an array of structs) out of a MATLAB 5 file: its numbers and texts, nothing else of it.

Source: MathWorks' "MAT-File Format". After 128 bytes of header the file is elements: a tag (type and length
of 4 bytes each, or of 2 where the data are at most 4 bytes), the data, up to the next multiple of 8 bytes;
one of type 15 is another, compressed by zlib. SciPy's reader is not used: a garbled file can end the whole
process there (it raises on most, and follows lengths beyond the memory on some). The tests write with it.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADER_BYTES = 128
_LARGEST_BYTES = 100_000_000
_LITTLE, _BIG = b"IM", b"MI"
_MATRIX, _COMPRESSED = 14, 15
_STRUCT_CLASS, _CHAR_CLASS = 2, 4
_NUMERIC_CLASSES = range(6, 16)
_CODES = {1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 9: "d", 12: "q", 13: "Q"}
_TEXT_TYPES = {1: "utf-8", 2: "latin-1", 16: "utf-8"}
_WIDE_TEXT_TYPES = (4, 17)

Value = str | float | None


@dataclass(frozen=True)
class _Element:
    kind: int
    payload: bytes


def read_mat_table(content: bytes, name: str, fields: Sequence[str]) -> list[dict[str, Value]]:
    """The rows of that variable with those fields; ValueError when it is not there or the file is broken.

    A value that is neither one number nor one line of text is None.
    """
    mark = content[126:_HEADER_BYTES]
    if mark not in (_LITTLE, _BIG) or b"HDF5" in content[:8]:
        raise ValueError("it has no header of a MATLAB 5 file")
    order = "<" if mark == _LITTLE else ">"
    for element in _elements(content[_HEADER_BYTES:], order):
        unpacked = element
        if element.kind == _COMPRESSED:
            unpacked = next(_elements(_decompressed(element.payload), order), element)
        if unpacked.kind == _MATRIX:
            parts = list(_elements(unpacked.payload, order))
            if len(parts) >= 5 and parts[2].payload == name.encode():
                return list(_rows(parts, order, fields))
    raise ValueError(f"it has no table '{name}'")


def _elements(data: bytes, order: str) -> Iterator[_Element]:
    at = 0
    while at + 8 <= len(data):
        kind, length = struct.unpack_from(f"{order}II", data, at)
        begin = at + 8
        if kind >> 16:
            kind, length, begin = kind & 0xFFFF, kind >> 16, at + 4
            if length > 4:
                raise ValueError("a short element is longer than 4 bytes")
            after = at + 8
        else:
            after = begin + length + (0 if kind == _COMPRESSED else -length % 8)
        if begin + length > len(data):
            raise ValueError("it ends within an element")
        yield _Element(kind, data[begin : begin + length])
        at = after


def _decompressed(payload: bytes) -> bytes:
    try:
        unpacked = zlib.decompressobj().decompress(payload, _LARGEST_BYTES)
    except zlib.error as error:
        raise ValueError(f"it cannot be decompressed: {error}") from error
    if len(unpacked) == _LARGEST_BYTES:
        raise ValueError(f"it holds more than {_LARGEST_BYTES} bytes")
    return unpacked


def _rows(parts: list[_Element], order: str, fields: Sequence[str]) -> Iterator[dict[str, Value]]:
    """The structs: parts are flags, dimensions, name, the length of field names, those names, the values."""
    if _class_of(parts[0], order) != _STRUCT_CLASS:
        raise ValueError("the table is no array of structs")
    (width,) = struct.unpack(f"{order}I", parts[3].payload.ljust(4, b"\0")[:4])
    names = parts[4].payload
    if not 0 < width <= 64:
        raise ValueError("its field names have no length")
    known = [
        names[at : at + width].split(b"\0", 1)[0].decode("latin-1") for at in range(0, len(names), width)
    ]
    if not set(fields) <= set(known):
        raise ValueError(f"expected the fields {list(fields)}, got {known[:20]}")
    values = parts[5:]
    if len(values) % len(known):
        raise ValueError("its last row is not whole")
    for at in range(0, len(values), len(known)):
        row = dict(zip(known, values[at : at + len(known)], strict=True))
        yield {field: _value(row[field], order) for field in fields}


def _class_of(flags: _Element, order: str) -> int:
    if len(flags.payload) < 4:
        raise ValueError("an array has no class")
    (word,) = struct.unpack(f"{order}I", flags.payload[:4])
    return int(word & 0xFF)


def _value(element: _Element, order: str) -> Value:
    parts = list(_elements(element.payload, order))
    if element.kind != _MATRIX or len(parts) < 4:
        return None
    kind, data = _class_of(parts[0], order), parts[3]
    if kind == _CHAR_CLASS:
        return _text(data, order)
    code = _CODES.get(data.kind)
    if kind not in _NUMERIC_CLASSES or code is None or len(data.payload) != struct.calcsize(order + code):
        return None
    return float(struct.unpack(order + code, data.payload)[0])


def _text(data: _Element, order: str) -> str | None:
    encoding = _TEXT_TYPES.get(data.kind)
    if data.kind in _WIDE_TEXT_TYPES:
        encoding = "utf-16-le" if order == "<" else "utf-16-be"
    return None if encoding is None else data.payload.decode(encoding)
