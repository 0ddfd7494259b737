"""What the dataset is made of, counted: samples, batches, links by method, rejects by stage.

reads   samples; per batch items, labels, links, verdict.json, and every stage's rejects
"""

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.schemas import (
    ALIGN_REJECTS,
    COLLECT_REJECTS,
    ENCODE_REJECTS,
    FUSE_REJECTS,
    GATE_REJECTS,
    ITEMS,
    LABEL_REJECTS,
    LABELS,
    LINKS,
    TableSpec,
)
from tasks.core.stage import StageInput
from tasks.core.verdict import read_verdict
from tasks.evaluate.examples import SPLITS

BATCH_REJECTS = {
    "collect": COLLECT_REJECTS,
    "label": LABEL_REJECTS,
    "encode": ENCODE_REJECTS,
    "align": ALIGN_REJECTS,
    "validate": GATE_REJECTS,
}

Counts = dict[str, Any]


def dataset_counts(inputs: StageInput, samples: pa.Table) -> Counts:
    """Every count by name; sums over all batches that no stage refused, the rejected ones too."""
    return {
        "samples": split_counts(samples),
        "batches": _batch_counts(inputs),
        "items": _item_counts(inputs),
        "labels": sum(inputs.table(LABELS, batch, ("batch",)).num_rows for batch in inputs.batches),
        "links": _summed(inputs, LINKS, "method"),
        "rejects": {stage: sum(reasons.values()) for stage, reasons in reject_counts(inputs).items()},
    }


def split_counts(samples: pa.Table) -> dict[str, int]:
    """How many samples each split has, and all."""
    found = _value_counts(samples["split"])
    return {**{split: found[split] for split in SPLITS}, "total": samples.num_rows}


def reject_counts(inputs: StageInput) -> dict[str, dict[str, int]]:
    """How many rows each stage left out, by reason."""
    by_stage = {stage: _summed(inputs, spec, "reason") for stage, spec in BATCH_REJECTS.items()}
    return {**by_stage, "fuse": dict(_value_counts(inputs.table(FUSE_REJECTS, None, ("reason",))["reason"]))}


def _batch_counts(inputs: StageInput) -> dict[str, int]:
    accepted = sum(read_verdict(inputs.folder("validated", batch)).accepted for batch in inputs.batches)
    total = len(inputs.batches) + len(inputs.refused)
    return {"accepted": accepted, "rejected": total - accepted, "total": total}


def _item_counts(inputs: StageInput) -> dict[str, int]:
    """All items, those of each modality, and those that could not be read."""
    modalities = _summed(inputs, ITEMS, "modality")
    tables = (inputs.table(ITEMS, batch, ("readable",))["readable"] for batch in inputs.batches)
    unreadable = sum(len(readable) - readable.to_pylist().count(True) for readable in tables)
    return {**modalities, "unreadable": unreadable, "total": sum(modalities.values())}


def _summed(inputs: StageInput, spec: TableSpec, column: str) -> dict[str, int]:
    """How often each value stands in the column, over all batches."""
    found: Counter[str] = Counter()
    for batch in inputs.batches:
        found += _value_counts(inputs.table(spec, batch, (column,))[column])
    return dict(sorted(found.items()))


def _value_counts(column: pa.ChunkedArray) -> Counter[str]:
    return Counter({pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()})
