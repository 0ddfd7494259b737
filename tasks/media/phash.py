"""A picture as 64 bits that stay when it is scaled or compressed: the DCT perceptual hash.

C. Zauner, Implementation and benchmarking of perceptual image hash functions, 2010; N. Krawetz,
"Looks like it", hackerfactor.com, 2011. The layout of the bits is that of ImageHash's `phash`. The transform
is done in whole numbers, so that every machine gives the same bits.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grid = npt.NDArray[np.int64]

SIDE = 32
_LOW = 8
_SCALE = 4_096


def perceptual_hash(grid: "Grid") -> str:
    """16 hexadecimal digits of a 32 x 32 grid of grey values (0 to 255)."""
    import numpy as np

    transform = _cosines()
    low = transform @ grid @ transform.T
    bits = low.ravel() > np.median(low)
    return np.packbits(bits).tobytes().hex()


@cache
def _cosines() -> "Grid":
    """The first 8 rows of the DCT-II of length 32, times 4096, rounded."""
    import numpy as np

    row, column = np.arange(_LOW)[:, None], np.arange(SIDE)[None, :]
    cosines = np.cos(np.pi * (2 * column + 1) * row / (2 * SIDE))
    rounded: Grid = np.rint(cosines * _SCALE).astype(np.int64)
    return rounded
