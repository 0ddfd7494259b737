"""A picture as 64 bits that stay when it is scaled or compressed: the DCT perceptual hash.

C. Zauner, Implementation and benchmarking of perceptual image hash functions, 2010; N. Krawetz,
"Looks like it", hackerfactor.com, 2011. The layout of the bits is that of ImageHash's `phash`. The transform
is done in whole numbers, so that every machine gives the same bits; they are kept as floats, which hold every
whole number below 2**53 and are multiplied several times faster (4096 x 4096 x 32 x 32 x 255 is below 2**43).
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Grid = npt.NDArray[np.uint8]
    Transform = npt.NDArray[np.float64]

SIDE = 32
_LOW = 8
_SCALE = 4_096
_MIDDLE = _LOW * _LOW // 2


def perceptual_hash(grid: "Grid") -> str:
    """16 hexadecimal digits of a 32 x 32 grid of grey values (0 to 255)."""
    import numpy as np

    transform = _cosines()
    low = (transform @ grid.astype(np.float64) @ transform.T).ravel()
    middle = np.partition(low, (_MIDDLE - 1, _MIDDLE))[_MIDDLE - 1 : _MIDDLE + 1]
    # Greater than the median, which lies half-way between the two middle values.
    return np.packbits(2 * low > middle.sum()).tobytes().hex()


@cache
def _cosines() -> "Transform":
    """The first 8 rows of the DCT-II of length 32, times 4096, rounded."""
    import numpy as np

    row, column = np.arange(_LOW)[:, None], np.arange(SIDE)[None, :]
    cosines = np.cos(np.pi * (2 * column + 1) * row / (2 * SIDE))
    rounded: Transform = np.rint(cosines * _SCALE)
    return rounded
