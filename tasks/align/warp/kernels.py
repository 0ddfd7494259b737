"""Dynamic time warping within a band, compiled by Numba: cells outside of it are never looked at.

reads   two rows of vectors; for each row of the first, the columns of the second from `first` to `last`
writes  the rows and columns of the path of least cost from corner to corner, and what each cell costs
rules   A cell costs half the squared distance of its vectors; a diagonal step counts it twice, a straight
        one once (Sakoe and Chiba 1978, symmetric), so a path's cost by the sum of both lengths is a mean. Of
        equal ways the diagonal is taken. One byte is kept per cell.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.core.machine_code import compiled

Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

DIAGONAL, DOWN, RIGHT = 0, 1, 2


@compiled
def band_steps(
    left: Float32s, right: Float32s, first: Int64s, last: Int64s, places: Int64s
) -> tuple[NDArray[np.uint8], float]:
    """How each cell is reached, row r from places[r] on, and what the whole path costs."""
    steps = np.zeros(places[-1], np.uint8)
    width = np.max(last - first) + 1
    above, row = np.full(width, np.inf), np.full(width, np.inf)
    for i in range(len(left)):
        shift = first[i] - first[i - 1] if i else 0
        above_width = last[i - 1] - first[i - 1] + 1 if i else 0
        for k in range(last[i] - first[i] + 1):
            cost = _cell_cost(left[i], right[first[i] + k])
            best, step = np.inf, DIAGONAL
            if i == 0 and first[i] + k == 0:
                best = 2 * cost
            if 0 < k + shift <= above_width:
                best = above[k + shift - 1] + 2 * cost
            if k + shift < above_width and above[k + shift] + cost < best:
                best, step = above[k + shift] + cost, DOWN
            if k > 0 and row[k - 1] + cost < best:
                best, step = row[k - 1] + cost, RIGHT
            row[k] = best
            steps[places[i] + k] = step
        above, row = row, above
    return steps, above[last[-1] - first[-1]]


@compiled
def _cell_cost(left: Float32s, right: Float32s) -> float:
    total = 0.0
    for channel in range(len(left)):
        distance = left[channel] - right[channel]
        total += distance * distance
    return total / 2


@compiled
def walk_back(steps: NDArray[np.uint8], first: Int64s, places: Int64s, columns: int) -> Int64s:
    """The cells of the path from the first corner to the last, as rows of (row, column)."""
    i, j = len(first) - 1, columns - 1
    path = np.empty((len(first) + columns, 2), np.int64)
    at = len(path)
    while True:
        at -= 1
        path[at, 0], path[at, 1] = i, j
        if i == 0 and j == 0:
            return path[at:]
        step = steps[places[i] + j - first[i]]
        i, j = i - (step != RIGHT), j - (step != DOWN)
