"""What the page says in figures: of the whole dataset, and of each batch.

reads   items, labels, consensus, agreement, relabel, coverage.json, verdicts, samples,
        exports/manifest.json, metrics
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.schemas import ITEMS, LABELS, MODALITIES, SAMPLES, TIES
from tasks.core.stage import StageInput
from tasks.core.verdict import Verdict, read_verdict
from tasks.report.voices import Voices, voices_of

SPLITS = ("train", "validation", "test")
SCORE_FILES = ("tasks", "retrieval")


@dataclass(frozen=True)
class ScoreTable:
    """One file of metrics as rows and columns; `missing` says why a row is not there."""

    columns: list[str]
    rows: dict[str, dict[str, Any]]
    missing: dict[str, str]


MOST_TIES_SHOWN = 12


@dataclass(frozen=True)
class TieFacts:
    """What was tied by one kind of likeness: how many pairs of items, the least alike of them first."""

    kind: str
    pairs: int
    examples: list[dict[str, Any]]


@dataclass(frozen=True)
class DatasetFacts:
    """Figures of the whole dataset."""

    splits: dict[str, int]
    presence: dict[str, int]
    samples: int
    groups: int
    verdict: Verdict
    scores: dict[str, ScoreTable]
    exports: dict[str, Any]
    ties: list["TieFacts"]


@dataclass(frozen=True)
class BatchFacts:
    """Figures of one batch."""

    name: str
    about: str
    license: str
    verdict: Verdict
    modalities: dict[str, int]
    tasks: dict[str, int]
    voices: Voices
    samples: int
    coverage: dict[str, Any]


def dataset_facts(inputs: StageInput) -> DatasetFacts:
    """Samples by split and modality, metrics, exports and the dataset's own verdict."""
    samples = inputs.table(SAMPLES, columns=("split", "group", "presence"))
    present = {
        modality: int(pc.sum(pc.struct_field(samples["presence"], modality)).as_py() or 0)
        for modality in MODALITIES
    }
    return DatasetFacts(
        splits={split: counts(samples["split"]).get(split, 0) for split in SPLITS},
        presence={modality: count for modality, count in present.items() if count},
        samples=samples.num_rows,
        groups=pc.count_distinct(samples["group"]).as_py(),
        verdict=read_verdict(inputs.folder("fused")),
        scores={name: _scores(read_json(inputs.folder("metrics") / f"{name}.json")) for name in SCORE_FILES},
        exports=read_json(inputs.folder("exports") / "manifest.json")["formats"],
        ties=_tie_facts(inputs.table(TIES)),
    )


def _tie_facts(ties: pa.Table) -> list[TieFacts]:
    """By kind; the doubtful ones are what a person should see."""
    found = []
    for kind, pairs in counts(ties["kind"]).items():
        own = ties.filter(pc.equal(ties["kind"], kind)).sort_by([("nearness", "ascending")])
        found.append(TieFacts(kind, pairs, own.slice(0, MOST_TIES_SHOWN).to_pylist()))
    return found


def batch_facts(inputs: StageInput, batch: Batch) -> BatchFacts:
    """What came in with the batch, how it was aligned and what the gate said."""
    samples = inputs.table(SAMPLES, columns=("batch",))
    return BatchFacts(
        name=batch.name,
        about=batch.file.about,
        license=batch.file.license,
        verdict=read_verdict(inputs.folder("validated", batch)),
        modalities=counts(inputs.table(ITEMS, batch, ("modality",))["modality"]),
        tasks=counts(inputs.table(LABELS, batch, ("task",))["task"]),
        voices=voices_of(inputs, batch),
        samples=int(pc.sum(pc.equal(samples["batch"], batch.name)).as_py() or 0),
        coverage=read_json(inputs.folder("aligned", batch) / "coverage.json"),
    )


def verdict_sentences(inputs: StageInput) -> list[str]:
    """Why batches were rejected and what they were warned of, in words; what was refused first."""
    refused = [inputs.folder("validated") / one.batch for one in inputs.refused]
    judged = [inputs.folder("validated", batch) for batch in inputs.batches]
    places = [*refused, *judged, inputs.folder("fused")]
    return [sentence for place in places for sentence in read_verdict(place).sentences()]


def counts(column: pa.ChunkedArray) -> dict[str, int]:
    """How often each value stands in the column, most frequent first, then by name."""
    found = {pair["values"]: pair["counts"] for pair in pc.value_counts(column).to_pylist()}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def read_json(path: Path) -> dict[str, Any]:
    """The file's mapping."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _scores(figures: dict[str, Any]) -> ScoreTable:
    rows = {name: row for name, row in figures.items() if name != "not_evaluated"}
    columns = sorted({column for row in rows.values() for column in row}, key=_by_rank)
    return ScoreTable(columns, rows, figures.get("not_evaluated", {}))


def _by_rank(column: str) -> tuple[str, int]:
    """Names that end in a number in the order of the number: recall_at_5 before recall_at_10."""
    name, _, rank = column.rpartition("_")
    return (name, int(rank)) if rank.isdigit() else (column, 0)
