"""Align by key: everything of one session belongs together, and a label goes with its item.

reads   members
writes  links (method "key" or "item"), left out
rules   A sample that is a label takes of its own item's role only that item. A session that would make more
        than MOST_PAIRS links with the items of one role makes none: most likely it was never given.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_key.losses import lost_in_crowds, lost_keys
from tasks.align.members import Int64s, of_role, roles_of, rows_where
from tasks.align.result import Aligned, followers, reference_links, to_links
from tasks.core.row_order import one_array

MOST_PAIRS = 10_000_000


def align_by_key(members: pa.Table, reference_role: str) -> Aligned:
    """One sample per member of the reference role; items of other roles join by session."""
    reference = of_role(members, reference_role)
    others = members.filter(pc.not_equal(members["role"], reference_role))
    items = others.filter(pc.equal(others["kind"], "item"))
    linked, strangers = _join_by_session(items, reference)
    own = reference_links(reference)
    labels = others.filter(pc.equal(others["kind"], "label"))
    followed, stranded = followers(labels, pa.concat_tables([own, linked]))
    return Aligned(
        one_array(reference["member_id"]),
        pa.concat_tables([own, linked, followed]),
        pa.concat_tables([strangers, stranded]),
    )


def _join_by_session(items: pa.Table, reference: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The links of items to samples, and the items that no sample takes."""
    about = pc.if_else(pc.equal(reference["kind"], "label"), reference["item_id"], None)
    about_role = items["role"].take(pc.index_in(about, items["item_id"]))
    keys = pa.table({"sample_id": reference["member_id"], "session": reference["session"], "about": about})
    own = keys.filter(pc.is_valid(about_role))
    pairs = [own.select(["sample_id", "session"]).append_column("member_id", own["about"])]
    crowds = [items.slice(0, 0)]
    for role in roles_of(items):
        takers = keys.filter(pc.fill_null(pc.not_equal(about_role, role), True))
        paired, crowd = _pair_by_session(items.filter(pc.equal(items["role"], role)), takers)
        pairs.append(paired)
        crowds.append(crowd)
    order = [("sample_id", "ascending"), ("member_id", "ascending")]
    found = pa.concat_tables([table.select(pairs[0].column_names) for table in pairs]).sort_by(order)
    rows = items.take(pc.index_in(found["member_id"], items["member_id"]))
    lost = items.filter(pc.invert(pc.is_in(items["member_id"], found["member_id"].combine_chunks())))
    in_crowd = pc.is_in(lost["member_id"], pa.concat_tables(crowds)["member_id"].combine_chunks())
    left_out = [
        lost_keys(lost.filter(pc.invert(in_crowd)), reference),
        lost_in_crowds(lost.filter(in_crowd), reference),
    ]
    return to_links(rows, found, "key"), pa.concat_tables(left_out)


def _pair_by_session(items: pa.Table, keys: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Every item of one role with every sample of its session, and the items of sessions too large for it."""
    sessions = pc.unique(keys["session"])
    sample_counts = _counts(keys["session"], sessions)
    item_counts = _counts(items["session"], sessions)
    crowded = rows_where(pa.table({"session": sessions}), sample_counts * item_counts > MOST_PAIRS)
    in_crowd = np.asarray(pc.is_in(items["session"], crowded["session"].combine_chunks()))
    own = rows_where(items, ~in_crowd).select(["member_id", "session"])
    pairs = own.join(keys.select(["sample_id", "session"]), "session", join_type="inner", use_threads=False)
    return pairs, rows_where(items, in_crowd)


def _counts(column: pa.ChunkedArray, values: pa.Array) -> Int64s:
    """How often each of the values is in the column."""
    places = pc.index_in(column, values).drop_null()
    return np.bincount(np.asarray(places, np.int64), minlength=len(values))
