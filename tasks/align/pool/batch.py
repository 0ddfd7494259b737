"""Pool a batch: bring together what its stage has read, and go through the roles that batch.yaml names.

reads   what the batch brings, how it was aligned and its clocks (in memory), media, encoded
writes  pooled/<role>.arrow; the part "pooled" of coverage.json
rules   What got its time from its words (`texts` of batch.yaml) has that time here too.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.delivery import Delivery
from tasks.align.members import roles_of, without_times
from tasks.align.pool.item_frames import ItemFrames
from tasks.align.pool.roles import PoolInputs, pool_role
from tasks.align.result import Aligned
from tasks.align.texts.times import texts_of
from tasks.core.batch import Batch
from tasks.core.registry import nearest_word
from tasks.core.shards import ShardReader
from tasks.core.source_entries import TableSource
from tasks.core.stage import StageInput


def pool_roles(
    inputs: StageInput, delivery: Delivery, aligned: Aligned, clocks: pa.Table, output: Path
) -> dict[str, Any]:
    """What coverage.json says of pooling: nothing where nothing is to be pooled."""
    pools = inputs.batch.file.align.pool
    if not pools:
        return {}
    items = _with_found_times(delivery.items, aligned.placed)
    texts = _texts(delivery, aligned.placed)
    pool_inputs = PoolInputs(aligned.spans, items, texts, clocks, _value_columns(inputs.batch))
    roles = roles_of(delivery.members)
    report: dict[str, Any] = {}
    with ShardReader(inputs.folder("collected", inputs.batch)) as media:
        finder = ItemFrames(inputs.folder("encoded", inputs.batch), media)
        for role in sorted(pools):
            report[role] = pool_role(role, pools[role], pool_inputs, finder, output)
            if role not in roles:
                report[role]["unknown_role"] = f"the batch has {roles}.{nearest_word(role, roles)}"
    return {"pooled": report}


def _value_columns(batch: Batch) -> dict[str, tuple[str, ...]]:
    """The columns that batch.yaml takes numbers from, by role; a role of unlike ones has no names."""
    columns: dict[str, set[tuple[str, ...]]] = {}
    for source in batch.file.sources:
        if isinstance(source, TableSource) and source.values:
            columns.setdefault(source.role or "signal", set()).add(source.values)
    return {role: found.pop() for role, found in columns.items() if len(found) == 1}


def _every(members: pa.Table, placed: pa.Table) -> pa.Table:
    """The members on the reference clock, and without a time those that have no place on it."""
    lost = members.filter(pc.invert(pc.is_in(members["member_id"], placed["member_id"].combine_chunks())))
    own = ["member_id", "role", "session", "start_ns", "end_ns"]
    return pa.concat_tables([placed.select(own), without_times(lost).select(own)])


def _with_found_times(items: pa.Table, placed: pa.Table) -> pa.Table:
    """The items; those that had no time and were found by their words are on the reference clock: on none."""
    found = placed.filter(pc.is_valid(placed["start_ns"]))
    position = pc.index_in(items["item_id"], found["member_id"].combine_chunks())
    wanted = pc.and_(pc.is_null(items["start_ns"]), pc.is_valid(position))
    columns = {
        "start_ns": found["start_ns"].take(position),
        "duration_ns": pc.subtract(found["end_ns"], found["start_ns"]).take(position),
        "clock": pa.nulls(items.num_rows, pa.string()),
    }
    for name, column in columns.items():
        put = pc.if_else(wanted, column, items[name])
        items = items.set_column(items.schema.get_field_index(name), name, put)
    return items


def _texts(delivery: Delivery, placed: pa.Table) -> pa.Table:
    """The members with what each says: an item's text, a label's text or else its class."""
    members, said = _every(delivery.members, placed), texts_of(delivery.items, delivery.labels)
    position = pc.index_in(members["member_id"], said["member_id"].combine_chunks())
    return members.append_column("text", said["text"].take(position))
