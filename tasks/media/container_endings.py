"""Where containers of video and sound say that they end; players take less without a word.

reads   the bytes of MP4, QuickTime, Matroska, WebM, AVI, FLV, ASF, MPEG-TS, ADTS or AMR
Sources: ISO 14496-12 (boxes), RFC 8794 and RFC 9559 (EBML, Segment), the RIFF of AVI, Adobe's FLV 10.1,
Microsoft's ASF 01.20.06 (File Properties), ISO 13818-1 (packets of 188 bytes) and 13818-7 (ADTS), RFC 4867.
What stands behind the end (an ID3 tag, zeros, garbage) is not the file's.
A file that was cut just between two packets of a format that never says how long it is (MPEG-TS, ADTS, AMR,
a live WebM, an MP4 in fragments) cannot be told from a whole one.
"""

import struct
from collections.abc import Callable

from tasks.core.mpeg_audio import id3_bytes, is_adts

_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_EBML_HEADER, _EBML_SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
# The boxes that stand beside each other in a file; anything else behind the index is none of it.
_BOXES = frozenset(
    b"ftyp moov mdat free skip wide uuid moof mfra sidx ssix styp emsg prft pdin meta meco pnot udta".split()
)
_FLV_TAGS = (8, 9, 18)
_TRANSPORT_PACKET_BYTES = 188
_AMR_NARROW = (b"#!AMR\n", (13, 14, 16, 18, 20, 21, 27, 32, 6))
_AMR_WIDE = (b"#!AMR-WB\n", (18, 24, 33, 37, 41, 47, 51, 59, 61, 6))


def _boxes_length(payload: bytes) -> int:
    """Where the last box ends; a file with media but without its index has lost at least that."""
    position, names = 0, set()
    while position + 8 <= len(payload):
        size, name = struct.unpack_from(">I4s", payload, position)
        if b"moov" in names and name not in _BOXES:  # a tag or garbage behind the film
            break
        if size == 1 and position + 16 <= len(payload):
            (size,) = struct.unpack_from(">Q", payload, position + 8)
        names.add(name)
        if size == 0:  # to the end of the file, whatever that is
            position = len(payload)
            break
        if size < 8:
            return 0
        position += size
    return position if b"moov" in names else max(position, len(payload) + 8)


def _matroska_length(payload: bytes) -> int:
    position = 0
    for name in (_EBML_HEADER, _EBML_SEGMENT):
        if not payload.startswith(name, position):
            return 0
        size, digits = _ebml_size(payload, position + 4)
        position += 4 + digits
        if size is None:
            return 0
        position += size
    return position


def _ebml_size(payload: bytes, position: int) -> tuple[int | None, int]:
    """A size and how many bytes it takes; None where it is not known or no size."""
    first = payload[position] if position < len(payload) else 0
    digits = 9 - first.bit_length()
    if digits > 8:
        return None, 0
    size = int.from_bytes(payload[position : position + digits], "big") & ((1 << 7 * digits) - 1)
    return (None if size == (1 << 7 * digits) - 1 else size), digits


def _avi_length(payload: bytes) -> int:
    return 8 + int.from_bytes(payload[4:8], "little")


def _flv_length(payload: bytes) -> int:
    position = int.from_bytes(payload[5:9], "big") + 4
    while position < len(payload) and payload[position] & 0x1F in _FLV_TAGS:
        position += 11 + int.from_bytes(payload[position + 1 : position + 4], "big") + 4
    return position


def _asf_length(payload: bytes) -> int:
    """As the file properties have it, but for a broadcast, which never knew."""
    place = payload.find(_ASF_PROPERTIES, 0, 65_536)
    if place < 0 or place + 92 > len(payload):
        return 0
    size, flags = struct.unpack_from("<Q", payload, place + 40)[0], payload[place + 88]
    return 0 if flags & 1 else size


def _transport_length(payload: bytes) -> int:
    return -(-len(payload) // _TRANSPORT_PACKET_BYTES) * _TRANSPORT_PACKET_BYTES


def _adts_length(payload: bytes) -> int:
    position = id3_bytes(payload)
    while position + 6 <= len(payload) and is_adts(payload[position : position + 2]):
        header = int.from_bytes(payload[position + 3 : position + 6], "big")
        position += max(7, (header >> 5) & 0x1FFF)
    return position


def _amr_length(payload: bytes) -> int:
    for mark, sizes in (_AMR_NARROW, _AMR_WIDE):
        if payload.startswith(mark):
            position = len(mark)
            while position < len(payload):
                kind = payload[position] >> 3 & 15
                position += sizes[kind] if kind < len(sizes) else 1
            return position
    return 0


CONTAINER_LENGTHS: dict[str, Callable[[bytes], int]] = {
    "audio/aac": _adts_length,
    "audio/amr": _amr_length,
    "audio/mp4": _boxes_length,
    "video/matroska": _matroska_length,
    "video/mp2t": _transport_length,
    "video/mp4": _boxes_length,
    "video/quicktime": _boxes_length,
    "video/x-flv": _flv_length,
    "video/x-ms-asf": _asf_length,
    "video/x-msvideo": _avi_length,
}
