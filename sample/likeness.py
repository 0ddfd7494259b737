"""Likeness: a 64-bit perceptual hash, and the gallery that takes only pictures unlike all it holds.

The hash is the usual one: 32 x 32 grey, cosine transform, the 8 x 8 lowest frequencies against their median.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 32
LOW = 8
LEAST_BITS_APART = 14


def cosine_matrix(side: int) -> NDArray[np.float64]:
    """Rows of the cosine transform (type II, orthonormal)."""
    rows, columns = np.mgrid[0:side, 0:side]
    matrix = np.cos(np.pi * rows * (2 * columns + 1) / (2 * side)) * np.sqrt(2 / side)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float64)


COSINES = cosine_matrix(SIDE)


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits that change little when a picture is scaled or compressed."""
    grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    low = (COSINES @ np.asarray(grey, dtype=np.float64) @ COSINES.T)[:LOW, :LOW].ravel()
    bits = low > np.median(low)
    return int("".join("1" if bit else "0" for bit in bits), 2)


class Gallery:
    """The pictures of the whole sample, by their hashes: no two of them are near-duplicates."""

    def __init__(self) -> None:
        self._hashes: list[int] = []

    def takes(self, picture: Image.Image) -> bool:
        """True, and the picture is remembered, when it is unlike every picture taken before."""
        new = perceptual_hash(picture)
        if any((new ^ old).bit_count() < LEAST_BITS_APART for old in self._hashes):
            return False
        self._hashes.append(new)
        return True


class Phrasebook:
    """The wordings used so far: no two captions or reviews of the sample are the same."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def lacks(self, texts: Sequence[str]) -> bool:
        return self._texts.isdisjoint(texts)

    def add(self, texts: Sequence[str]) -> None:
        self._texts.update(texts)
