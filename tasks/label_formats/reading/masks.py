"""Masks that cover a part of a picture, as COCO's run-length code of the whole picture.

COCO counts down the columns, from the left, the first run is background. The text is COCO's uncompressed
form, {"size": [height, width], "counts": [...]} as JSON. Memory is for the part, whatever size the picture
claims.
"""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError

LARGEST_PIXELS = 100_000_000
LARGEST_SIDE = 1_000_000

Filled = npt.NDArray[np.bool_]


def mask_fields(filled: Filled, left: int, top: int, size: tuple[int, int]) -> dict[str, Any]:
    """The mask of a picture of that width and height, and the smallest box around what is filled.

    `filled` is its part from (left, top), by rows and columns. ValueError when it leads out of the picture.
    """
    width, height = size
    rows, columns = filled.shape
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ValueError(f"expected the size of the picture of a mask, got {width} x {height}")
    if left < 0 or top < 0 or left + columns > width or top + rows > height:
        place = f"{columns} x {rows} pixels at ({left}, {top})"
        raise ValueError(f"a mask of {place} leads out of a picture of {width} x {height}")
    across, down = np.flatnonzero(filled.any(axis=0)), np.flatnonzero(filled.any(axis=1))
    if not len(across):
        raise FaultError(Reason.ZERO_AREA, "no pixel of the mask is filled")
    counts = _counts(filled, left, top, size)
    return {
        "mask": json.dumps({"size": [height, width], "counts": counts}),
        "x": float(left + across[0]),
        "y": float(top + down[0]),
        "width": float(across[-1] - across[0] + 1),
        "height": float(down[-1] - down[0] + 1),
    }


def refuse_large_mask(columns: int, rows: int) -> None:
    """ValueError when a mask of so many columns and rows is none, or is larger than any picture we read."""
    if columns < 1 or rows < 1 or columns * rows > LARGEST_PIXELS:
        raise ValueError(f"expected a mask of 1 to {LARGEST_PIXELS} pixels, got {columns} x {rows}")


def _counts(filled: Filled, left: int, top: int, size: tuple[int, int]) -> list[int]:
    """The lengths of the runs of the whole picture, background first."""
    width, height = size
    padded = np.zeros((filled.shape[1], filled.shape[0] + 2), dtype=np.int8)
    padded[:, 1:-1] = filled.T
    edges = np.diff(padded, axis=1)
    starts, ends = (
        (left + columns.astype(np.int64)) * height + top + rows
        for columns, rows in (np.nonzero(edges == 1), np.nonzero(edges == -1))
    )
    # A run that ends at the bottom goes on at the top of the next column.
    joined = starts[1:] == ends[:-1]
    starts, ends = starts[np.r_[True, ~joined]], ends[np.r_[~joined, True]]
    turns = np.column_stack((starts, ends)).ravel()
    counts: list[int] = np.diff(turns, prepend=0, append=width * height).tolist()
    return counts if counts[-1] else counts[:-1]
