"""Align by key: everything of one session belongs together, and a label goes with its item.

reads   members
writes  links (method "key" or "item"), left out
"""

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_key.losses import lost_keys
from tasks.align.members import of_role
from tasks.align.result import Aligned, followers, reference_links, to_links


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
        reference["member_id"].to_pylist(),
        pa.concat_tables([own, linked, followed]),
        pa.concat_tables([strangers, stranded]),
    )


def _join_by_session(items: pa.Table, reference: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Items of the reference's session; of the role of a reference label's own item, only that item."""
    keys = pa.table(
        {
            "sample_id": reference["member_id"],
            "session": reference["session"],
            "about": pc.if_else(pc.equal(reference["kind"], "label"), reference["item_id"], None),
        }
    )
    pairs = items.select(["member_id", "session", "role"]).join(
        keys, "session", join_type="inner", use_threads=False
    )
    own_role = items["role"].take(pc.index_in(pairs["about"], items["item_id"]))
    wanted = pc.fill_null(
        pc.or_(pc.not_equal(pairs["role"], own_role), pc.equal(pairs["member_id"], pairs["about"])), True
    )
    pairs = pairs.filter(wanted).sort_by([("sample_id", "ascending"), ("member_id", "ascending")])
    rows = items.take(pc.index_in(pairs["member_id"], items["member_id"]))
    strangers = items.filter(pc.invert(pc.is_in(items["member_id"], pairs["member_id"])))
    return to_links(rows, pairs, "key"), lost_keys(strangers, reference)
