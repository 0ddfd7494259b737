"""Compressed tars, unpacked once and from front to back: what is in them can be read in no other order.

Formats: gzip, bzip2 and xz, told by their first bytes; several streams on end are one. Where the stream
breaks or goes beyond its limits, what was unpacked before stays.
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

from tasks.core.archives.limits import most_unpacked_bytes, too_much
from tasks.core.archives.member import unsafe
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

_PIECE_BYTES = 1024 * 1024
# Enough for what `xz -9` writes, which takes 65 MB.
_MOST_XZ_MEMORY_BYTES = 256 * 1024 * 1024

Decompress = Callable[[BinaryIO], Iterator[bytes]]


class _Decompressor(Protocol):
    """What bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def decompression_of(path: Path) -> Decompress | None:
    """How the file is compressed; None when it is not."""
    with path.open("rb") as file:
        head = file.read(6)
    return next((unpacked for mark, unpacked in _MARKS.items() if head.startswith(mark)), None)


def unpack(path: Path, decompress: Decompress, scratch: Path) -> tuple[Path, Fault | None]:
    """A new file in `scratch` with what the compressed file holds, and why that is not all of it."""
    most_bytes = most_unpacked_bytes(path.stat().st_size)
    with path.open("rb") as packed, NamedTemporaryFile(dir=scratch, delete=False) as unpacked:
        try:
            for piece in decompress(packed):
                if unpacked.tell() + len(piece) > most_bytes:
                    return Path(unpacked.name), unsafe(too_much(most_bytes))
                unpacked.write(piece)
        except EOFError:
            detail = "the archive is cut off: its compressed bytes end too early"
            return Path(unpacked.name), Fault(Reason.TRUNCATED, detail)
        except (gzip.BadGzipFile, lzma.LZMAError, zlib.error, _BrokenBzip2Error) as error:
            detail = f"the archive's compressed bytes are broken: {error}"
            return Path(unpacked.name), Fault(Reason.UNREADABLE, detail)
    return Path(unpacked.name), None


def _from_gzip(packed: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=packed) as file:
        while piece := file.read1(_PIECE_BYTES):  # read() would lose what comes before a break
            yield piece


def _from_bzip2(packed: BinaryIO) -> Iterator[bytes]:
    try:
        yield from _from_streams(packed, bz2.BZ2Decompressor)
    except OSError as error:
        # bz2 says so in the words of a disk, without its number.
        if error.errno is None:
            raise _BrokenBzip2Error(str(error)) from error
        raise


def _from_xz(packed: BinaryIO) -> Iterator[bytes]:
    yield from _from_streams(
        packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_XZ_MEMORY_BYTES)
    )


def _from_streams(packed: BinaryIO, new: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """What the streams hold, piece by piece; zeros between them are padding."""
    rest = packed.read(_PIECE_BYTES)
    while rest:
        stream = new()
        yield stream.decompress(rest, _PIECE_BYTES)
        while not stream.eof:
            more = packed.read(_PIECE_BYTES) if stream.needs_input else b""
            if stream.needs_input and not more:
                raise EOFError
            yield stream.decompress(more, _PIECE_BYTES)
        rest = (stream.unused_data or packed.read(_PIECE_BYTES)).lstrip(b"\0")


class _BrokenBzip2Error(Exception):
    """The bytes are no bzip2."""


_MARKS: dict[bytes, Decompress] = {b"\x1f\x8b": _from_gzip, b"BZh": _from_bzip2, b"\xfd7zXZ\0": _from_xz}
