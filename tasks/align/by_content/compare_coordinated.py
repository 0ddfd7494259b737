"""Compare across modalities in a space that is fitted on pairs already known.

reads   members of one role, the reference, vectors and known pairs
writes  a Comparison per modality of the role

The space is that of `tasks/core/coordination.py`, the reference's modality its hub. It is fitted on pairs of
the two modalities, whatever role they have, or, within one modality, on pairs of the role and the reference;
on one thread, since sums on several round differently. Likeness is the cosine in that space, which is
centred: strangers are about 0 alike.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.compare_vectors import NONE
from tasks.align.by_content.comparison import Comparison, Evidence, left_out_for, positions
from tasks.align.by_content.rows import unit_rows
from tasks.align.members import member_modalities
from tasks.core.coordination import Coordination, Pairs, fit_coordination
from tasks.core.rejects import Reason
from tasks.core.vectors import Vectors

LEAST_PAIRS = 20
_DIMENSIONS = 32


def compare_coordinated(members: pa.Table, reference: pa.Table, evidence: Evidence) -> Iterator[Comparison]:
    """The members and the reference, both in the fitted space."""
    kinds = member_modalities(members)
    hubs = sorted(pc.unique(member_modalities(reference)).to_pylist())
    for modality in sorted(pc.unique(kinds).to_pylist()):
        of_kind = members.filter(pc.equal(kinds, modality))
        if len(hubs) == 1 and not evidence.fault:
            yield _compare(of_kind, reference, (modality, hubs[0]), evidence)
        else:
            why = evidence.fault or f"`by: coordinated` needs a reference of one modality, not of {hubs}"
            yield _nothing(of_kind, reference, [left_out_for(of_kind, Reason.NOT_COMPARABLE, why)])


def _compare(
    members: pa.Table, reference: pa.Table, modalities: tuple[str, str], evidence: Evidence
) -> Comparison:
    known, hub = (evidence.vectors.get(modality, NONE) for modality in modalities)
    own, rows, strangers = positions(members, known.ids)
    targets, target_rows, _ = positions(reference, hub.ids)
    left_out = left_out_for(strangers, Reason.NO_VECTOR, "it could not be encoded")
    same = modalities[0] == modalities[1]
    sides = [own, targets] if same else [None, None]
    pairs = _pairs(_places(known, sides[0]), _places(hub, sides[1]), evidence.pairs)
    space = None
    if len(pairs) >= LEAST_PAIRS:
        own_rows, hub_rows = (list(places) for places in zip(*pairs, strict=True))
        space = _fit(Pairs(known.matrix[own_rows], hub.matrix[hub_rows]))
    if space is None:
        why = _too_little(modalities, len(pairs))
        return _nothing(own, reference, [left_out, left_out_for(own, Reason.NOT_COMPARABLE, why)])
    projected = space.modalities["own"].apply(known.matrix[rows]), space.hub.apply(hub.matrix[target_rows])
    return Comparison(own, unit_rows(projected[0]), targets, unit_rows(projected[1]), left_out)


def _places(vectors: Vectors, side: pa.Table | None) -> dict[str, int]:
    """Where each id's vector stands; of the side's members alone, where one is given."""
    wanted = None if side is None else set(side["member_id"].to_pylist())
    return {name: row for row, name in enumerate(vectors.ids) if wanted is None or name in wanted}


def _pairs(
    own: dict[str, int], hub: dict[str, int], known: Sequence[tuple[str, str]]
) -> list[tuple[int, int]]:
    """The places of the known pairs, each pair once, in order of their ids."""
    either_way = {turned for pair in known for turned in (pair, pair[::-1])}
    return [(own[one], hub[other]) for one, other in sorted(either_way) if one in own and other in hub]


def _fit(pairs: Pairs) -> Coordination | None:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        space = fit_coordination(pairs.hub, {"own": pairs}, _DIMENSIONS)
    return space if space is not None and "own" in space.modalities else None


def _too_little(modalities: tuple[str, str], pairs: int) -> str:
    kinds = " and ".join(modalities)
    if pairs >= LEAST_PAIRS:
        return f"nothing can be learned from the {pairs} known pairs of {kinds}: their vectors do not differ"
    return (
        f"`by: coordinated` learns from at least {LEAST_PAIRS} known pairs of {kinds}, there are {pairs}:"
        " name more in `pairs`, a CSV of member,reference, or put what belongs together in sessions of two"
    )


def _nothing(own: pa.Table, reference: pa.Table, left_out: list[pa.Table]) -> Comparison:
    """Everyone is left out."""
    empty = unit_rows(NONE.matrix)
    return Comparison(own.slice(0, 0), empty, reference.slice(0, 0), empty, pa.concat_tables(left_out))
