"""What was left out and why: every rejects table, counted by reason, with examples.

reads   the rejects tables of collect, label, encode, align, validate, fuse and export; unreadable items
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.schemas import (
    ALIGN_REJECTS,
    COLLECT_REJECTS,
    ENCODE_REJECTS,
    EXPORT_REJECTS,
    FUSE_REJECTS,
    GATE_REJECTS,
    ITEMS,
    LABEL_REJECTS,
)
from tasks.core.stage import StageInput

MOST_EXAMPLES = 3

BATCH_TABLES = {
    "collect": COLLECT_REJECTS,
    "label": LABEL_REJECTS,
    "encode": ENCODE_REJECTS,
    "align": ALIGN_REJECTS,
    "validate": GATE_REJECTS,
}
DATASET_TABLES = {"fuse": FUSE_REJECTS, "export": EXPORT_REJECTS}


@dataclass(frozen=True)
class LeftOut:
    """Rows of one batch that one stage left out for one reason."""

    batch: str
    stage: str
    table: str
    reason: str
    rows: int
    examples: tuple[tuple[str, str], ...]


def left_out_rows(inputs: StageInput) -> list[LeftOut]:
    """Everything that was left out, by batch, stage and reason."""
    found: list[LeftOut] = []
    for batch in inputs.batches:
        found += _unreadable(inputs.table(ITEMS, batch, ("item_id", "readable", "error")), batch.name)
        for stage, spec in BATCH_TABLES.items():
            found += _by_reason(stage, inputs.table(spec, batch))
    for stage, spec in DATASET_TABLES.items():
        found += _by_reason(stage, inputs.table(spec))
    return sorted(found, key=lambda row: row.batch)


def _unreadable(items: pa.Table, batch: str) -> Iterator[LeftOut]:
    broken = items.filter(pc.invert(items["readable"]))
    parts = [str(error).partition(": ") for error in broken["error"].to_pylist()]
    rejects = pa.table(
        {
            "batch": pa.repeat(batch, broken.num_rows),
            "table": pa.repeat("items", broken.num_rows),
            "row_id": broken["item_id"],
            "reason": pa.array([part[0] for part in parts], pa.string()),
            "detail": pa.array([part[2] for part in parts], pa.string()),
        }
    )
    return _by_reason("collect", rejects)


def _by_reason(stage: str, rejects: pa.Table) -> Iterator[LeftOut]:
    keys = ["batch", "table", "reason"]
    groups = (
        rejects.group_by(keys).aggregate([("row_id", "count")]).sort_by([(key, "ascending") for key in keys])
    )
    for group in groups.to_pylist():
        same = rejects
        for key in keys:
            same = same.filter(pc.equal(same[key], group[key]))
        examples = same.slice(0, MOST_EXAMPLES).select(["row_id", "detail"]).to_pylist()
        shown = tuple((example["row_id"], example["detail"]) for example in examples)
        yield LeftOut(group["batch"], stage, group["table"], group["reason"], group["row_id_count"], shown)
