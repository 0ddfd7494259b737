"""Match by content: vectors to the vectors most like them, by the cosine of their angle.

reads   two float32 matrices whose rows are of length 1 (`unit_rows`)
writes  ContentPairs, and for every other row that found no partner its best candidate and why it lost
rules   A pair is each other's nearest neighbour, at least as alike as the threshold, and clearer than the
        second best by the margin. Equals go to the lower row. Every row is compared with every other, in
        float32; what is reported is computed again in float64, whatever blocks the rows came in.
        Memory beyond the matrices is one block of block_rows x block_rows floats and a few numbers a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LEAST_SIMILARITY = -1.0
_ROWS_AT_ONCE = 65536


@dataclass(frozen=True)
class Unmatched:
    """An other row without a partner; `best_index` is -1 where there was nothing to compare it with."""

    other_index: int
    best_index: int
    similarity: float
    margin: float
    reason: Literal["below_threshold", "not_mutual", "ambiguous"]


@dataclass(frozen=True)
class ContentPairs:
    """Partners, by other row; `margin` is how much less alike the other's second best is."""

    reference_index: Int64s
    other_index: Int64s
    similarity: Float64s
    margin: Float64s
    unmatched: tuple[Unmatched, ...]


class _Leaders:
    """The best and second best candidate of each row so far; the one that came first wins a tie."""

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
        second = passed > self.second_value[rows]
        self.second_value[rows] = np.where(second, passed, self.second_value[rows])
        self.second[rows] = np.where(second, passed_candidates, self.second[rows])


def unit_rows(matrix: Float32s) -> Float32s:
    """The rows at length 1; rows of zeros stay, and are like nothing. ValueError for NaN and infinity."""
    if not np.isfinite(matrix).all():
        raise ValueError("expected finite numbers in every vector, got NaN or infinity")
    lengths = np.linalg.norm(matrix.astype(np.float64), axis=1, keepdims=True)
    return (matrix / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def mutual_nearest(
    reference: Float32s, other: Float32s, threshold: float, min_margin: float = 0.0, block_rows: int = 2048
) -> ContentPairs:
    """Each other row with the reference row whose nearest it is and that is its nearest, or why not."""
    leaders, is_mutual = _find_nearest(reference, other, block_rows)
    best = leaders.best
    similarity = _similarities(reference, other, best)
    margin = np.maximum(similarity - _similarities(reference, other, leaders.second), 0)
    reasons = np.select(
        [(best < 0) | (similarity < threshold), ~is_mutual, margin < min_margin],
        ["below_threshold", "not_mutual", "ambiguous"],
        default="",
    )
    matched = np.flatnonzero(reasons == "")
    lost = np.flatnonzero(reasons != "")
    columns = (lost, best[lost], similarity[lost], margin[lost], reasons[lost])
    unmatched = tuple(map(Unmatched, *(column.tolist() for column in columns)))
    return ContentPairs(best[matched], matched, similarity[matched], margin[matched], unmatched)


def _find_nearest(reference: Float32s, other: Float32s, block_rows: int) -> tuple[_Leaders, Bools]:
    """The leaders of every other row, and whether it is the nearest of its best."""
    leaders = _Leaders(len(other))
    reference_best_value = np.full(len(reference), -np.inf, np.float32)
    for rows in _blocks(len(other), block_rows):
        for columns in _blocks(len(reference), block_rows):
            block = other[rows] @ reference[columns].T
            np.maximum(reference_best_value[columns], block.max(axis=0), out=reference_best_value[columns])
            # The best goes first; struck out, it leaves the second best in front.
            for _ in range(2):
                nearest = block.argmax(axis=1)
                place = np.arange(len(block)), nearest
                leaders.offer(rows, nearest + columns.start, block[place])
                block[place] = -np.inf
    return leaders, _first_to_reach(leaders, reference_best_value)


def _first_to_reach(leaders: _Leaders, reference_best_value: Float32s) -> Bools:
    """Which rows reach the best value of their own best; of several with one best, the lowest."""
    is_first = np.zeros(len(leaders.best), np.bool_)
    compared = np.flatnonzero(leaders.best >= 0)
    best = leaders.best[compared]
    reaching = compared[leaders.best_value[compared] >= reference_best_value[best]]
    is_first[reaching[np.unique(leaders.best[reaching], return_index=True)[1]]] = True
    return is_first


def _similarities(reference: Float32s, other: Float32s, reference_index: Int64s) -> Float64s:
    """Of each other row with its reference row; the least there can be where that is -1."""
    similarity = np.full(len(other), _LEAST_SIMILARITY)
    for rows in _blocks(len(other), _ROWS_AT_ONCE):
        compared = rows.start + np.flatnonzero(reference_index[rows] >= 0)
        pairs = reference[reference_index[compared]], other[compared]
        similarity[compared] = np.einsum("ij,ij->i", *pairs, dtype=np.float64)
    return similarity


def _blocks(rows: int, block_rows: int) -> Iterator[slice]:
    for start in range(0, rows, block_rows):
        yield slice(start, min(start + block_rows, rows))
