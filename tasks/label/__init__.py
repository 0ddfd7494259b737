"""Label: read every export of a batch, find the item each label is about, refuse what cannot be true of it.

reads   data/batches/<batch>/ (the exports that batch.yaml names), items
writes  labels, consensus, rejects
params  label.consensus

Labels in the exports = rows of labels + rejects. A label about an item that cannot be read is imported all
the same: the gate judges the item.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pyarrow as pa

from tasks.core.schemas import CONSENSUS, ITEMS, LABEL_REJECTS, LABELS
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableWriter, rows_to_table, to_table, write_sorted, write_table
from tasks.label.consensus import Consensus
from tasks.label.importing import read_outcomes
from tasks.label.item_names import read_item_names
from tasks.label.items import ITEM_COLUMNS, to_labelled_items
from tasks.label.outcomes import Outcomes


@dataclass(frozen=True)
class LabelParams:
    """How several annotators become one answer: the majority decides."""

    consensus: Literal["majority"]


def build(inputs: StageInput, params: LabelParams, output: Path) -> None:
    """Write the batch's labels, what its annotators say together, and what could not be imported."""
    batch = inputs.batch
    items = inputs.table(ITEMS, batch, ITEM_COLUMNS)
    names = read_item_names(inputs, items)
    consensus = Consensus(batch.name)
    with TemporaryDirectory(dir=output) as scratch:
        outcomes = Outcomes(batch.name, Path(scratch) / "outcomes")
        for block in read_outcomes(batch, to_labelled_items(batch.name, items), names):
            outcomes.extend(block)
        rejects = TableWriter(LABEL_REJECTS, Path(scratch) / "rejects")
        write_sorted(LABELS, _labels(outcomes, rejects, consensus), output)
        rejects.write(output)
    write_table(CONSENSUS, to_table(CONSENSUS, consensus.rows()), output)


def _labels(outcomes: Outcomes, rejects: TableWriter, consensus: Consensus) -> Iterator[pa.Table]:
    """The labels that stand, in portions; what does not goes to the rejects."""
    for labels, rejected in outcomes.settled():
        rejects.extend(rows_to_table(LABEL_REJECTS, (reject.row() for reject in rejected)))
        consensus.take(labels)
        yield labels


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
