"""Damages: the ways in which a file of the broken batch cannot be read."""

import io
import struct
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from PIL import Image

from sample.folder import jpeg_bytes

WAV_RATE_HZ = 8_000
WAV_CLAIMED_BYTES = 160_000
WAV_PRESENT_BYTES = 12_000
NOTE = b"Dear all, the pictures of this folder are still on my old laptop. I shall send them on Monday.\n"

Maker = Callable[[Image.Image], bytes]


def cut_off(picture: Image.Image) -> bytes:
    """A JPEG that ends in the middle."""
    whole = jpeg_bytes(picture)
    return whole[: len(whole) * 2 // 5]


def empty(picture: Image.Image) -> bytes:
    """No bytes at all."""
    return b""


def note(picture: Image.Image) -> bytes:
    """A text where a picture should be."""
    return NOTE


def damaged(picture: Image.Image) -> bytes:
    """A PNG with a run of its pixel bytes overwritten."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    content = bytearray(buffer.getvalue())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    return bytes(content)


def cut_off_wav(rng: Generator) -> bytes:
    """A WAV whose header claims ten seconds while less than one is there."""
    samples = rng.normal(0, 900, WAV_PRESENT_BYTES // 2).astype("<i2").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, WAV_RATE_HZ, 2 * WAV_RATE_HZ, 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", 36 + WAV_CLAIMED_BYTES, b"WAVE")
    return riff + form + struct.pack("<4sI", b"data", WAV_CLAIMED_BYTES) + samples


# What is wrong (nothing, when empty), the ending of the file's name, and how its bytes are made.
FATES: tuple[tuple[str, str, Maker], ...] = (
    *[("", ".jpg", jpeg_bytes)] * 12,
    *[("truncated", ".jpg", cut_off)] * 3,
    *[("empty", ".jpg", empty)] * 2,
    *[("text_not_image", ".jpg", note)] * 2,
    ("damaged", ".png", damaged),
)


def shuffled_fates(rng: Generator) -> list[tuple[str, str, Maker]]:
    """The fates of all images, in no order."""
    return [FATES[index] for index in rng.permutation(np.arange(len(FATES)))]
