"""Members: everything of a batch that can belong to a sample, items and labels in one table.

reads   items, labels
writes  members (in memory): role, kind, ids, session, modality, and a span on the member's own clock
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.errors import SchemaError
from tasks.core.row_order import in_order

Int64s = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MEMBERS = pa.schema(
    [
        ("role", pa.string()),
        ("kind", pa.string()),
        ("member_id", pa.string()),
        ("item_id", pa.string()),
        ("label_id", pa.string()),
        ("session", pa.string()),
        ("modality", pa.string()),
        ("clock", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
    ]
)


def to_members(items: pa.Table, labels: pa.Table) -> pa.Table:
    """One row per item (its role) and per label (its task is its role, its item's session is its own)."""
    return pa.concat_tables([_item_members(items), _label_members(items, labels)])


def of_role(members: pa.Table, role: str) -> pa.Table:
    """The members of that role, sorted by id."""
    return in_order(members.filter(pc.equal(members["role"], role)), ["member_id"])


def roles_of(members: pa.Table) -> list[str]:
    """The roles that there are, sorted."""
    return sorted(pc.unique(members["role"]).to_pylist())


def without_times(members: pa.Table) -> pa.Table:
    """The members, with no word of when they are: that is not known on the reference clock."""
    for name in ("start_ns", "end_ns"):
        nowhere = pa.nulls(members.num_rows, pa.int64())
        members = members.set_column(members.schema.get_field_index(name), name, nowhere)
    return members


def split_by_time(members: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The members that have a start, and those that have none."""
    timed = np.asarray(pc.is_valid(members["start_ns"]))
    return rows_where(members, timed), rows_where(members, ~timed)


def rows_where(table: pa.Table, chosen: Flags) -> pa.Table:
    """Those rows; no row is copied where it is all of them or none."""
    if chosen.all():
        return table
    return table.filter(pa.array(chosen)) if chosen.any() else table.slice(0, 0)


def times_ns(members: pa.Table, column: str) -> Int64s:
    """A column of times without nulls as int64."""
    return np.asarray(members[column].combine_chunks().to_numpy(zero_copy_only=False), np.int64)


def member_modalities(members: pa.Table) -> pa.ChunkedArray:
    """The modality of each member's content; what a label says is text."""
    return pc.coalesce(members["modality"], pa.scalar("text"))


def _item_members(items: pa.Table) -> pa.Table:
    duration_ns = pc.coalesce(items["duration_ns"], pa.scalar(0, pa.int64()))
    columns = {
        "role": items["role"],
        "kind": pa.repeat("item", items.num_rows),
        "member_id": items["item_id"],
        "item_id": items["item_id"],
        "label_id": pa.nulls(items.num_rows, pa.string()),
        "session": items["session"],
        "modality": items["modality"],
        "clock": items["clock"],
        "start_ns": items["start_ns"],
        "end_ns": pc.add(items["start_ns"], duration_ns),
    }
    return pa.table(columns, schema=MEMBERS)


def _label_members(items: pa.Table, labels: pa.Table) -> pa.Table:
    if not labels.num_rows:
        return MEMBERS.empty_table()
    position = pc.index_in(labels["item_id"], items["item_id"])
    if position.null_count:
        raise SchemaError("labels", f"{position.null_count} labels are about items that were not collected")
    columns = {
        "role": labels["task"],
        "kind": pa.repeat("label", labels.num_rows),
        "member_id": labels["label_id"],
        "item_id": labels["item_id"],
        "label_id": labels["label_id"],
        "session": items["session"].take(position),
        "modality": pa.nulls(labels.num_rows, pa.string()),
        "clock": pc.coalesce(labels["clock"], items["clock"].take(position)),
        "start_ns": labels["start_ns"],
        "end_ns": pc.coalesce(labels["end_ns"], labels["start_ns"]),
    }
    return pa.table(columns, schema=MEMBERS)
