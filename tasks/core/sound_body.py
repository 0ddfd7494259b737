"""What libsndfile is given of a sound file: the sound alone, and told in its whole length.

reads   a sound file
writes  the same file where libsndfile reads it whole, else its mended bytes (in memory), or word that only
        FFmpeg reads it
Tags and garbage behind MPEG audio and Ogg make libsndfile fail; where the count of MPEG frames is missing, it
stops early (`mpeg_audio.py`), and at the end of a FLAC that tells none it fails (`flac_audio.py`); a WAV has
length 0 where its writer never came back to fill it in; of chained Ogg (RFC 3533, section 4) libsndfile reads
the first link and says nothing.
"""

import io
from dataclasses import dataclass
from typing import BinaryIO

from tasks.core.flac_audio import lacks_total, with_total
from tasks.core.mpeg_audio import countable, find_mpeg_audio, id3_bytes, is_adts, is_mpeg_audio

_HEAD_BYTES = 2**16
_OGG_HEADER_BYTES = 27
_FIRST_OF_STREAM = 2
_UNKNOWN_LENGTH = b"\xff\xff\xff\xff"


@dataclass(frozen=True)
class SoundBody:
    """What is to be decoded, at its beginning; `chained` where libsndfile would read a part of it."""

    file: BinaryIO
    chained: bool = False


def sound_body(file: BinaryIO) -> SoundBody:
    """What a decoder is to be given; the file is at its beginning before."""
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if head.startswith(b"OggS"):
        return _ogg_body(file.read())
    tag = id3_bytes(head)
    file.seek(tag)
    behind = file.read(4)
    file.seek(0)
    if tag and behind == b"OggS":
        return _ogg_body(file.read()[tag:])
    if is_mpeg_audio(behind) or (tag and behind != b"fLaC" and not is_adts(behind)):
        payload = file.read()
        found = find_mpeg_audio(payload)
        return SoundBody(io.BytesIO(countable(payload, found) if found else payload))
    if lacks_total(head):
        return SoundBody(io.BytesIO(with_total(file.read())))
    length = _unfilled_length(head)
    if length:
        payload = file.read()
        return SoundBody(io.BytesIO(payload[:length] + _UNKNOWN_LENGTH + payload[length + 4 :]))
    return SoundBody(file)


def ogg_end(payload: bytes) -> int:
    """Where the last page that begins ends, as its table of segments has it, be it there or not."""
    page = payload.rfind(b"OggS\0")
    if page + _OGG_HEADER_BYTES > len(payload):
        return page + _OGG_HEADER_BYTES
    segments = payload[page + _OGG_HEADER_BYTES - 1]
    table = payload[page + _OGG_HEADER_BYTES : page + _OGG_HEADER_BYTES + segments]
    return page + _OGG_HEADER_BYTES + segments + sum(table)


def _ogg_body(payload: bytes) -> SoundBody:
    return SoundBody(io.BytesIO(payload[: ogg_end(payload)]), _is_chained(payload))


def _is_chained(payload: bytes) -> bool:
    """Whether a stream begins where another is under way."""
    page, under_way = 0, False
    while (page := payload.find(b"OggS\0", page)) >= 0:
        first = bool(payload[page + 5 : page + 6] and payload[page + 5] & _FIRST_OF_STREAM)
        if first and under_way:
            return True
        under_way = under_way or not first
        page += _OGG_HEADER_BYTES
    return False


def _unfilled_length(head: bytes) -> int:
    """Where a WAV says that its data have no length, although no other chunk follows; 0 in any other file."""
    if not (head.startswith(b"RIFF") and head.startswith(b"WAVE", 8)):
        return 0
    position = 12
    while position + 8 <= len(head):
        name, size = (
            head[position : position + 4],
            int.from_bytes(head[position + 4 : position + 8], "little"),
        )
        if name == b"data":
            following = head[position + 8 : position + 12]
            is_chunk = following.isascii() and following.decode("ascii").isprintable()
            return position + 4 if size == 0 and len(following) == 4 and not is_chunk else 0
        position += 8 + size + size % 2
    return 0
