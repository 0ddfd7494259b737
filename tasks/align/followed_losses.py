"""Labels left out with their item: they take over the item's candidate and say what became of it.

reads   everything that was left out, and the members
writes  the same rows, in the same order
"""

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason

_TAKEN_OVER = ("candidate", "taken_by", "candidate_distance_ns", "candidate_similarity")


def with_items_candidates(left_out: pa.Table, members: pa.Table) -> pa.Table:
    """The left-out rows; those of labels whose item is left out, too, with its candidate and reason."""
    follows = pc.equal(left_out["reason"], Reason.ITEM_NOT_ALIGNED.value)
    followed = left_out.filter(follows)
    if not followed.num_rows:
        return left_out
    labels = members.select(["member_id", "item_id"]).filter(pc.equal(members["kind"], "label"))
    item_ids = labels["item_id"].take(pc.index_in(followed["member_id"], _one_chunk(labels["member_id"])))
    items = left_out.filter(pc.equal(left_out["kind"], "item"))
    own = items.take(pc.index_in(item_ids, _one_chunk(items["member_id"])))
    columns = {name: followed[name] for name in followed.column_names}
    columns |= {name: own[name] for name in _TAKEN_OVER}
    columns["detail"] = pc.binary_join_element_wise(
        *(followed["detail"], _why(own["reason"]), _what_was_near(own["candidate"]), "")
    )
    return pa.concat_tables([left_out.filter(pc.invert(follows)), pa.table(columns, schema=left_out.schema)])


def _why(reasons: pa.ChunkedArray) -> pa.ChunkedArray:
    """The item's own reason, where it is known."""
    known = pc.is_valid(reasons)
    return pc.if_else(known, pc.binary_join_element_wise(" (", pc.fill_null(reasons, ""), "): ", ""), ": ")


def _what_was_near(candidates: pa.ChunkedArray) -> pa.ChunkedArray:
    known = pc.is_valid(candidates)
    named = pc.binary_join_element_wise("its candidate was ", pc.fill_null(candidates, ""), "")
    return pc.if_else(known, named, "no candidate")


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
