"""FLAC that never told how long it is, because its writer could not go back: told from its last frame.

reads   the bytes of a FLAC file (RFC 9639: 8.2 streaminfo, 9.1 frame header)
A frame's header is recognised by its sync code, its reserved bits and its CRC-8. Should garbage pass for one,
the decoder finds fewer or broken frames, and the file is refused: it is never cut short in silence.
"""

_MARK = b"fLaC"
_COUNTED = slice(18, 26)  # sample rate, channels, bits and, in the low 36 bits, the count of samples
_SYNCS = (b"\xff\xf8", b"\xff\xf9")
_BLOCK_SIZES = {
    1: 192,
    **{code: 144 << code for code in range(2, 6)},
    **{code: 1 << code for code in range(8, 16)},
}
_LONGEST_HEADER = 16


def lacks_total(head: bytes) -> bool:
    """Whether a FLAC begins there whose count of samples is 0, which means unknown."""
    counted = int.from_bytes(head[_COUNTED], "big")
    return head.startswith(_MARK) and len(head) >= _COUNTED.stop and not counted & 0xF_FFFF_FFFF


def with_total(payload: bytes) -> bytes:
    """The same file with its count of samples; as it is where no frame is found."""
    position = len(payload)
    while (position := max(payload.rfind(sync, 0, position) for sync in _SYNCS)) > 0:
        end = _end_of_frame(payload, position)
        if end:
            counted = int.from_bytes(payload[_COUNTED], "big") | end
            return payload[: _COUNTED.start] + counted.to_bytes(8, "big") + payload[_COUNTED.stop :]
    return payload


def _end_of_frame(payload: bytes, position: int) -> int:
    """How many samples there are when the frame that begins there is over; 0 where none begins."""
    header = payload[position : position + _LONGEST_HEADER]
    number, length = _coded_number(header[4:])
    code, rate = (header[2] >> 4, header[2] & 15) if len(header) > 2 else (0, 15)
    at = 4 + length
    extra = {6: 1, 7: 2}.get(code, 0)
    samples = _BLOCK_SIZES.get(code) or int.from_bytes(header[at : at + extra], "big") + 1
    at += extra + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if not length or code == 0 or rate == 15 or len(header) <= at or _crc_8(header[:at]) != header[at]:
        return 0
    if header[1] & 1:  # blocks of their own sizes: the number is that of the first sample
        return number + samples
    return number * int.from_bytes(payload[8:10], "big") + samples


def _coded_number(coded: bytes) -> tuple[int, int]:
    """A number in UTF-8's way, up to 36 bits, and how many bytes it takes; 0 bytes where there is none."""
    if not coded:
        return 0, 0
    ones = 8 - (coded[0] ^ 0xFF).bit_length()
    if ones == 0:
        return coded[0], 1
    if ones in (1, 8) or len(coded) < ones:
        return 0, 0
    number = coded[0] & (0x7F >> ones)
    for byte in coded[1:ones]:
        number = number << 6 | byte & 0x3F
    return number, ones


def _crc_8(header: bytes) -> int:
    remainder = 0
    for byte in header:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder << 1 ^ (0x07 if remainder & 0x80 else 0)) & 0xFF
    return remainder
