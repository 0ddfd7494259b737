"""Pictures by where their colours and edges lie, from the upright picture at 64 x 64 pixels.

reads   an encoded image of any format that Pillow knows; its first frame, over white where it is see-through
writes  384 float32, three parts of equal weight, each of unit length (or all 0 where it says nothing):
          192  the mean colour of 8 x 8 cells, less middle grey (after the MPEG-7 colour layout
               descriptor, Kasutani and Yamada 2001)
           64  the square roots of a 4 x 4 x 4 RGB histogram (Swain and Ballard 1991; Hellinger's distance)
          128  edge strength by 8 directions in 4 x 4 cells (Dalal and Triggs 2005, one block)
        ValueError for bytes that are no picture
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tasks.core.encoder import Encoder
from tasks.core.pictures import turn_upright
from tasks.core.rgb_pictures import open_rgb
from tasks.core.vectors import Matrix

Reals = npt.NDArray[np.float64]

_SIDE = 64
_LAYOUT_CELLS = 8
_COLOUR_STEPS = 4
_EDGE_CELLS = 4
_DIRECTIONS = 8
_DIMENSIONS = _LAYOUT_CELLS**2 * 3 + _COLOUR_STEPS**3 + _EDGE_CELLS**2 * _DIRECTIONS


def encode(payloads: Sequence[bytes]) -> Matrix:
    """One row per picture."""
    matrix = np.empty((len(payloads), _DIMENSIONS), np.float32)
    for row, payload in enumerate(payloads):
        pixels = _read_pixels(payload)
        parts = [_colour_layout(pixels), _colour_histogram(pixels), _edge_directions(pixels)]
        matrix[row] = np.concatenate([_unit(part) for part in parts]) / np.sqrt(len(parts))
    return matrix


def _read_pixels(payload: bytes) -> Reals:
    """The upright picture in RGB, shares of full brightness: float64 (64, 64, 3)."""
    from PIL import Image

    # a JPEG is decoded at a fraction of its size
    with open_rgb(payload, (4 * _SIDE, 4 * _SIDE)) as (picture, orientation):
        small = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX)
        return np.asarray(turn_upright(small, orientation), np.float64) / 255


def _colour_layout(pixels: Reals) -> Reals:
    return np.asarray(_cells(pixels, _LAYOUT_CELLS).mean(axis=(1, 3)).ravel() - 0.5)


def _colour_histogram(pixels: Reals) -> Reals:
    steps = np.minimum((pixels * _COLOUR_STEPS).astype(np.int64), _COLOUR_STEPS - 1)
    colours = (steps[..., 0] * _COLOUR_STEPS + steps[..., 1]) * _COLOUR_STEPS + steps[..., 2]
    return np.sqrt(np.bincount(colours.ravel(), minlength=_COLOUR_STEPS**3) / colours.size)


def _edge_directions(pixels: Reals) -> Reals:
    """Edges have no sign: a direction and its opposite are the same."""
    down, right = np.gradient(pixels @ np.array([0.299, 0.587, 0.114]))
    turn = np.arctan2(down, right) / np.pi % 1.0
    direction = np.minimum((turn * _DIRECTIONS).astype(np.int64), _DIRECTIONS - 1)
    strength = np.hypot(down, right)
    votes = np.where(direction[..., None] == np.arange(_DIRECTIONS), strength[..., None], 0.0)
    return np.asarray(_cells(votes, _EDGE_CELLS).sum(axis=(1, 3)).ravel())


def _cells(pixels: Reals, cells: int) -> Reals:
    """The picture as (cell rows, pixel rows, cell columns, pixel columns, channels)."""
    size = _SIDE // cells
    return pixels.reshape(cells, size, cells, size, pixels.shape[-1])


def _unit(part: Reals) -> Reals:
    length = float(np.linalg.norm(part))
    return part / length if length else part


ENCODER = Encoder("picture_layout", "image", _DIMENSIONS, encode)
