"""The files of an uncompressed tar, each a slice of it: no byte of them is read here.

Format: POSIX ustar and pax, GNU, as `tarfile` reads them; names are UTF-8. Links, devices and sparse files
are refused. A tar ends with a block of zeros: one that stops before it is cut off, and says so.
"""

import tarfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tasks.core.archives.member import Member, Names, unsafe
from tasks.core.content import SliceContent
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

# tarfile itself reads nothing but headers; one that is longer than this is there to fill the memory.
_LARGEST_HEADER_BYTES = 1024 * 1024
_BLOCK_BYTES = tarfile.BLOCKSIZE
_CUT_OFF = Fault(Reason.TRUNCATED, "the archive is cut off: it ends before its end marker")


@dataclass(frozen=True)
class _Tar:
    """A tar and its length; `broken` is why it is shorter than it should be, where that is known."""

    path: Path
    size: int
    broken: Fault | None


def read_tar(path: Path, broken: Fault | None = None) -> Iterator[Member]:
    """The members in order; where the archive breaks off, the last one says why."""
    tar = _Tar(path, path.stat().st_size, broken)
    with path.open("rb") as file:
        try:
            with tarfile.open(fileobj=_Headers(file), mode="r:", encoding="utf-8") as archive:  # type: ignore[call-overload]  # it reads like a file
                told = yield from _read_members(archive, tar)
                end = archive.offset
        except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            yield Member("", broken or _no_tar(error))
            return
        if not told and (broken or not _is_end(file, end)):
            yield Member("", broken or _CUT_OFF)


def _read_members(archive: tarfile.TarFile, tar: _Tar) -> Generator[Member, None, bool]:
    """The members; returns whether the last one says that the archive breaks off there."""
    names = Names()
    behind = -1
    while archive.offset <= tar.size and (header := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]  # tarfile would keep every header
        if header.offset <= behind or header.size < 0:
            raise tarfile.ReadError("a member begins before the end of the one in front of it")
        behind = header.offset
        member = None if header.isdir() else names.admit(_to_member(header, tar))
        if member:
            yield member
            if _is_cut(header, tar):
                return True
    return False


def _to_member(header: tarfile.TarInfo, tar: _Tar) -> Member:
    if not header.isreg() or header.issparse():
        kind = "a link" if header.issym() or header.islnk() else "a device, a sparse file or the like"
        return Member(header.name, unsafe(f"the member is {kind}; deliver the file itself"))
    if _is_cut(header, tar):
        there = max(0, tar.size - header.offset_data)
        detail = f"the archive is cut off: expected {header.size} bytes of the member, there are {there}"
        return Member(header.name, tar.broken or Fault(Reason.TRUNCATED, detail))
    return Member(header.name, SliceContent(tar.path, header.offset_data, header.size))


def _is_cut(header: tarfile.TarInfo, tar: _Tar) -> bool:
    return header.isreg() and header.offset_data + header.size > tar.size


def _no_tar(error: Exception) -> Fault:
    detail = str(error) if isinstance(error, tarfile.TarError) else "its headers make no sense"
    return Fault(Reason.UNREADABLE, f"the archive cannot be read as a tar: {detail}")


def _is_end(file: BinaryIO, offset: int) -> bool:
    """Whether a block of zeros lies there."""
    file.seek(offset)
    return file.read(_BLOCK_BYTES) == bytes(_BLOCK_BYTES)


class _Headers:
    """A file of which only headers are read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, length: int) -> bytes:
        if not 0 <= length <= _LARGEST_HEADER_BYTES:
            raise tarfile.ReadError(f"a header says that it has {length} bytes")
        return self._file.read(length)

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def tell(self) -> int:
        return self._file.tell()
