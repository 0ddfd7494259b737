"""Why a member found no partner: its reason, its nearest candidate, and a sentence to act on.

reads   members, targets and their Pairing
writes  left-out rows
rules   Sentences are joined column by column: no object a row, for very many rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.assignment import MOST_CELLS, MOST_PAIRS
from tasks.align.by_content.pairing import Limits, Pairing
from tasks.align.by_content.rows import Float64s, Int64s
from tasks.align.result import joined, left_out_rows
from tasks.core.rejects import Reason


@dataclass(frozen=True)
class _Losses:
    """Members without a partner: who their best candidates are, and who stands in the way."""

    best: pa.ChunkedArray
    similarity: Float64s
    rival: pa.ChunkedArray
    rival_similarity: Float64s
    limits: Limits

    @property
    def opening(self) -> tuple[str | pa.Array | pa.ChunkedArray, ...]:
        return "its best candidate, ", self.best, ", is ", _in_text(self.similarity, 3), " alike"

    @property
    def rival_alike(self) -> pa.Array:
        return _in_text(self.rival_similarity, 3)


def _below(losses: _Losses) -> pa.Array:
    return joined(*losses.opening, f", below the threshold of {losses.limits.threshold:g}")


def _ambiguous(losses: _Losses) -> pa.Array:
    apart = _in_text(losses.similarity - losses.rival_similarity, 4)
    expected = f" apart, expected more than {losses.limits.margin:g}"
    rival = (", and ", losses.rival, " is ", losses.rival_alike, " alike: ")
    return joined(*losses.opening, *rival, apart, expected)


def _either_way(losses: _Losses) -> pa.Array:
    rival = joined("; the next, ", losses.rival, ", is ", losses.rival_alike, " alike")
    why = (
        f"; other assignments lose no more than the margin of {losses.limits.margin:g} in sum,"
        " so that which is meant cannot be told"
    )
    return joined(*losses.opening, pc.fill_null(rival, ""), why)


def _rivalled(losses: _Losses) -> pa.Array:
    expected = f") to that candidate: expected more than {losses.limits.margin:g} between them"
    return joined(*losses.opening, ", and so is ", losses.rival, " (", losses.rival_alike, expected)


def _not_mutual(losses: _Losses) -> pa.Array:
    return joined(*losses.opening, ", but that is more like ", losses.rival, " (", losses.rival_alike, ")")


def _taken(losses: _Losses) -> pa.Array:
    more = "), which makes the whole more alike"
    rival = joined(", but that goes with ", losses.rival, " (", losses.rival_alike, more)
    nobody = ", and that goes with none, since which of several is meant cannot be told"
    return joined(*losses.opening, pc.fill_null(rival, nobody))


def _too_many(losses: _Losses) -> pa.Array:
    why = (
        f"; more than {MOST_CELLS} pairings hang together, or {MOST_PAIRS} reach the threshold:"
        " raise the threshold, choose `candidates: session`, or `pairing: mutual`"
    )
    return joined(*losses.opening, why)


def _nothing(losses: _Losses) -> pa.Array:
    sentence = "there is nothing of the reference to compare it with: no candidate"
    return pa.repeat(sentence, len(losses.similarity))


_RULES: dict[str, tuple[Reason, Callable[[_Losses], pa.Array]]] = {
    "nothing": (Reason.NO_CANDIDATE, _nothing),
    "below_threshold": (Reason.BELOW_THRESHOLD, _below),
    "ambiguous": (Reason.AMBIGUOUS, _ambiguous),
    "either_way": (Reason.AMBIGUOUS, _either_way),
    "rivalled": (Reason.AMBIGUOUS, _rivalled),
    "not_mutual": (Reason.NOT_MUTUAL, _not_mutual),
    "taken": (Reason.TAKEN, _taken),
    "too_many": (Reason.TOO_MANY_CANDIDATES, _too_many),
}
_RIVAL_IS_TARGET = ("ambiguous", "either_way")
_RIVAL_HAS_IT = ("not_mutual", "taken")


def explain(members: pa.Table, targets: pa.Table, pairing: Pairing, limits: Limits) -> list[pa.Table]:
    """The members without a partner: a table of left-out rows for each verdict."""
    tables = []
    for verdict, (reason, sentence) in _RULES.items():
        lost = np.flatnonzero(pairing.verdict == verdict)
        if len(lost):
            rival = _ids(targets if verdict in _RIVAL_IS_TARGET else members, pairing.rival[lost])
            losses = _Losses(
                _ids(targets, pairing.best[lost]),
                pairing.similarity[lost],
                rival,
                pairing.rival_similarity[lost],
                limits,
            )
            candidates = {
                "candidate": losses.best,
                "candidate_similarity": pa.array(losses.similarity, pa.float64(), from_pandas=True),
                **({"taken_by": rival} if verdict in _RIVAL_HAS_IT else {}),
            }
            tables.append(left_out_rows(members.take(lost), reason, sentence(losses), **candidates))
    return tables


def _ids(members: pa.Table, index: Int64s) -> pa.ChunkedArray:
    """The ids of those rows; null for -1."""
    return members["member_id"].take(pa.array(index, mask=index < 0))


def _in_text(numbers: Float64s, places: int) -> pa.Array:
    """With so many places after the point; null for NaN."""
    return pa.array(numbers, from_pandas=True).cast(pa.decimal128(18, places)).cast(pa.string())
