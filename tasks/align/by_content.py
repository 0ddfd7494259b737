"""Align by content: vectors of one modality, mutual nearest neighbours above a threshold.

reads   members, encoded vectors of items and label texts
writes  links (method "content" or "item"), left out, with the best candidate and why it lost
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import of_role, roles_of
from tasks.align.result import Aligned, followers, reference_links, to_left_out, to_links
from tasks.align.similarity import Unmatched, mutual_nearest, unit_rows
from tasks.core.batch_file import Align
from tasks.core.rejects import Reason
from tasks.core.vectors import Matrix, Vectors

_REASONS = {
    "below_threshold": Reason.BELOW_THRESHOLD,
    "not_mutual": Reason.NOT_MUTUAL,
    "ambiguous": Reason.AMBIGUOUS,
}


def align_by_content(members: pa.Table, vectors: Mapping[str, Vectors], align: Align) -> Aligned:
    """One sample per member of the reference role; items of other roles join the one they are most like."""
    reference = of_role(members, str(align.reference))
    others = members.filter(pc.not_equal(members["role"], str(align.reference)))
    items = others.filter(pc.equal(others["kind"], "item"))
    links, left_out = [reference_links(reference)], []
    for role in roles_of(items):
        linked, missed = _match_role(of_role(items, role), reference, vectors, align.threshold)
        links += linked
        left_out += missed
    followed, stranded = followers(others.filter(pc.equal(others["kind"], "label")), pa.concat_tables(links))
    return Aligned(
        reference["member_id"].to_pylist(),
        pa.concat_tables([*links, followed]),
        pa.concat_tables([*left_out, stranded]),
    )


def _match_role(
    items: pa.Table, reference: pa.Table, vectors: Mapping[str, Vectors], threshold: float
) -> tuple[list[pa.Table], list[pa.Table]]:
    """Links and left-out rows of one role, modality by modality."""
    links, left_out = [], []
    for modality in sorted(pc.unique(items["modality"]).to_pylist()):
        known = vectors.get(modality, Vectors([], np.empty((0, 1), np.float32)))
        own, matrix, strangers = _with_vectors(items.filter(pc.equal(items["modality"], modality)), known)
        targets, target_matrix, _ = _with_vectors(reference, known)
        details = ["it could not be encoded: no candidate"] * strangers.num_rows
        left_out.append(to_left_out(strangers, Reason.NO_VECTOR, details))
        pairs = mutual_nearest(unit_rows(target_matrix), unit_rows(matrix), threshold)
        samples = targets.take(pairs.reference_index).select(["member_id", "session"])
        links.append(
            to_links(
                own.take(pairs.other_index),
                samples.rename_columns(["sample_id", "session"]),
                "content",
                similarity=pa.array(pairs.similarity, pa.float64()),
            )
        )
        left_out += [_explain(own, targets, lost) for lost in pairs.unmatched]
    return links, left_out


def _with_vectors(members: pa.Table, known: Vectors) -> tuple[pa.Table, Matrix, pa.Table]:
    """The members that have a vector, their vectors in the same order, and the members without."""
    position = pc.index_in(members["member_id"], pa.array(known.ids, pa.string()))
    found = pc.is_valid(position)
    rows = position.filter(found).combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
    return members.filter(found), known.matrix[rows], members.filter(pc.invert(found))


def _explain(own: pa.Table, targets: pa.Table, lost: Unmatched) -> pa.Table:
    row = own.slice(lost.other_index, 1)
    if lost.best_index < 0:
        return to_left_out(
            row, Reason.BELOW_THRESHOLD, ["nothing of its modality is there to compare it with: no candidate"]
        )
    best = targets["member_id"][lost.best_index].as_py()
    detail = f"its best candidate, {best}, is {lost.similarity:.3f} alike ({lost.reason})"
    return to_left_out(
        row,
        _REASONS[lost.reason],
        [detail],
        candidate=pa.array([best]),
        candidate_similarity=pa.array([lost.similarity]),
    )
