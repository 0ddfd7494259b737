"""Align by content: everything of a role with the reference member that it is most like.

reads   members, and the evidence by which they can be compared
writes  links (method "content" or "item"), left out, with the best candidate and why it lost
"""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.assignment import pair_by_assignment
from tasks.align.by_content.compare_coordinated import compare_coordinated
from tasks.align.by_content.compare_pictures import compare_pictures
from tasks.align.by_content.compare_texts import compare_texts
from tasks.align.by_content.compare_vectors import compare_vectors
from tasks.align.by_content.comparison import Comparison, Evidence
from tasks.align.by_content.explanation import explain
from tasks.align.by_content.pairing import Limits, Pairing, pair_mutual, pair_to_nearest
from tasks.align.by_content.rows import Int64s, Rows
from tasks.align.members import of_role, roles_of
from tasks.align.result import Aligned, followers, reference_links, to_links
from tasks.core.align_entry import Align
from tasks.core.row_order import one_array

_COMPARE: dict[str, Callable[[pa.Table, pa.Table, Evidence], Iterator[Comparison]]] = {
    "vectors": compare_vectors,
    "coordinated": compare_coordinated,
    "text": compare_texts,
    "picture_hash": compare_pictures,
}
_PAIR: dict[str, Callable[[Rows, Rows, Limits], Pairing]] = {
    "mutual": pair_mutual,
    "assignment": pair_by_assignment,
    "threshold": pair_to_nearest,
}


def align_by_content(members: pa.Table, evidence: Evidence, align: Align) -> Aligned:
    """One sample per member of the reference role; items of other roles join the one they are most like."""
    reference = of_role(members, str(align.reference))
    others = members.filter(pc.not_equal(members["role"], str(align.reference)))
    items = others.filter(pc.equal(others["kind"], "item"))
    links, left_out = [reference_links(reference)], []
    for role in roles_of(items):
        for comparison in _COMPARE[align.by](of_role(items, role), reference, evidence):
            left_out.append(comparison.left_out)
            for linked, missed in _match(comparison, align):
                links.append(linked)
                left_out += missed
    followed, stranded = followers(others.filter(pc.equal(others["kind"], "label")), pa.concat_tables(links))
    return Aligned(
        one_array(reference["member_id"]),
        pa.concat_tables([*links, followed]),
        pa.concat_tables([*left_out, stranded]),
    )


def _match(comparison: Comparison, align: Align) -> Iterator[tuple[pa.Table, list[pa.Table]]]:
    """Links and left-out rows, session by session or of the batch at once."""
    limits = Limits(align.least_alike, align.margin)
    for part in _by_session(comparison) if align.candidates == "session" else [comparison]:
        pairing = _PAIR[align.pairing](part.target_rows, part.rows, limits)
        yield (
            _links(part.members, part.targets, pairing),
            explain(part.members, part.targets, pairing, limits),
        )


def _by_session(comparison: Comparison) -> Iterator[Comparison]:
    """The members of each session with the targets of the same; every member is in one part."""
    own, targets = (_rows_of_sessions(table) for table in (comparison.members, comparison.targets))
    for session in sorted(own):
        rows, candidates = own[session], targets.get(session, np.empty(0, np.int64))
        yield Comparison(
            comparison.members.take(rows),
            comparison.rows.take(rows),
            comparison.targets.take(candidates),
            comparison.target_rows.take(candidates),
            comparison.left_out.slice(0, 0),
        )


def _rows_of_sessions(members: pa.Table) -> dict[str, Int64s]:
    """The rows of each session, in their order."""
    encoded = members["session"].combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    names = encoded.dictionary.to_pylist()
    return {names[codes[part[0]]]: part for part in parts if len(part)}


def _links(members: pa.Table, targets: pa.Table, pairing: Pairing) -> pa.Table:
    matched = np.flatnonzero(pairing.verdict == "matched")
    samples = targets.take(pairing.best[matched]).select(["member_id", "session"])
    return to_links(
        members.take(matched),
        samples.rename_columns(["sample_id", "session"]),
        "content",
        similarity=pa.array(pairing.similarity[matched], pa.float64()),
        margin=pa.array(pairing.margin[matched], pa.float64(), from_pandas=True),
    )
