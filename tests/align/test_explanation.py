"""The sentence that each kind of loss by content is explained with."""

import numpy as np
import pytest

from tasks.align.by_content.explanation import explain
from tasks.align.by_content.pairing import Limits, Pairing
from tasks.align.members import to_members
from tests.align.tables import items, labels

MEMBERS = to_members(items({"item_id": "m0"}, {"item_id": "m1"}), labels())
TARGETS = to_members(items({"item_id": "t0"}, {"item_id": "t1"}), labels())
BEST = "its best candidate, t1, is 0.750 alike"
MEANT = (
    "; other assignments lose no more than the margin of 0.1 in sum, so that which is meant cannot be told"
)


def lost(verdict: str, best: int = 1, rival: int = -1) -> dict[str, object]:
    """What is told of m0, whose best candidate is 0.75 alike and whose rival -0.0625."""
    similarity, rival_similarity = (
        0.75 if best >= 0 else float("nan"),
        -0.0625 if rival >= 0 else float("nan"),
    )
    pairing = Pairing(
        np.array([verdict, "matched"]),
        np.array([best, 0]),
        np.array([similarity, 1.0]),
        np.array([np.nan, 1.0]),
        np.array([rival, -1]),
        np.array([rival_similarity, np.nan]),
    )
    (table,) = explain(MEMBERS, TARGETS, pairing, Limits(0.8, 0.1))
    (row,) = table.to_pylist()
    assert (row["member_id"], row["candidate"]) == ("m0", f"t{best}" if best >= 0 else None)
    assert row["candidate_similarity"] == (0.75 if best >= 0 else None)
    found: dict[str, object] = row
    return found


@pytest.mark.parametrize(
    ("verdict", "rival", "reason", "rest"),
    [
        ("below_threshold", -1, "below_threshold", ", below the threshold of 0.8"),
        ("ambiguous", 0, "ambiguous", ", and t0 is -0.062 alike: 0.8125 apart, expected more than 0.1"),
        ("either_way", 0, "ambiguous", f"; the next, t0, is -0.062 alike{MEANT}"),
        ("either_way", -1, "ambiguous", MEANT),
        (
            "rivalled",
            *(1, "ambiguous"),
            ", and so is m1 (-0.062) to that candidate: expected more than 0.1 between them",
        ),
    ],
)
def test_who_is_in_doubt_or_too_little_alike_is_told(
    verdict: str, rival: int, reason: str, rest: str
) -> None:
    row = lost(verdict, rival=rival)
    assert (row["reason"], row["detail"], row["taken_by"]) == (reason, BEST + rest, None)


@pytest.mark.parametrize(
    ("verdict", "rival", "rest"),
    [
        ("not_mutual", 1, ", but that is more like m1 (-0.062)"),
        ("taken", 1, ", but that goes with m1 (-0.062), which makes the whole more alike"),
        ("taken", -1, ", and that goes with none, since which of several is meant cannot be told"),
    ],
)
def test_who_has_the_candidate_is_told(verdict: str, rival: int, rest: str) -> None:
    row = lost(verdict, rival=rival)
    taken_by = f"m{rival}" if rival >= 0 else None
    assert (row["reason"], row["detail"], row["taken_by"]) == (verdict, BEST + rest, taken_by)


def test_too_many_candidates_are_told_with_the_way_out() -> None:
    assert lost("too_many")["detail"] == (
        f"{BEST}; more than 1000000 pairings hang together, or 5000000 reach the threshold:"
        " raise the threshold, choose `candidates: session`, or `pairing: mutual`"
    )


def test_who_has_nothing_to_be_compared_with_is_told() -> None:
    row = lost("nothing", best=-1)
    assert (row["reason"], row["detail"]) == (
        "no_candidate",
        "there is nothing of the reference to compare it with: no candidate",
    )
