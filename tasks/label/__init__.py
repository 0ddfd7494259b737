"""Label: read every export of a batch, find the item each label is about, refuse what cannot be true of it.

reads   data/batches/<batch>/ (the exports that batch.yaml names), items
writes  labels, consensus, agreement, relabel, rejects
params  label.consensus, label.skill_unless_given, label.same_from_iou, label.relabel_below

Labels in the exports = rows of labels + rejects. A label about an item that cannot be read is imported all
the same: the gate judges the item.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.rejects import Reject
from tasks.core.schemas import AGREEMENT, CONSENSUS, ITEMS, LABEL_REJECTS, LABELS, RELABEL
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableBuilder, write_table
from tasks.label.agreement import agree
from tasks.label.agreement.voting import Ballot, Rule
from tasks.label.importing import import_labels
from tasks.label.matching import LabelledItem
from tasks.label.relabel import Said, relabel_queue

ITEM_COLUMNS = ("item_id", "modality", "clock", "start_ns", "duration_ns", "width", "height")


@dataclass(frozen=True)
class LabelParams:
    """How several annotators become one answer, and when a person is asked again.

    `skill_unless_given` is the weight of an annotator whom batch.yaml does not name. Boxes or spans of two
    annotators that overlap by `same_from_iou` are one thing. `relabel_below` is a share of the votes.
    """

    consensus: Rule
    skill_unless_given: float
    same_from_iou: float
    relabel_below: float

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        for name in ("skill_unless_given", "same_from_iou"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(
                    f"{name}: expected a number above 0 and at most 1, got {getattr(self, name):g}"
                )
        if not 0 <= self.relabel_below <= 1:
            raise ValueError(f"relabel_below: expected a share from 0 to 1, got {self.relabel_below:g}")

    def ballot(self, batch: Batch) -> Ballot:
        """How the batch's annotators vote."""
        skills = {name: annotator.skill for name, annotator in batch.file.annotators.items()}
        return Ballot(self.consensus, skills, self.skill_unless_given, self.same_from_iou)


def build(inputs: StageInput, params: LabelParams, output: Path) -> None:
    """Write the batch's labels, what its annotators say together, and what could not be imported."""
    batch = inputs.batch
    items = to_labelled_items(batch.name, inputs.table(ITEMS, batch, ITEM_COLUMNS))
    labels, rejects = TableBuilder(LABELS), TableBuilder(LABEL_REJECTS)
    for outcome in import_labels(batch, items):
        if isinstance(outcome, Reject):
            rejects.append(outcome.row())
        else:
            labels.append(outcome.row(batch.name))
    imported, refused = labels.finish(), rejects.finish()
    write_table(LABELS, imported, output)
    write_table(LABEL_REJECTS, refused, output)
    _write_agreement(inputs, params, (imported, refused), output)


def _write_agreement(
    inputs: StageInput, params: LabelParams, found: tuple[pa.Table, pa.Table], output: Path
) -> None:
    """Write what follows from the labels and rejects: consensus, agreement and whom to ask again."""
    (labels, rejects), batch = found, inputs.batch
    consensus, agreement = agree(batch.name, labels, params.ballot(batch))
    items = inputs.table(ITEMS, batch, ("item_id", "role", "readable"))
    below = None if params.consensus == "keep_all" else params.relabel_below
    write_table(CONSENSUS, consensus, output)
    write_table(AGREEMENT, agreement, output)
    write_table(RELABEL, relabel_queue(batch.name, Said(items, labels, rejects, consensus), below), output)


def to_labelled_items(batch: str, items: pa.Table) -> list[LabelledItem]:
    """What the stage needs of each item, in the order of the table."""
    return [
        LabelledItem(native_id=row["item_id"].removeprefix(f"{batch}/"), **row)
        for rows in items.select(ITEM_COLUMNS).to_batches(max_chunksize=4096)
        for row in rows.to_pylist()
    ]


def conclude(inputs: StageInput, params: LabelParams) -> str:
    """How many labels there are, how many were rejected, and how many items a person should look at."""
    labels = sum(inputs.table(LABELS, batch, ("batch",)).num_rows for batch in inputs.batches)
    rejects = sum(inputs.table(LABEL_REJECTS, batch, ("batch",)).num_rows for batch in inputs.batches)
    asked = sum(
        pc.count_distinct(inputs.table(RELABEL, batch, ("item_id",))["item_id"]).as_py()
        for batch in inputs.batches
    )
    return f"{labels} labels, {rejects} rejected, {asked} to relabel"


STAGE = Stage(
    "label",
    LabelParams,
    reads=("batches", "collected"),
    writes=("labels",),
    scope="batch",
    build=build,
    conclude=conclude,
)
