"""The first encoding, before any batch: it shows what the files of a model do not.

Files that do not belong together (a tokenizer with more words than the model, pictures prepared for another
size, more tokens than the model has places for, another end of text) would fail at every item, or give all of
them one vector.
"""

import io
import wave
from functools import cache

import numpy as np

from tasks.core.encoder import Encoder
from tasks.core.errors import WeightsError
from tasks.core.weights import Weights
from tasks.trained_encoders.running.pretrained import told_of

_RATE_HZ = 16_000


def tried(encoder: Encoder, weights: Weights) -> Encoder:
    """The encoder; WeightsError where it cannot encode, or does not tell what is different apart."""
    with told_of(weights, "cannot encode a sample"):
        one, other = encoder.encode(_samples(encoder.modality))
    if np.array_equal(one, other):
        raise WeightsError(
            weights.path,
            f"two samples of {encoder.modality} that differ have one vector: a file of it is another model's",
        )
    return encoder


@cache
def _samples(modality: str) -> tuple[bytes, bytes]:
    """Two that any model tells apart; the second text is longer than what any model reads."""
    if modality == "text":
        return b"a dog", b"the sea at night, " * 4096
    return (_picture(1), _picture(16)) if modality == "image" else (_tone(440), _tone(3000))


def _picture(cells: int) -> bytes:
    """A chessboard of 96 x 64 pixels."""
    from PIL import Image

    rows, columns = np.indices((64, 96)) * cells // 64
    file = io.BytesIO()
    Image.fromarray(((rows + columns) % 2 * 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _tone(hertz: int) -> bytes:
    """A quarter of a second of a tone."""
    samples = 16_000 * np.sin(2 * np.pi * hertz * np.arange(_RATE_HZ // 4) / _RATE_HZ)
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE_HZ)
        sound.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()
