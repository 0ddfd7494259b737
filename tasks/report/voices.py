"""What several annotators agreed on in one batch, how well, and what a person is asked again.

reads   consensus, agreement, relabel
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.schemas import AGREEMENT, CONSENSUS, RELABEL
from tasks.core.stage import StageInput

_SHOWN_EXAMPLES = 3
_NAMES = {
    "cohen_kappa": "Cohen's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "krippendorff_alpha_interval": "Krippendorff's alpha of numbers",
    "matched_share": "matched share",
    "mean_iou": "mean IoU",
    "mean_temporal_iou": "mean temporal IoU",
}


@dataclass(frozen=True)
class Measured:
    """One task and question: `pairs` are Cohen's kappa of every two annotators, from the least."""

    topic: str
    items: int
    annotators: int
    values: dict[str, str]
    pairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One reason to ask a person: how many rows of the queue, and a few of them."""

    task: str
    why: str
    rows: int
    examples: list[tuple[str, str]]


@dataclass(frozen=True)
class Voices:
    """What the page says of a batch's annotators: several spoke of the things, the ties are undecided."""

    things: int
    ties: int
    measured: list[Measured]
    asked: list[Asked]
    items_asked: int


def voices_of(inputs: StageInput, batch: Batch) -> Voices:
    """The batch's agreement and queue in words."""
    consensus = inputs.table(CONSENSUS, batch, ("tie",))
    queue = inputs.table(RELABEL, batch)
    return Voices(
        consensus.num_rows,
        int(pc.sum(consensus["tie"]).as_py() or 0),
        _measured(inputs.table(AGREEMENT, batch).to_pylist()),
        _asked(queue),
        int(pc.count_distinct(queue["item_id"]).as_py()),
    )


def _measured(rows: list[dict[str, Any]]) -> list[Measured]:
    """Tasks that only one annotator spoke on are left out."""
    topics: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["undefined"] != "one_annotator":
            topics.setdefault((row["task"], row["question"]), []).append(row)
    return [
        Measured(
            " ".join(filter(None, topic)),
            own[0]["items"],
            own[0]["annotators"],
            {_NAMES[row["measure"]]: _value(row) for row in own if not row["other"]},
            [(f"{row['annotator'] or 'unnamed'} and {row['other']}", _value(row)) for row in _pairs(own)],
        )
        for topic, own in topics.items()
    ]


def _pairs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pairs = [row for row in rows if row["other"]]
    return sorted(pairs, key=lambda row: (row["value"] is None, row["value"] or 0.0))


def _value(row: dict[str, Any]) -> str:
    return f"undefined, {row['undefined']}" if row["value"] is None else f"{row['value']:.3f}"


def _asked(queue: pa.Table) -> list[Asked]:
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    counted: dict[tuple[str, str], int] = {}
    for chunk in queue.to_batches(max_chunksize=4096):
        for row in chunk.to_pylist():
            key = (row["task"], row["why"])
            counted[key] = counted.get(key, 0) + 1
            examples = groups.setdefault(key, [])
            if len(examples) < _SHOWN_EXAMPLES:
                name = row["item_id"].split("/", 1)[1]
                examples.append((" ".join(filter(None, (name, row["question"]))), row["detail"]))
    return [Asked(*key, counted[key], groups[key]) for key in sorted(groups)]
