"""Media in uncompressed tar shards (WebDataset layout): planned from names and sizes, filled in any order.

A shard's bytes are fixed by its members' names and sizes, so any number of workers may each write their
own members at their own offsets and the file is the same. Headers carry no time, owner or mode of the source.
Format: POSIX.1-1988 ustar with GNU long names.
"""

import os
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from tasks.core.errors import SourceError
from tasks.core.file_part import FilePart

LARGEST_SHARD_BYTES = 256 * 1024 * 1024
_BLOCK_BYTES = tarfile.BLOCKSIZE
_END_BYTES = 2 * _BLOCK_BYTES
_BUFFER_BYTES = 2**16
_LONGEST_PLAIN_NAME = 100
_LARGEST_PLAIN_SIZE = 8**11


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one member lies: payload at `offset` of `shard`, its header just before it."""

    shard: str
    name: str
    offset: int
    size: int


def tar_header(name: str, size: int) -> bytes:
    """The header blocks of one member."""
    encoded = name.encode("utf-8", "surrogateescape")
    if len(encoded) <= _LONGEST_PLAIN_NAME and size < _LARGEST_PLAIN_SIZE:
        return _plain_header(encoded, size)
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _header_bytes(name: str, size: int) -> int:
    """The length of the member's header, without making it where it is one block."""
    plain = len(name) * 4 <= _LONGEST_PLAIN_NAME and size < _LARGEST_PLAIN_SIZE
    return _BLOCK_BYTES if plain else len(tar_header(name, size))


def _plain_header(name: bytes, size: int) -> bytes:
    """The one block of most members; the same as tarfile's, at a tenth of the time."""
    start = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"0" * 11 + b"\0"
    end = (b"0" + bytes(100) + b"ustar  \0").ljust(_BLOCK_BYTES - len(start) - 8, b"\0")
    # The checksum is taken with blanks in its own place.
    return start + b"%06o\0 " % (sum(start) + sum(end) + 8 * ord(" ")) + end


def plan_shards(
    members: Iterable[tuple[str, int]], prefix: str = "media", largest: int = LARGEST_SHARD_BYTES
) -> list[Slot]:
    """A slot per (name, size), in order; a new shard starts where a member would pass `largest` bytes."""
    slots: list[Slot] = []
    number, position = 0, 0
    for name, size in members:
        header_bytes = _header_bytes(name, size)
        end = position + header_bytes + _padded(size)
        if position and end + _END_BYTES > largest:
            number, position = number + 1, 0
            end = header_bytes + _padded(size)
        slots.append(Slot(f"{prefix}-{number:05d}.tar", name, position + header_bytes, size))
        position = end
    return slots


def create_shards(folder: Path, slots: Sequence[Slot]) -> None:
    """Make the planned shards at their full length, all zeros; `fill_slot` then writes the members."""
    ends = {slot.shard: slot.offset + _padded(slot.size) for slot in slots}
    for shard, end in ends.items():
        with (folder / shard).open("wb") as file:
            file.truncate(end + _END_BYTES)


def fill_slot(folder: Path, slot: Slot, payload: bytes) -> None:
    """Write one member into its planned place; SourceError when the payload is not as long as planned."""
    if len(payload) != slot.size:
        raise SourceError(
            f"'{slot.name}' changed while it was collected: expected {slot.size} bytes, got {len(payload)}"
        )
    _write_member(folder, slot, tar_header(slot.name, slot.size), payload)


def leave_slot_empty(folder: Path, slot: Slot) -> None:
    """Write the header of a member whose bytes turned out to be broken: they stay zeros."""
    _write_member(folder, slot, tar_header(slot.name, slot.size), b"")


class ShardReader:
    """Reads members of the shards of one folder by offset; use it as a context.

    Not memory-mapped: pages of a map count as this process's memory for as long as it is open.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptors: dict[str, int] = {}

    def __enter__(self) -> "ShardReader":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors = {}

    def read(self, shard: str, offset: int, size: int) -> bytes:
        """The bytes of one member."""
        payload = os.pread(self._descriptor(shard), size, offset)
        if len(payload) != size:
            raise self._ends_early(shard, offset + size)
        return payload

    def open(self, shard: str, offset: int, size: int) -> BinaryIO:
        """One member as a file, which is good as long as this context."""
        descriptor = self._descriptor(shard)
        if os.fstat(descriptor).st_size < offset + size:
            raise self._ends_early(shard, offset + size)
        return BufferedReader(FilePart(descriptor, offset, size), _BUFFER_BYTES)

    def _descriptor(self, shard: str) -> int:
        if shard not in self._descriptors:
            self._descriptors[shard] = os.open(self._folder / shard, os.O_RDONLY)
        return self._descriptors[shard]

    def _ends_early(self, shard: str, end: int) -> SourceError:
        return SourceError(f"{self._folder / shard} ends before byte {end}: `dvc checkout` restores it")


def _write_member(folder: Path, slot: Slot, header: bytes, payload: bytes) -> None:
    """The two at once, at their place in the shard; what one call did not take goes into further ones."""
    begin = slot.offset - len(header)
    descriptor = os.open(f"{folder}{os.sep}{slot.shard}", os.O_WRONLY)
    try:
        done = os.pwritev(descriptor, (header, payload), begin)
        while done < len(header) + len(payload):
            done += os.pwrite(descriptor, (header + payload)[done:], begin + done)
    finally:
        os.close(descriptor)


def _padded(size: int) -> int:
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
