"""Landmarks of a small picture, as 64 bits each that stay when it is cropped, scaled or turned a little.

reads   a small grey picture, 64 x 64 whatever its shape was, and what its width and height were
writes  codes, one or several a landmark, and where and how each lies in the small picture
rules   A code is the signs of 8 x 8 low frequencies of the patch around the landmark, in its own pose: of
        the eight ways to mirror and quarter-turn it, the one where the first frequency across is positive and
        greater than the first one down, which is positive too. So a mirrored picture has the same codes.
        Where that is a close call, there is a code for either way. Landmarks are sought in the small picture
        as it is, which is the same however the shape was changed, and in its true shape, which is the same
        whatever was added at its sides.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

Reals = NDArray[np.float64]
UInt64s = NDArray[np.uint64]
Kernels = tuple[Reals, NDArray[np.int64], Reals]

SIDE = 64
_MOST = 40
_LEAST = 0.3  # grey levels
_PATCH = 12
_LOW = 8
_LEVELS = 9
_FIRST_SCALE, _RATIO = 1.0, 2 ** (1 / 3)
_SCALE = 4096
_NEARLY_SQUARE = 0.93


@dataclass(frozen=True)
class Landmarks:
    """Codes, and for each the affine frame of its patch: rows of a b c d e f (see `alignment_kernels.py`)."""

    codes: UInt64s
    frames: Reals


def landmarks_of(small: NDArray[np.uint8], width: int, height: int) -> Landmarks:
    """Every code of the picture."""
    from tasks.fuse.ties.landmark_kernels import describe, find_landmarks

    codes: list[UInt64s] = []
    frames: list[Reals] = []
    for picture in _shapes(small, width, height):
        marks, lows = find_landmarks(picture, _kernels(), _cosines(), _MOST, _LEAST)
        stretch = SIDE / picture.shape[1], SIDE / picture.shape[0]
        own_codes, own_frames = describe(marks, lows, *stretch)
        codes.append(own_codes)
        frames.append(own_frames)
    return Landmarks(np.concatenate(codes), np.concatenate(frames))


def blurred(picture: Reals, levels: int) -> Reals:
    """The picture after that many levels of blur."""
    from tasks.fuse.ties.landmark_kernels import blur_levels

    weights, radii, _ = _kernels()
    last: Reals = blur_levels(picture, weights[:levels], radii[:levels])[-1]
    return last


def _shapes(small: NDArray[np.uint8], width: int, height: int) -> "Iterator[Reals]":
    """The small picture as it is and, unless it is nearly square, in its true shape."""
    yield small.astype(np.float64)
    longest = max(width, height)
    if min(width, height) < _NEARLY_SQUARE * longest:
        rows, columns = (max(_LOW, round(SIDE * edge / longest)) for edge in (height, width))
        yield _shrink(columns, _shrink(rows, small.astype(np.float64)).T).T.copy()


def _shrink(size: int, picture: Reals) -> Reals:
    """So many rows, each the mean of those that it covers."""
    edges = np.arange(size + 1) * (SIDE / size)
    sums = np.vstack([np.zeros(picture.shape[1]), np.cumsum(picture, axis=0)])
    whole = np.minimum(edges.astype(np.int64), SIDE - 1)
    until = sums[whole] + (edges - whole)[:, None] * picture[whole]
    shrunk: Reals = np.diff(until, axis=0) * (size / SIDE)
    return shrunk


@cache
def _cosines() -> Reals:
    """The first 8 rows of the DCT-II of the patch, in steps of 1/4096."""
    row, column = np.arange(_LOW)[:, None], np.arange(_PATCH)[None, :]
    return np.asarray(np.rint(np.cos(np.pi * (2 * column + 1) * row / (2 * _PATCH)) * _SCALE) / _SCALE)


@cache
def _kernels() -> Kernels:
    """From each level to the next: the weights, in steps of 1/4096, their radii, and the scales reached."""
    scales = np.round(_FIRST_SCALE * _RATIO ** np.arange(_LEVELS), 6)
    before = np.concatenate([[0.5], scales[:-1]])
    spreads = np.sqrt(scales**2 - before**2)
    radii = np.ceil(3 * spreads).astype(np.int64)
    weights = np.zeros((_LEVELS, 2 * int(radii.max()) + 1))
    for level, (spread, radius) in enumerate(zip(spreads, radii, strict=True)):
        steps = np.arange(-radius, radius + 1)
        bell = np.exp(-(steps**2) / (2 * spread**2))
        whole = np.rint(bell / bell.sum() * _SCALE)
        whole[radius] += _SCALE - whole.sum()
        weights[level, : 2 * radius + 1] = whole / _SCALE
    return weights, radii, scales
