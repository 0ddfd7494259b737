"""Label: read every export of a batch, find the item each label is about, refuse what cannot be true of it.

reads   data/batches/<batch>/ (the exports that batch.yaml names), items
writes  labels, consensus, rejects
params  label.consensus

Labels in the exports = rows of labels + rejects. A label about an item that cannot be read is imported all
the same: the gate judges the item.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from tasks.core.rejects import Reject
from tasks.core.schemas import CONSENSUS, ITEMS, LABEL_REJECTS, LABELS
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableBuilder, to_table, write_table
from tasks.label.consensus import Consensus
from tasks.label.importing import import_labels
from tasks.label.matching import LabelledItem

ITEM_COLUMNS = ("item_id", "modality", "clock", "start_ns", "duration_ns", "width", "height")


@dataclass(frozen=True)
class LabelParams:
    """How several annotators become one answer: the majority decides."""

    consensus: Literal["majority"]


def build(inputs: StageInput, params: LabelParams, output: Path) -> None:
    """Write the batch's labels, what its annotators say together, and what could not be imported."""
    batch = inputs.batch
    items = to_labelled_items(batch.name, inputs.table(ITEMS, batch, ITEM_COLUMNS))
    labels, rejects, consensus = TableBuilder(LABELS), TableBuilder(LABEL_REJECTS), Consensus(batch.name)
    for outcome in import_labels(batch, items):
        if isinstance(outcome, Reject):
            rejects.append(outcome.row())
        else:
            labels.append(outcome.row(batch.name))
            consensus.take(outcome.item.item_id, outcome.label)
    write_table(LABELS, labels.finish(), output)
    write_table(CONSENSUS, to_table(CONSENSUS, consensus.rows()), output)
    write_table(LABEL_REJECTS, rejects.finish(), output)


def to_labelled_items(batch: str, items: pa.Table) -> list[LabelledItem]:
    """What the stage needs of each item, in the order of the table."""
    return [
        LabelledItem(native_id=row["item_id"].removeprefix(f"{batch}/"), **row)
        for rows in items.select(ITEM_COLUMNS).to_batches(max_chunksize=4096)
        for row in rows.to_pylist()
    ]


def conclude(inputs: StageInput, params: LabelParams) -> str:
    """How many labels there are, and how many were rejected."""
    labels = sum(inputs.table(LABELS, batch, ("batch",)).num_rows for batch in inputs.batches)
    rejects = sum(inputs.table(LABEL_REJECTS, batch, ("batch",)).num_rows for batch in inputs.batches)
    return f"{labels} labels, {rejects} rejected"


STAGE = Stage(
    "label",
    LabelParams,
    reads=("batches", "collected"),
    writes=("labels",),
    scope="batch",
    build=build,
    conclude=conclude,
)
