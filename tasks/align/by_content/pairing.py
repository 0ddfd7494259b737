"""Pair by likeness: which of the others goes with which of the reference, and why the rest do not.

reads   two sets of rows, and what the batch asks for: a threshold and a margin
writes  Pairing: of every other row its partner or its best candidate, and a verdict
rules   `mutual` pairs rows that are each other's nearest; `threshold` puts every other row to its nearest,
        whoever else is there. A pair is at least as alike as the threshold. Where the second best comes
        within the margin, or within what float32 can tell apart, the row is ambiguous: never a coin toss.
        For `mutual` that holds on both sides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.by_content.rows import Float64s, Int64s, Rows
from tasks.align.by_content.similarity import BLOCK_ROWS, RESOLUTION, Neighbours, nearest

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """How alike a pair must be, and how much clearer than the second best."""

    threshold: float
    margin: float = 0.0

    def is_close(self, gap: Float64s) -> Flags:
        """Whether so small a difference decides nothing; NaN, where there is no second best, decides."""
        return np.asarray((gap <= RESOLUTION) | (gap < self.margin - RESOLUTION))


@dataclass(frozen=True)
class Pairing:
    """One entry per other row. `best` is the partner, or the best candidate; -1 where there is none.

    A verdict is `matched` or a word that `explanation.py` has a sentence for. `rival` says who stands in the
    way: of an `ambiguous` or `either_way` row the second candidate, of the others the other row that its
    candidate likes as much or better; -1 where there is none. `margin` is how much less alike the next
    candidate is, NaN where there is none; below 0 where the partner is not the best.
    """

    verdict: NDArray[np.str_]
    best: Int64s
    similarity: Float64s
    margin: Float64s
    rival: Int64s
    rival_similarity: Float64s


def pair_to_nearest(reference: Rows, other: Rows, limits: Limits) -> Pairing:
    """Every other row with the reference row that it is most like: one to many."""
    of_other, _ = nearest(reference, other)
    return _to_pairing(of_other, _own_verdicts(of_other, limits), of_other.second, of_other.second_similarity)


def pair_mutual(reference: Rows, other: Rows, limits: Limits, block_rows: int = BLOCK_ROWS) -> Pairing:
    """Every other row with the reference row whose nearest it is and that is its nearest: one to one."""
    of_other, of_reference = nearest(reference, other, block_rows)
    verdict = _own_verdicts(of_other, limits)
    if not len(of_reference.best):
        return _to_pairing(of_other, verdict, of_other.second, of_other.second_similarity)
    best = np.maximum(of_other.best, 0)
    favourite, its_similarity = of_reference.best[best], of_reference.similarity[best]
    is_favourite = favourite == np.arange(len(favourite))
    preferred = ~is_favourite & ~limits.is_close(its_similarity - of_other.similarity)
    rivalled = limits.is_close(of_reference.margin[best])
    open_still = verdict == "matched"
    verdict[open_still & preferred] = "not_mutual"
    verdict[open_still & ~preferred & rivalled] = "rivalled"
    on_own_side = verdict == "ambiguous"
    rival = np.where(is_favourite, of_reference.second[best], favourite)
    rival_similarity = np.where(is_favourite, of_reference.second_similarity[best], its_similarity)
    return _to_pairing(
        of_other,
        verdict,
        np.where(on_own_side, of_other.second, rival),
        np.where(on_own_side, of_other.second_similarity, rival_similarity),
    )


def _own_verdicts(of_other: Neighbours, limits: Limits) -> NDArray[np.str_]:
    """What each row's own side says of it."""
    return np.select(
        [
            of_other.best < 0,
            # Likeness is computed exactly, yet 0.9 is no float: what rounds to the threshold meets it.
            of_other.similarity < limits.threshold - RESOLUTION,
            limits.is_close(of_other.margin),
        ],
        ["nothing", "below_threshold", "ambiguous"],
        default="matched",
    ).astype("<U16")


def _to_pairing(
    of_other: Neighbours, verdict: NDArray[np.str_], rival: Int64s, rival_similarity: Float64s
) -> Pairing:
    told = np.isin(verdict, ["ambiguous", "rivalled", "not_mutual"])
    return Pairing(
        verdict,
        of_other.best,
        of_other.similarity,
        of_other.margin,
        np.where(told, rival, -1),
        np.where(told, rival_similarity, np.nan),
    )
