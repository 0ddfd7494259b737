"""Pair by optimal assignment: one to one, so that the whole is most alike.

reads   two sets of rows, and what the batch asks for: a threshold and a margin
writes  Pairing (`pairing.py`)
rules   Of all ways to pair rows that are at least as alike as the threshold, the one whose sum of
        (1 + likeness) is greatest. Rows that no chain of such pairs connects do not concern each other, so
        each connected part is solved alone (scipy.optimize.linear_sum_assignment). A pair is ambiguous when
        another way, without it, loses no more than the margin, or than what float32 can tell apart; so is a
        row left over that could as well have been paired. A part of more than `MOST_CELLS` rows x reference
        rows is refused, and everything where more than `MOST_PAIRS` pairs reach the threshold, so that memory
        and time stay bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.by_content.alike_pairs import AlikePairs, alike_pairs
from tasks.align.by_content.exchange import losses_without
from tasks.align.by_content.pairing import Limits, Pairing
from tasks.align.by_content.rows import Float64s, Int64s, Rows
from tasks.align.by_content.similarity import Neighbours, nearest

MOST_CELLS = 1_000_000
MOST_PAIRS = 5_000_000


@dataclass(frozen=True)
class _Part:
    """Other rows and reference rows that concern each other, and the pairs among them."""

    other: Int64s
    reference: Int64s
    pairs: AlikePairs

    @property
    def cells(self) -> int:
        return len(self.other) * len(self.reference)

    @property
    def weights(self) -> Float64s:
        """1 + likeness of each pair, 0 where there is none: float64 (others, references)."""
        weights = np.zeros((len(self.other), len(self.reference)))
        rows = np.searchsorted(self.other, self.pairs.other)
        columns = np.searchsorted(self.reference, self.pairs.reference)
        weights[rows, columns] = np.maximum(1 + self.pairs.similarity, 0)
        return weights


def pair_by_assignment(
    reference: Rows, other: Rows, limits: Limits, most_cells: int = MOST_CELLS, most_pairs: int = MOST_PAIRS
) -> Pairing:
    """Every other row with its partner in the best assignment, or why it has none."""
    of_other, _ = nearest(reference, other)
    verdict = np.where(of_other.best < 0, "nothing", "below_threshold").astype("<U16")
    partner = np.full(len(other), -1, np.int64)
    pairs = alike_pairs(reference, other, limits.threshold, most_pairs)
    if pairs is None:
        verdict[of_other.best >= 0] = "too_many"
        return _to_pairing((reference, other), of_other, verdict, partner)
    for part in _parts(pairs, len(other), len(reference)):
        if part.cells > most_cells:
            verdict[part.other] = "too_many"
        else:
            verdict[part.other], chosen = _solve(part.weights, limits)
            partner[part.other] = np.where(chosen >= 0, part.reference[chosen], -1)
    return _to_pairing((reference, other), of_other, verdict, partner)


def _parts(pairs: AlikePairs, others: int, references: int) -> Iterator[_Part]:
    """The connected parts that have a pair, in the order of their first other row."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = (pairs.other, others + pairs.reference)
    graph = coo_array((np.ones(len(pairs.other), np.int8), ends), shape=(others + references,) * 2)
    labels = connected_components(graph, directed=False)[1][pairs.other]
    order = np.argsort(labels, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(own):
            part = AlikePairs(pairs.other[own], pairs.reference[own], pairs.similarity[own])
            yield _Part(np.unique(part.other), np.unique(part.reference), part)


def _solve(weights: Float64s, limits: Limits) -> tuple[NDArray[np.str_], Int64s]:
    """Per other row of a part a verdict, and the reference row it goes with; -1 where that is none."""
    from scipy.optimize import linear_sum_assignment

    partner = np.full(len(weights), -1, np.int64)
    rows, columns = linear_sum_assignment(weights, maximize=True)
    worth = weights[rows, columns] > 0
    partner[rows[worth]] = columns[worth]
    unclear = limits.is_close(losses_without(weights, partner))
    verdict = np.select([unclear, partner >= 0], ["either_way", "matched"], default="taken")
    return verdict, np.where(unclear, -1, partner)


def _to_pairing(
    rows: tuple[Rows, Rows], of_other: Neighbours, verdict: NDArray[np.str_], partner: Int64s
) -> Pairing:
    """The partners, or the best candidates; the margin of a partner is to the best of the others."""
    reference, other = rows
    matched = np.flatnonzero(partner >= 0)
    holder = np.full(len(reference), -1, np.int64)
    holder[partner[matched]] = matched
    best, similarity, margin = of_other.best.copy(), of_other.similarity.copy(), of_other.margin
    best[matched] = partner[matched]
    similarity[matched] = other.likeness(matched, reference, partner[matched])
    second_choice = matched[partner[matched] != of_other.best[matched]]
    margin[second_choice] = similarity[second_choice] - of_other.similarity[second_choice]
    rival, rival_similarity = np.full(len(other), -1, np.int64), np.full(len(other), np.nan)
    unclear, taken = np.flatnonzero(verdict == "either_way"), np.flatnonzero(verdict == "taken")
    rival[unclear], rival_similarity[unclear] = of_other.second[unclear], of_other.second_similarity[unclear]
    rival[taken] = holder[of_other.best[taken]]
    held = taken[rival[taken] >= 0]
    rival_similarity[held] = other.likeness(rival[held], reference, of_other.best[held])
    return Pairing(verdict, best, similarity, margin, rival, rival_similarity)
