"""The nearest two of every row among the rows of the other side, both ways, in one pass over the products.

reads   two sets of rows (`rows.py`)
writes  Neighbours of the others among the reference, and of the reference among the others
rules   Every row is compared with every other, block by block, in float32; what is reported is computed again
        in float64, so it is the same whatever blocks the rows came in. Equals go to the lower row. Memory
        beyond the rows is one block of block_rows x block_rows floats and a few numbers a row.
        Very many hashes are compared in a loop of their own (`kernels.py`), with the same result.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.by_content.rows import HASH_BITS, Float32s, Float64s, HashRows, Int64s, Rows

# What float32 cannot tell apart: likeness that differs by no more is a tie.
RESOLUTION = 1e-6

# No multiple of 1024: the places of a column would be in each other's way in the processor's cache.
BLOCK_ROWS = 2032
_STRIP_ROWS = 16

# Pairs of hashes that are compared block by block in the time that Numba takes to load.
WORTH_COMPILING = 200_000_000


@dataclass(frozen=True)
class Neighbours:
    """Of each row the best and the second best on the other side, -1 and NaN where there is none."""

    best: Int64s
    second: Int64s
    similarity: Float64s
    second_similarity: Float64s

    @property
    def margin(self) -> Float64s:
        """How much less alike the second best is; NaN where there is none."""
        return self.similarity - self.second_similarity


class _Leaders:
    """The best and second best of each row so far; the one that came first wins a tie."""

    def __init__(self, rows: int) -> None:
        self.best = np.full(rows, -1, np.int64)
        self.second = np.full(rows, -1, np.int64)
        self.best_value = np.full(rows, -np.inf, np.float32)
        self.second_value = np.full(rows, -np.inf, np.float32)

    def offer(self, rows: slice, candidates: Int64s, values: Float32s) -> None:
        """One candidate for each of the rows."""
        ahead = values > self.best_value[rows]
        passed = np.where(ahead, self.best_value[rows], values)
        passed_candidates = np.where(ahead, self.best[rows], candidates)
        self.best_value[rows] = np.where(ahead, values, self.best_value[rows])
        self.best[rows] = np.where(ahead, candidates, self.best[rows])
        second = ahead | (passed > self.second_value[rows])
        self.second_value[rows] = np.where(second, passed, self.second_value[rows])
        self.second[rows] = np.where(second, passed_candidates, self.second[rows])


def nearest(reference: Rows, other: Rows, block_rows: int = BLOCK_ROWS) -> tuple[Neighbours, Neighbours]:
    """Of every other row its two nearest reference rows; of every reference row its two nearest others."""
    pairs = len(reference) * len(other)
    if isinstance(reference, HashRows) and isinstance(other, HashRows) and pairs >= WORTH_COMPILING:
        return nearest_hashes(reference, other)
    of_other, of_reference = _Leaders(len(other)), _Leaders(len(reference))
    for rows in blocks(len(other), block_rows):
        for columns in blocks(len(reference), block_rows):
            block = other.products(rows, reference, columns)
            _offer_columns(of_reference, block, rows, columns)
            _offer_rows(of_other, block, rows, columns)
    return _neighbours(of_other, other, reference), _neighbours(of_reference, reference, other)


def nearest_hashes(reference: HashRows, other: HashRows) -> tuple[Neighbours, Neighbours]:
    """The same of hashes, by their bits: ten times as fast, where the start of Numba does not count."""
    from tasks.align.by_content.kernels import nearest_two

    of_other, of_reference = nearest_two(other.matrix, reference.matrix)
    return _of_bits(*of_other), _of_bits(*of_reference)


def _of_bits(two: Int64s, bits: NDArray[np.uint8]) -> Neighbours:
    alike = np.where(two >= 0, 1 - bits / HASH_BITS, np.nan)
    return Neighbours(two[0], two[1], alike[0], alike[1])


def blocks(rows: int, block_rows: int) -> Iterator[slice]:
    """The rows cut into slices of that many; the last one may be shorter."""
    for start in range(0, rows, block_rows):
        yield slice(start, min(start + block_rows, rows))


def _offer_rows(leaders: _Leaders, block: Float32s, rows: slice, columns: slice) -> None:
    """Offer each row its two best columns. The best goes first; struck out, it leaves the second in front."""
    every = np.arange(len(block))
    for _ in range(2):
        front = block.argmax(axis=1)
        leaders.offer(rows, front + columns.start, block[every, front])
        block[every, front] = -np.inf


def _offer_columns(leaders: _Leaders, block: Float32s, rows: slice, columns: slice) -> None:
    """Offer each column its two best rows.

    numpy's own argmax over columns takes as long as the products. So the block is cut into strips of a few
    rows, a fast maximum is taken of each, and only the strip where a column has its greatest is looked into.
    """
    every = np.arange(block.shape[1])
    tops = _tops_of_strips(block)
    strip = tops.argmax(axis=0)
    front, values, next_values = _front_rows(block, strip, np.full(len(every), -1))
    leaders.offer(columns, front + rows.start, values)
    tops[strip, every] = next_values
    second, second_values, _ = _front_rows(block, tops.argmax(axis=0), front)
    leaders.offer(columns, second + rows.start, second_values)


def _tops_of_strips(block: Float32s) -> Float32s:
    """The greatest of each column in each strip of rows: (strips, columns). The last strip may be shorter."""
    whole = len(block) // _STRIP_ROWS * _STRIP_ROWS
    tops: Float32s = block[:whole].reshape(-1, _STRIP_ROWS, block.shape[1]).max(axis=1)
    if whole == len(block):
        return tops
    return np.concatenate([tops, block[whole:].max(axis=0, keepdims=True)])


def _front_rows(block: Float32s, strip: Int64s, without: Int64s) -> tuple[Int64s, Float32s, Float32s]:
    """Per column the first row of its greatest value, that value, and the greatest of the other rows.

    It is looked for within a strip of the column's own, `without` one of its rows.
    """
    every = np.arange(len(strip))
    # The last strip may be shorter; its last row then comes several times, and is struck out as one.
    rows = np.minimum(strip[:, None] * _STRIP_ROWS + np.arange(_STRIP_ROWS), len(block) - 1)
    values = block.reshape(-1)[rows * block.shape[1] + every[:, None]]
    values[rows == without[:, None]] = -np.inf
    place = values.argmax(axis=1)
    front, front_values = rows[every, place], values[every, place]
    values[rows == front[:, None]] = -np.inf
    return front, front_values, values.max(axis=1)


def _neighbours(leaders: _Leaders, own: Rows, other: Rows) -> Neighbours:
    """The leaders with their likeness in float64, in the order that it gives them."""
    best_value = _likeness(own, other, leaders.best)
    second_value = _likeness(own, other, leaders.second)
    tied = second_value == best_value
    swapped = (second_value > best_value) | (tied & (leaders.second < leaders.best))
    return Neighbours(
        np.where(swapped, leaders.second, leaders.best),
        np.where(swapped, leaders.best, leaders.second),
        np.where(swapped, second_value, best_value),
        np.where(swapped, best_value, second_value),
    )


def _likeness(own: Rows, other: Rows, index: Int64s) -> Float64s:
    """Of each row with the other side's row of that index; NaN where that is -1."""
    found = np.full(len(own), np.nan)
    known = np.flatnonzero(index >= 0)
    found[known] = own.likeness(known, other, index[known])
    return found
