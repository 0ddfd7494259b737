"""Tiny items and labels for tests of aligning."""

import pyarrow as pa

from tasks.core.schemas import ITEMS, LABELS
from tasks.core.tables import to_table


def items(*rows: dict[str, object]) -> pa.Table:
    """Items of batch `b`; each row names at least its id."""
    return to_table(ITEMS, [_item(row) for row in rows])


def labels(*rows: dict[str, object]) -> pa.Table:
    """Labels of batch `b`; each row names its id, its item and its task."""
    return to_table(LABELS, [{"batch": "b", "format": "table", "origin": "t.csv:1", **row} for row in rows])


def _item(row: dict[str, object]) -> dict[str, object]:
    modality = row.get("modality", "image")
    usual: dict[str, object] = {
        "batch": "b",
        "modality": modality,
        "role": row.get("role", modality),
        "session": "all",
        "clock": "reference",
        "license": "CC0-1.0",
        "source": str(row["item_id"]),
        "readable": True,
    }
    return {**usual, **row}
