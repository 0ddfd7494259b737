"""Small media for the tests, made on the spot."""

import io
import struct

import numpy as np
from PIL import Image, ImageFilter

from tasks.core.candidate import MediaFacts
from tasks.media.facts import read_facts
from tasks.media.reader import Limits

LIMITS = Limits(most_pixels=1_000_000, largest_text_bytes=1_000)
ORIENTATION = 0x0112


def facts(payload: bytes, name: str, modality: str | None = None) -> MediaFacts:
    return read_facts(payload, name, modality, LIMITS)


def reason(payload: bytes, name: str, modality: str | None = None) -> str | None:
    fault = facts(payload, name, modality).fault
    return fault.reason.value if fault else None


def photo(width: int = 120, height: int = 80, seed: int = 7) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(6))


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def turned_jpeg(picture: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(picture, "JPEG", quality=95, exif=exif)


def wav(frames: int = 8_000, rate: int = 8_000, channels: int = 1) -> bytes:
    samples = np.arange(frames * channels, dtype="<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def sound(kind: str, subtype: str | None = None) -> bytes:
    import soundfile

    tone = np.sin(np.arange(16_000) / 9).astype(np.float32) / 2
    buffer = io.BytesIO()
    soundfile.write(buffer, tone, 16_000, format=kind, subtype=subtype)
    return buffer.getvalue()
