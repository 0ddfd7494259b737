"""Pool a batch: bring together what its stage has read, and go through the roles that batch.yaml names.

reads   members and clocks (in memory), items with their media, labels, encoded
writes  pooled/<role>.arrow; the part "pooled" of coverage.json
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.clocks.stamps import with_stamped_starts
from tasks.align.members import roles_of
from tasks.align.placing import ClocksTold, place_on_reference
from tasks.align.pool.item_frames import ItemFrames
from tasks.align.pool.roles import PoolInputs, pool_role
from tasks.core.registry import nearest_word
from tasks.core.schemas import ITEMS, LABELS
from tasks.core.shards import ShardReader
from tasks.core.stage import StageInput

_ITEM_COLUMNS = (
    *("item_id", "modality", "role", "session", "clock", "start_ns", "duration_ns"),
    *("captured_at", "readable", "shard", "offset", "size", "text"),
)


def pool_roles(
    inputs: StageInput, members: pa.Table, spans: pa.Table, clocks: ClocksTold, output: Path
) -> dict[str, Any]:
    """What coverage.json says of pooling: nothing where nothing is to be pooled."""
    pools = inputs.batch.file.align.pool
    if not pools:
        return {}
    items = with_stamped_starts(inputs.table(ITEMS, inputs.batch, _ITEM_COLUMNS), inputs.batch)
    texts = _texts(inputs, items, _placed(inputs, members, clocks))
    pool_inputs = PoolInputs(spans, items, texts, clocks.table)
    roles = roles_of(members)
    report: dict[str, Any] = {}
    with ShardReader(inputs.folder("collected", inputs.batch)) as media:
        finder = ItemFrames(inputs.folder("encoded", inputs.batch), media)
        for role in sorted(pools):
            report[role] = pool_role(role, pools[role], pool_inputs, finder, output)
            if role not in roles:
                report[role]["unknown_role"] = f"the batch has {roles}.{nearest_word(role, roles)}"
    return {"pooled": report}


def _placed(inputs: StageInput, members: pa.Table, clocks: ClocksTold) -> pa.Table:
    """The members, those that are lost on their way to the reference clock without a time."""
    reference = str(inputs.batch.file.align.reference)
    placed = place_on_reference(members, clocks.table, clocks.unknown, reference)
    own = ["member_id", "role", "session", "start_ns", "end_ns"]
    return pa.concat_tables([placed.members.select(own), placed.lost.select(own)])


def _texts(inputs: StageInput, items: pa.Table, placed: pa.Table) -> pa.Table:
    """The members with what each says: an item's text, a label's text or else its class."""
    labels = inputs.table(LABELS, inputs.batch, ("label_id", "label", "text"))
    said = pa.concat_tables(
        [
            pa.table({"member_id": items["item_id"], "text": items["text"]}),
            pa.table({"member_id": labels["label_id"], "text": pc.coalesce(labels["text"], labels["label"])}),
        ]
    )
    text = said["text"].take(pc.index_in(placed["member_id"], said["member_id"]))
    return placed.append_column("text", text)
