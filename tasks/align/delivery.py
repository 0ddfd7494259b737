"""What a batch brings to be aligned: its items and labels, and both as members.

reads   items, labels
"""

from dataclasses import dataclass

import pyarrow as pa

from tasks.align.clocks.stamps import with_stamped_starts
from tasks.align.members import to_members
from tasks.core.batch import Batch
from tasks.core.schemas import ITEMS, LABELS
from tasks.core.stage import StageInput

_ITEM_COLUMNS = (
    *("item_id", "modality", "role", "session", "clock", "start_ns", "duration_ns"),
    *("captured_at", "readable", "channels", "derived_from", "shard", "offset", "size"),
)
_LABEL_COLUMNS = ("label_id", "item_id", "task", "clock", "start_ns", "end_ns")
_ITEM_TEXT, _LABEL_TEXT = ("text",), ("text", "label")


@dataclass(frozen=True)
class Delivery:
    """The items, labels and members of one batch; what they say only where texts are timed or pooled."""

    items: pa.Table
    labels: pa.Table
    members: pa.Table


def read_delivery(inputs: StageInput, batch: Batch) -> Delivery:
    """What that batch brings; items that have no start but a stamp start when that says."""
    says = bool(batch.file.texts or batch.file.align.pool)
    items = inputs.table(ITEMS, batch, (*_ITEM_COLUMNS, *(_ITEM_TEXT if says else ())))
    items = with_stamped_starts(items, batch)
    labels = inputs.table(LABELS, batch, (*_LABEL_COLUMNS, *(_LABEL_TEXT if says else ())))
    return Delivery(items, labels, to_members(items, labels))
