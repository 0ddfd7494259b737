"""The frames of MPEG audio (MP3, MP2), walked by their headers: how many there are, and where they end.

reads   the bytes of a file
Sources: ISO 11172-3 and 13818-3, 2.4.1.3 (headers); the first frames of Xing, LAME and Fraunhofer; ID3v2.4.
What stands before the first frame and behind the last is no sound: tags (ID3, APE, Lyrics3), zeros, garbage.
What stands between frames is passed over, as players do. A frame has the version, layer and rate of the
first, and behind garbage only two in a row count: so hardly any garbage passes for a frame.
"""

from dataclasses import dataclass

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
# kbit/s by (MPEG 1, layer): layer bits 3 is layer I, 2 is II, 1 is III.
_BIT_RATES = {
    (True, 3): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAME_STREAM = 0xFFFE0C00  # sync, version, layer, rate
_LAYER_3 = 1
_DECODER_DELAY = 529
_LOOKED_FOR_FIRST_BYTES = 2**16
_TAG_AREA_BYTES = 200


@dataclass(frozen=True)
class MpegAudio:
    """Where the frames are; `promised` is what the first one, which is no sound, says of their number."""

    start: int
    end: int
    frames: int
    missing_bytes: int
    promised: int | None


def id3_bytes(payload: bytes) -> int:
    """How long the ID3v2 tag is that the bytes begin with; 0 where there is none."""
    if not payload.startswith(b"ID3") or len(payload) < 10:
        return 0
    size = 0
    for digit in payload[6:10]:
        size = size << 7 | digit & 0x7F
    return 10 + size + (10 if payload[5] & 0x10 else 0)


def is_mpeg_audio(head: bytes) -> bool:
    """Whether the bytes begin like a frame of MPEG audio, which ADTS does not."""
    return len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 6 != 0


def is_adts(head: bytes) -> bool:
    """Whether the bytes begin like a frame of AAC in ADTS (ISO 13818-7)."""
    return len(head) >= 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def find_mpeg_audio(payload: bytes) -> MpegAudio | None:
    """The frames; None where there are none, or their lengths cannot be told (free format)."""
    start = _first_frame(payload, id3_bytes(payload))
    if start is None:
        return None
    form = _word(payload, start) & _SAME_STREAM
    position, frames, missing = start, 0, 0
    while True:
        length = _frame_bytes(payload, position, form)
        if length and position + length > len(payload):
            missing = position + length - len(payload)
            break
        if length:
            position, frames = position + length, frames + 1
            continue
        following = _next_pair(payload, position, form)
        if following is None:
            break
        position = following
    promised = _promised(payload, start)
    return MpegAudio(start, position, frames - (promised is not None), missing, promised)


def countable(payload: bytes, found: MpegAudio) -> bytes:
    """The sound without what stands behind it, and told to libsndfile in its whole length.

    libsndfile reads as many frames as the first one counts, or as many as it guesses from the size of the
    file and the first frame: of a variable bit rate less than there are. Where the count is missing or too
    low, two frames are put in front: one that counts, and a silent one that is what mpg123 skips as delay.
    """
    if _layer_bits(payload, found.start) != _LAYER_3 or (found.promised or 0) >= found.frames:
        return payload[: found.end]
    samples = 1152 if _is_mpeg_1(payload, found.start) else 576
    first = found.start
    if found.promised is not None:
        first += _frame_bytes(payload, found.start)
    word = _word(payload, found.start) & ~0x0000F200 | 0x00019000  # 128 or 80 kbit/s, no padding, no checksum
    header = word.to_bytes(4, "big")
    length = _frame_bytes(header, 0)
    # LAME's fields: what mpg123 skips is the delay and 529 samples more, and 529 less than the padding.
    gaps = ((samples - _DECODER_DELAY) << 12 | _DECODER_DELAY).to_bytes(3, "big")
    counts = b"Xing" + (1).to_bytes(4, "big") + (found.frames + 1).to_bytes(4, "big")
    told = header + bytes(_side_bytes(payload, found.start)) + counts + b"LAME".ljust(21, b"\0") + gaps
    return (
        payload[: found.start]
        + told.ljust(length, b"\0")
        + header.ljust(length, b"\0")
        + payload[first : found.end]
    )


def _word(payload: bytes, position: int) -> int:
    return int.from_bytes(payload[position : position + 4], "big")


def _frame_bytes(payload: bytes, position: int, form: int | None = None) -> int:
    """The length of the frame that begins there; 0 where none does, or another stream's than `form`."""
    word = _word(payload, position)
    if (
        position + 4 > len(payload)
        or word >> 21 != 0x7FF
        or (form is not None and word & _SAME_STREAM != form)
    ):
        return 0
    version, layer = word >> 19 & 3, word >> 17 & 3
    bits, rate, padding = word >> 12 & 15, word >> 10 & 3, word >> 9 & 1
    if version == 1 or layer == 0 or bits in (0, 15) or rate == 3:
        return 0
    bit_rate = _BIT_RATES[version == 3, layer][bits - 1] * 1000
    sample_rate = _RATES[version][rate]
    if layer == 3:
        return (12 * bit_rate // sample_rate + padding) * 4
    samples = 72 if layer == 1 and version != 3 else 144
    return samples * bit_rate // sample_rate + padding


def _layer_bits(payload: bytes, start: int) -> int:
    return _word(payload, start) >> 17 & 3


def _is_mpeg_1(payload: bytes, start: int) -> bool:
    return _word(payload, start) >> 19 & 3 == 3


def _first_frame(payload: bytes, position: int) -> int | None:
    """Where a frame begins that another of its kind follows, or the end."""
    for start in range(position, min(position + _LOOKED_FOR_FIRST_BYTES, len(payload) - 3)):
        if payload[start] != 0xFF:
            continue
        length = _frame_bytes(payload, start)
        form = _word(payload, start) & _SAME_STREAM
        if length and (start + length >= len(payload) or _frame_bytes(payload, start + length, form)):
            return start
    return None


def _next_pair(payload: bytes, position: int, form: int) -> int | None:
    """Where two frames of the stream follow each other, from there on."""
    mark = form.to_bytes(4, "big")[:1]
    while (position := payload.find(mark, position + 1)) >= 0:
        length = _frame_bytes(payload, position, form)
        if length and _frame_bytes(payload, position + length, form):
            return position
    return None


def _side_bytes(payload: bytes, start: int) -> int:
    """The length of the side information, behind which Xing's mark stands."""
    single = _word(payload, start) >> 6 & 3 == 3
    if _is_mpeg_1(payload, start):
        return 17 if single else 32
    return 9 if single else 17


def _promised(payload: bytes, start: int) -> int | None:
    """The number of frames that a Xing, Info or VBRI frame tells; None where the first frame is sound."""
    area = payload[start : start + _TAG_AREA_BYTES]
    for name in (b"Xing", b"Info"):
        place = area.find(name, 0, 48)
        if place > 0:
            flags = int.from_bytes(area[place + 4 : place + 8], "big")
            return int.from_bytes(area[place + 8 : place + 12], "big") if flags & 1 else 0
    place = area.find(b"VBRI", 0, 48)
    return int.from_bytes(area[place + 14 : place + 18], "big") if place > 0 else None
