"""Whether a file goes on to where its own structure says it ends; decoders often take less without a word.

reads   the bytes of a RIFF or RF64, AIFF, AU, CAF, MPEG audio, Ogg or PNG file; for containers see
        `container_endings.py`
"""

import struct
from collections.abc import Callable

from tasks.core.mpeg_audio import find_mpeg_audio
from tasks.core.sound_body import ogg_end
from tasks.media.container_endings import CONTAINER_LENGTHS

_UNKNOWN_LENGTH = 0xFFFFFFFF  # RF64 says it elsewhere, a pipe never knew
_PIPE_LENGTHS = range(0x7FFF_0000, 0x8000_0001)  # what SoX and arecord write where they cannot know
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
            if size in _PIPE_LENGTHS:
                return 0
            return position + 8 + int(long_data_bytes if size == _UNKNOWN_LENGTH else size)
        position += 8 + size + size % 2
    return 0


def _aiff_length(payload: bytes) -> int:
    return 8 + int.from_bytes(payload[4:8], "big")


def _au_length(payload: bytes) -> int:
    start, size = int.from_bytes(payload[4:8], "big"), int.from_bytes(payload[8:12], "big")
    return 0 if size == _UNKNOWN_LENGTH else start + size


def _caf_length(payload: bytes) -> int:
    """Where the data chunk ends (Apple's Core Audio Format 1.0); of one without a length, at the end."""
    position = 8
    while position + 12 <= len(payload):
        name, size = struct.unpack_from(">4sq", payload, position)
        if size < 0:
            return 0
        if name == b"data":
            return position + 12 + int(size)
        position += 12 + size
    return position


def _mpeg_length(payload: bytes) -> int:
    """Where the last frame that begins ends; what follows the frames is no sound."""
    found = find_mpeg_audio(payload)
    return len(payload) + found.missing_bytes if found else 0


def _png_length(payload: bytes) -> int:
    """What follows the end chunk is not the picture's; without one, at least that chunk is missing."""
    return 0 if _PNG_END in payload else len(payload) + len(_PNG_END)


_TELLERS: dict[str, Callable[[bytes], int]] = {
    "audio/aiff": _aiff_length,
    "audio/basic": _au_length,
    "audio/mpeg": _mpeg_length,
    "audio/ogg": ogg_end,
    "audio/wav": _riff_length,
    "audio/x-caf": _caf_length,
    "image/png": _png_length,
    "video/ogg": ogg_end,
    **CONTAINER_LENGTHS,
}
