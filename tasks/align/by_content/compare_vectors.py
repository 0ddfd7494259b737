"""Compare by encoded vectors: of one modality, or of several whose encoders share a space (CLIP, CLAP).

reads   members of one role, the reference, vectors and the names of their spaces
writes  a Comparison per modality of the role
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.comparison import Comparison, Evidence, left_out_for, positions
from tasks.align.by_content.rows import Float32s, unit_rows
from tasks.align.members import member_modalities
from tasks.core.rejects import Reason
from tasks.core.vectors import Vectors

NONE = Vectors([], np.empty((0, 1), np.float32))


def compare_vectors(members: pa.Table, reference: pa.Table, evidence: Evidence) -> Iterator[Comparison]:
    """The members and the reference members that their vectors can be compared with."""
    kinds = member_modalities(members)
    for modality in sorted(pc.unique(kinds).to_pylist()):
        known = evidence.vectors.get(modality, NONE)
        own, rows, strangers = positions(members.filter(pc.equal(kinds, modality)), known.ids)
        targets, target_matrix = _targets(reference, modality, evidence)
        left_out = [left_out_for(strangers, Reason.NO_VECTOR, "it could not be encoded")]
        if not targets.num_rows:
            left_out.append(left_out_for(own, Reason.NOT_COMPARABLE, _why_not(modality, reference, evidence)))
            own, rows = own.slice(0, 0), rows[:0]
        yield Comparison(
            own, unit_rows(known.matrix[rows]), targets, unit_rows(target_matrix), pa.concat_tables(left_out)
        )


def _targets(reference: pa.Table, modality: str, evidence: Evidence) -> tuple[pa.Table, Float32s]:
    """The reference members with a vector in the space of that modality, in order of their ids."""
    kinds = member_modalities(reference)
    width = evidence.vectors.get(modality, NONE).matrix.shape[1]
    tables, matrices = [reference.slice(0, 0)], [np.empty((0, width), np.float32)]
    for kind in sorted(pc.unique(kinds).to_pylist()):
        known = evidence.vectors.get(kind, NONE)
        if known.matrix.shape[1] == width and _share_space(modality, kind, evidence.spaces):
            found, rows, _ = positions(reference.filter(pc.equal(kinds, kind)), known.ids)
            tables.append(found)
            matrices.append(known.matrix[rows])
    targets = pa.concat_tables(tables)
    order = pc.sort_indices(targets["member_id"])
    return targets.take(order), np.concatenate(matrices)[order.to_numpy()]


def _share_space(modality: str, other: str, spaces: Mapping[str, str]) -> bool:
    return modality == other or (modality in spaces and spaces[modality] == spaces.get(other))


def _why_not(modality: str, reference: pa.Table, evidence: Evidence) -> str:
    kinds = sorted(pc.unique(member_modalities(reference)).to_pylist())
    if modality in kinds:
        return f"no {modality} of the reference has a vector to compare it with"
    return (
        f"the reference is {' and '.join(kinds)}, and vectors of {modality} are not in one space with that:"
        " choose encoders that share a space in params.yaml, or `by: coordinated`"
    )
