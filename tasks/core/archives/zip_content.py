"""One member of a zip, read where it lies: any process can, without the directory of the archive.

Format: APPNOTE 6.3: a local header of 30 bytes, a name, an extra field, the packed bytes. What the directory
said of the member holds: it is unpacked to no more than its size, and its checksum must be right.
"""

import bz2
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED

from tasks.core.fault import Fault
from tasks.core.rejects import Reason

LOCAL_HEADER_BYTES = 30
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_CUT_OFF = Fault(Reason.TRUNCATED, "the member's packed bytes end too early")


@dataclass(frozen=True, slots=True)
class ZipContent:
    """A member as the directory has it: where its local header is, its lengths packed and not, its CRC."""

    path: Path
    offset: int
    packed_length: int
    method: int
    length: int
    checksum: int

    def size(self) -> int | Fault:
        """The length that the directory says."""
        return self.length

    def read(self) -> bytes | Fault:
        """The member's bytes; a fault when they are not what the directory says."""
        packed = self._packed()
        if isinstance(packed, Fault):
            return packed
        try:
            payload = _UNPACK[self.method](packed, self.length + 1)
        except (zlib.error, OSError, EOFError) as error:
            return Fault(Reason.UNREADABLE, f"the member's packed bytes are broken: {error}")
        if len(payload) > self.length:
            return Fault(Reason.UNSAFE_ARCHIVE, f"the member unpacks to more than its {self.length} bytes")
        if len(payload) < self.length:
            return _CUT_OFF
        if zlib.crc32(payload) != self.checksum:
            return Fault(Reason.UNREADABLE, "the member's checksum is wrong")
        return payload

    def _packed(self) -> bytes | Fault:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            header = file.read(LOCAL_HEADER_BYTES)
            if len(header) < LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
                return Fault(Reason.UNREADABLE, "the member is not where the archive's directory says")
            _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
            file.seek(name_bytes + extra_bytes, 1)
            packed = file.read(self.packed_length)
        return packed if len(packed) == self.packed_length else _CUT_OFF


def _inflate(packed: bytes, most_bytes: int) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most_bytes)


def _from_bzip2(packed: bytes, most_bytes: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(packed, most_bytes)


_UNPACK: dict[int, Callable[[bytes, int], bytes]] = {
    ZIP_STORED: lambda packed, most_bytes: packed[:most_bytes],
    ZIP_DEFLATED: _inflate,
    ZIP_BZIP2: _from_bzip2,
}
METHODS = frozenset(_UNPACK)
