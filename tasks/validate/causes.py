"""What is behind a failed expectation about a whole batch: its rejects by reason, an example each.

reads   items, the rejects of label and align
makes   words, by suite and column as `gate.judge` takes them; they end up in verdict.json
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason
from tasks.gate.judge import Causes
from tasks.validate.facts import BLAMELESS, BROKEN, BatchTables

_MOST_REASONS = 5
_LONGEST_DETAIL = 300


def causes_of(tables: BatchTables, align_rejects: pa.Table) -> Causes:
    """The words for each expectation that rows left out by earlier stages can have brought about."""
    labels = tables.label_rejects
    all_labels = _told(labels)
    faulty = _told(labels.filter(pc.invert(_is_one_of(labels["reason"], BLAMELESS))))
    unlinked = _told(align_rejects)
    found = {
        ("batches", "exports_broken"): _told(labels.filter(_is_one_of(labels["reason"], BROKEN))),
        ("batches", "share_labels_faulty"): faulty,
        ("batches", "share_labels_without_class"): _told(
            labels.filter(_is_one_of(labels["reason"], (Reason.NO_CLASS,)))
        ),
        ("batches", "share_labels_left_out"): all_labels,
        ("batches", "share_items_linked"): _told(
            align_rejects.filter(pc.equal(align_rejects["table"], "items"))
        ),
        ("batches", "share_samples_alone"): unlinked,
        ("items", "readable"): _told(_unreadable(tables.items)),
        ("labels", ""): all_labels,
        ("links", ""): unlinked,
    }
    return {key: words for key, words in found.items() if words}


def _unreadable(items: pa.Table) -> pa.Table:
    """The items that cannot be read, as rejects: what is before the colon of an error is its reason."""
    broken = items.filter(pc.invert(items["readable"]))
    parts = [str(error).partition(": ") for error in broken["error"].to_pylist()]
    return pa.table(
        {
            "row_id": broken["item_id"],
            "reason": pa.array([part[0] for part in parts], pa.string()),
            "detail": pa.array([part[2] for part in parts], pa.string()),
        }
    )


def _told(rejects: pa.Table) -> str:
    """How many rows have which reason, the most frequent first, and the first of each."""
    counted = {pair["values"]: pair["counts"] for pair in pc.value_counts(rejects["reason"]).to_pylist()}
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{count} {reason}, for example {_first(rejects, reason)}" for reason, count in ranked]
    further = [f"and {len(told) - _MOST_REASONS} further reasons"] if len(told) > _MOST_REASONS else []
    return "; ".join([*told[:_MOST_REASONS], *further])


def _first(rejects: pa.Table, reason: str) -> str:
    row = rejects.slice(pc.index(rejects["reason"], reason).as_py(), 1).to_pylist()[0]
    return f"{row['row_id']}: {row['detail']:.{_LONGEST_DETAIL}}"


def _is_one_of(column: pa.ChunkedArray, reasons: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array([str(reason) for reason in reasons], pa.string()))
