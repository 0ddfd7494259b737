"""Whether a file goes on to where its own structure says it ends; decoders often take less without a word.

reads   the bytes of a RIFF or RF64, AIFF, AU, Ogg or PNG file; containers are in `container_endings.py`
"""

import struct
from collections.abc import Callable

from tasks.media.container_endings import CONTAINER_LENGTHS

_UNKNOWN_LENGTH = 0xFFFFFFFF  # RF64 says it elsewhere, a pipe never knew
_OGG_HEADER_BYTES = 27
_PNG_END = b"IEND\xaeB`\x82"


def missing_bytes(payload: bytes, media_type: str) -> int:
    """How many bytes are missing at the end, as far as the format tells; 0 when it is whole."""
    tell = _TELLERS.get(media_type)
    return max(0, tell(payload) - len(payload)) if tell else 0


def _riff_length(payload: bytes) -> int:
    """Where the data chunk ends: the RIFF header's own size is too often wrong."""
    order = ">" if payload.startswith(b"RIFX") else "<"
    position, long_data_bytes = 12, 0
    while position + 8 <= len(payload):
        name, size = struct.unpack_from(f"{order}4sI", payload, position)
        if name == b"ds64" and position + 24 <= len(payload):
            (long_data_bytes,) = struct.unpack_from("<Q", payload, position + 16)
        if name == b"data":
            return position + 8 + int(long_data_bytes if size == _UNKNOWN_LENGTH else size)
        position += 8 + size + size % 2
    return 0


def _aiff_length(payload: bytes) -> int:
    return 8 + int.from_bytes(payload[4:8], "big")


def _au_length(payload: bytes) -> int:
    start, size = int.from_bytes(payload[4:8], "big"), int.from_bytes(payload[8:12], "big")
    return 0 if size == _UNKNOWN_LENGTH else start + size


def _ogg_length(payload: bytes) -> int:
    """Where the last page that begins ends, as its table of segments has it."""
    page = payload.rfind(b"OggS")
    if page + _OGG_HEADER_BYTES > len(payload):
        return page + _OGG_HEADER_BYTES
    segments = payload[page + _OGG_HEADER_BYTES - 1]
    table = payload[page + _OGG_HEADER_BYTES : page + _OGG_HEADER_BYTES + segments]
    return page + _OGG_HEADER_BYTES + segments + sum(table)


def _png_length(payload: bytes) -> int:
    """What follows the end chunk is not the picture's; without one, at least that chunk is missing."""
    return 0 if _PNG_END in payload else len(payload) + len(_PNG_END)


_TELLERS: dict[str, Callable[[bytes], int]] = {
    "audio/aiff": _aiff_length,
    "audio/basic": _au_length,
    "audio/ogg": _ogg_length,
    "audio/wav": _riff_length,
    "image/png": _png_length,
    "video/ogg": _ogg_length,
    **CONTAINER_LENGTHS,
}
