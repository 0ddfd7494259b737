"""Label: read every export of a batch, find the item each label is about, refuse what cannot be true of it.

reads   data/batches/<batch>/ (the exports that batch.yaml names), items
writes  labels, consensus, agreement, relabel, rejects
params  label.consensus, label.skill_unless_given, label.same_from_iou, label.relabel_below

Labels in the exports = rows of labels + rejects. A label about an item that cannot be read is imported all
the same: the gate judges the item.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.collector import seldom_collected
from tasks.core.schemas import AGREEMENT, CONSENSUS, ITEMS, LABEL_REJECTS, LABELS, RELABEL
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableWriter, rows_to_table, write_sorted, write_table
from tasks.label.agreement import agree
from tasks.label.agreement.voices import VotedLabels
from tasks.label.agreement.voting import Ballot, Rule
from tasks.label.importing import read_outcomes
from tasks.label.item_names import read_item_names
from tasks.label.items import ITEM_COLUMNS, to_labelled_items
from tasks.label.outcomes import Outcomes
from tasks.label.relabel import Said, relabel_queue


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
    items = inputs.table(ITEMS, batch, ITEM_COLUMNS)
    names = read_item_names(inputs, items)
    with TemporaryDirectory(dir=output) as scratch, seldom_collected():
        outcomes = Outcomes(batch.name, Path(scratch) / "outcomes")
        for block in read_outcomes(batch, to_labelled_items(batch.name, items), names):
            outcomes.extend(block)
        rejects = TableWriter(LABEL_REJECTS, Path(scratch) / "rejects")
        voices = _Voices(VotedLabels(Path(scratch) / "voted"), Said())
        write_sorted(LABELS, _labels(outcomes, rejects, voices), output)
        rejects.write(output)
        _write_agreement(inputs, params, voices, output)


@dataclass(frozen=True)
class _Voices:
    """What is kept of the labels for the tables that follow from them."""

    voted: VotedLabels
    said: Said


def _labels(outcomes: Outcomes, rejects: TableWriter, voices: _Voices) -> Iterator[pa.Table]:
    """The labels that stand, in portions; what does not goes to the rejects."""
    for labels, rejected in outcomes.settled():
        rejects.extend(rows_to_table(LABEL_REJECTS, (reject.row() for reject in rejected)))
        voices.voted.extend(labels)
        voices.said.take(labels, rejected)
        yield labels


def _write_agreement(inputs: StageInput, params: LabelParams, voices: _Voices, output: Path) -> None:
    """Write what the annotators say together, how well they agree, and whom to ask again."""
    batch = inputs.batch
    consensus, agreement = agree(batch.name, voices.voted, params.ballot(batch))
    write_table(CONSENSUS, consensus, output)
    write_table(AGREEMENT, agreement, output)
    items = inputs.table(ITEMS, batch, ("item_id", "role", "readable"))
    below = None if params.consensus == "keep_all" else params.relabel_below
    write_table(RELABEL, relabel_queue(batch.name, items, voices.said, consensus, below), output)


def conclude(inputs: StageInput, params: LabelParams) -> str:
    """How many labels there are, how many were rejected, and how many items a person should look at."""
    labels = sum(inputs.table(LABELS, batch, ("batch",)).num_rows for batch in inputs.batches)
    rejects = sum(inputs.table(LABEL_REJECTS, batch, ("batch",)).num_rows for batch in inputs.batches)
    asked = sum(
        pc.count_distinct(inputs.table(RELABEL, batch, ("item_id",))["item_id"]).as_py()
        for batch in inputs.batches
    )
    return f"{labels} labels, {rejects} rejected{f', {asked} to relabel' if asked else ''}"


STAGE = Stage(
    "label",
    LabelParams,
    reads=("batches", "collected"),
    writes=("labels",),
    scope="batch",
    build=build,
    conclude=conclude,
)
