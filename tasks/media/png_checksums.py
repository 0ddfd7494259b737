"""Whether the data of a PNG are those that were written: Pillow passes over damage that still unpacks.

reads   the bytes of a PNG file that Pillow has decoded
Every chunk has a CRC-32, the packed data as a whole have an Adler-32. They are damaged when both are wrong:
a wrong CRC over data that unpack to their Adler-32 (PngSuite's xcsn0g01) is only a wrong CRC.
"""

import struct
import zlib
from collections.abc import Iterator

_SIGNATURE_BYTES = 8
_UNPACKED_BYTES = 2**20


def is_damaged(payload: bytes) -> bool:
    """Whether the picture's data do not fit their checksums."""
    chunks = list(_data_chunks(memoryview(payload)))
    if all(zlib.crc32(content, zlib.crc32(b"IDAT")) == checksum for content, checksum in chunks):
        return False
    return not _unpacks(b"".join(content for content, _ in chunks))


def _data_chunks(payload: memoryview) -> Iterator[tuple[memoryview, int]]:
    position = _SIGNATURE_BYTES
    while position + 12 <= len(payload):
        size, name = struct.unpack_from(">I4s", payload, position)
        end = position + 8 + size
        if name == b"IEND" or end + 4 > len(payload):
            return
        if name == b"IDAT":
            yield payload[position + 8 : end], struct.unpack_from(">I", payload, end)[0]
        position = end + 4


def _unpacks(packed: bytes) -> bool:
    """Whether all of it unpacks to the checksum at its end; never more than a megabyte is held."""
    unpacking = zlib.decompressobj()
    try:
        while packed and not unpacking.eof:
            unpacking.decompress(packed, _UNPACKED_BYTES)
            packed = unpacking.unconsumed_tail
    except zlib.error:
        return False
    return unpacking.eof
