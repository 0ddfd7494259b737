"""The files of a zip, as its central directory lists them: no byte of them is read here.

Format: PKWARE's APPNOTE 6.3 with ZIP64, as `zipfile` reads it. A name is UTF-8 where its flag says so, or
what the Unicode path field 0x7075 has where its checksum is that of the name, else CP437. A backslash is a
separator. Encrypted members, links and devices are refused, and members that share their bytes, as bombs do.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from tasks.core.archives.limits import LARGEST_ZIP_DIRECTORY_BYTES, most_unpacked_bytes, too_much
from tasks.core.archives.member import Member, Names, unsafe
from tasks.core.archives.zip_content import LOCAL_HEADER_BYTES, METHODS, ZipContent
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

_ENCRYPTED, _UTF_8 = 0x1, 0x800
_UNICODE_PATH, _UNICODE_PATH_VERSION = 0x7075, 1
# What a method may add to bytes that it cannot pack.
_PACKED_IN_VAIN = 65_536


def read_zip(path: Path) -> Iterator[Member]:
    """The members in the order of the directory; of a zip without one, a member that says so."""
    try:
        _refuse_huge_directory(path)
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error) as error:
        detail = f"the archive cannot be read as a zip: {error}; is it whole?"
        yield Member("", Fault(Reason.UNREADABLE, detail))
        return
    names, sharing = Names(), _sharing(listed)
    archive_bytes = path.stat().st_size
    unpacked_bytes, most_bytes = 0, most_unpacked_bytes(archive_bytes)
    for info in listed:
        unpacked_bytes += info.file_size
        fault = _fault_of(info, archive_bytes)
        if info.header_offset in sharing:
            fault = unsafe("the member shares its bytes with another one")
        elif unpacked_bytes > most_bytes:
            fault = unsafe(too_much(most_bytes))
        name = _name_of(info)
        member = None if name.endswith("/") else names.admit(_to_member(path, info, name, fault))
        if member:
            yield member


def _to_member(path: Path, info: zipfile.ZipInfo, name: str, fault: Fault | None) -> Member:
    if fault:
        return Member(name, fault)
    content = ZipContent(
        path, info.header_offset, info.compress_size, info.compress_type, info.file_size, info.CRC
    )
    return Member(name, content)


def _fault_of(info: zipfile.ZipInfo, archive_bytes: int) -> Fault | None:
    """Why a member is refused for what the directory says of it."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        return unsafe("the member is encrypted; deliver it open")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return unsafe("the member is a link or a device; deliver the file itself")
    if info.compress_type not in METHODS:
        detail = f"expected a member that is stored, deflated or bzip2, got method {info.compress_type}"
        return Fault(Reason.UNREADABLE, f"{detail}; pack it anew")
    if info.compress_size > info.file_size + info.file_size // 64 + _PACKED_IN_VAIN:
        return unsafe("the member is larger packed than unpacked")
    if info.header_offset < 0 or info.header_offset + info.compress_size > archive_bytes:
        return Fault(Reason.UNREADABLE, "the archive's directory says that the member lies outside of it")
    return None


def _sharing(listed: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Where the local headers of members are that begin before the end of another one, and of those."""
    ordered = sorted(listed, key=lambda info: info.header_offset)
    shared: set[int] = set()
    for info, following in pairwise(ordered):
        if info.header_offset + LOCAL_HEADER_BYTES + info.compress_size > following.header_offset:
            shared |= {info.header_offset, following.header_offset}
    return shared


def _name_of(info: zipfile.ZipInfo) -> str:
    written = info.orig_filename
    if not info.flag_bits & _UTF_8:
        written = _unicode_path(info.extra, zlib.crc32(written.encode("cp437"))) or written
    return written.replace("\\", "/")


def _unicode_path(extra: bytes, checksum: int) -> str | None:
    """The name in the extra field 0x7075, if there is one and it is still that of the member."""
    while len(extra) >= 4:
        field, length = struct.unpack_from("<HH", extra)
        value, extra = extra[4 : 4 + length], extra[4 + length :]
        if field == _UNICODE_PATH and value[:5] == struct.pack("<BI", _UNICODE_PATH_VERSION, checksum):
            return value[5:].decode("utf-8", "backslashreplace")
    return None


def _refuse_huge_directory(path: Path) -> None:
    """`zipfile` takes the whole directory into memory: ValueError when it is too large for that."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LARGEST_TAIL_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    at64 = tail.rfind(b"PK\x06\x06", 0, max(at, 0))
    directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if at64 >= 0 and directory_bytes == _IN_ZIP64:
        directory_bytes = int.from_bytes(tail[at64 + 40 : at64 + 48], "little")
    if directory_bytes > LARGEST_ZIP_DIRECTORY_BYTES:
        raise ValueError(
            f"its directory takes {directory_bytes} bytes, at most {LARGEST_ZIP_DIRECTORY_BYTES} are read"
        )


# The end of a zip: its two end records, the locator between them, and a comment of at most 65,535 bytes.
_LARGEST_TAIL_BYTES = 56 + 20 + 22 + 65_535
_IN_ZIP64 = 0xFFFFFFFF
