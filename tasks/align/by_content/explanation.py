"""Why a member found no partner: its reason, its nearest candidate, and a sentence to act on.

reads   members, targets and their Pairing
writes  left-out rows
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tasks.align.by_content.assignment import MOST_CELLS, MOST_PAIRS
from tasks.align.by_content.pairing import Limits, Pairing
from tasks.align.by_content.rows import Int64s
from tasks.align.result import to_left_out
from tasks.core.rejects import Reason


@dataclass(frozen=True)
class _Loss:
    """One member without a partner: who its best candidate is, and who stands in the way."""

    best: str | None
    similarity: float
    rival: str | None
    rival_similarity: float
    limits: Limits

    @property
    def opening(self) -> str:
        return f"its best candidate, {self.best}, is {self.similarity:.3f} alike"


def _below(loss: _Loss) -> str:
    return f"{loss.opening}, below the threshold of {loss.limits.threshold:g}"


def _ambiguous(loss: _Loss) -> str:
    apart = loss.similarity - loss.rival_similarity
    return (
        f"{loss.opening}, and {loss.rival} is {loss.rival_similarity:.3f} alike: {apart:.4f} apart,"
        f" expected more than {loss.limits.margin:g}"
    )


def _either_way(loss: _Loss) -> str:
    rival = f"; the next, {loss.rival}, is {loss.rival_similarity:.3f} alike" if loss.rival else ""
    return (
        f"{loss.opening}{rival}; other assignments lose no more than the margin of {loss.limits.margin:g}"
        " in sum, so that which is meant cannot be told"
    )


def _rivalled(loss: _Loss) -> str:
    return (
        f"{loss.opening}, and so is {loss.rival} ({loss.rival_similarity:.3f}) to that candidate:"
        f" expected more than {loss.limits.margin:g} between them"
    )


def _not_mutual(loss: _Loss) -> str:
    return f"{loss.opening}, but that is more like {loss.rival} ({loss.rival_similarity:.3f})"


def _taken(loss: _Loss) -> str:
    if loss.rival is None:
        return f"{loss.opening}, and that goes with none, since which of several is meant cannot be told"
    rival = f"{loss.rival} ({loss.rival_similarity:.3f})"
    return f"{loss.opening}, but that goes with {rival}, which makes the whole more alike"


def _too_many(loss: _Loss) -> str:
    return (
        f"{loss.opening}; more than {MOST_CELLS} pairings hang together, or {MOST_PAIRS} reach the threshold:"
        " raise the threshold, choose `candidates: session`, or `pairing: mutual`"
    )


def _nothing(loss: _Loss) -> str:
    return "there is nothing of the reference to compare it with: no candidate"


_RULES: dict[str, tuple[Reason, Callable[[_Loss], str]]] = {
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
            best = _ids(targets, pairing.best[lost])
            rival = _ids(targets if verdict in _RIVAL_IS_TARGET else members, pairing.rival[lost])
            similarity, rival_similarity = pairing.similarity[lost], pairing.rival_similarity[lost]
            columns = (best, similarity.tolist(), rival, rival_similarity.tolist())
            details = [sentence(_Loss(*row, limits)) for row in zip(*columns, strict=True)]
            candidates = {
                "taken_by": pa.array(rival if verdict in _RIVAL_HAS_IT else [None] * len(lost), pa.string()),
                "candidate": pa.array(best, pa.string()),
                "candidate_similarity": pa.array(similarity, pa.float64(), from_pandas=True),
            }
            tables.append(to_left_out(members.take(lost), reason, details, **candidates))
    return tables


def _ids(members: pa.Table, index: Int64s) -> list[str | None]:
    """The ids of those rows; None for -1."""
    position = pa.array(index, mask=index < 0)
    ids: list[str | None] = members["member_id"].take(position).to_pylist()
    return ids
