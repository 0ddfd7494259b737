"""What is known of the items that are asked about, and what the batch's labels are called.

reads   items, labels, consensus
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.asking.controls import offered
from tasks.asking.preannotation import Row
from tasks.core.schemas import CONSENSUS, ITEMS, LABELS
from tasks.core.tables import read_table

_ITEM_COLUMNS = (
    *("item_id", "modality", "clock", "start_ns", "width", "height", "media_type", "text"),
    *("shard", "offset", "size", "readable"),
)
_LABEL_COLUMNS = (
    *("item_id", "task", "question", "label", "text", "x", "y", "width", "height", "rotation", "polygon"),
    *("keypoints", "clock", "start_ns", "end_ns", "annotator", "label_id"),
)
Topic = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """What is known of the items that are asked about."""

    batch: str
    items: Mapping[str, Row]
    labels: Mapping[tuple[str, str, str], Sequence[Row]]
    consensus: Mapping[tuple[str, str, str], Sequence[Row]]
    palette: Mapping[Topic, tuple[str, ...]]
    multiple: frozenset[Topic]

    def of(self, topic: tuple[str, str, str]) -> Sequence[Row]:
        """The consensus where there is one, else the labels."""
        labels = self.labels.get(topic, ())
        if topic not in self.consensus:
            return labels
        by_id = {label["label_id"]: label for label in labels}
        decided = [row for row in self.consensus[topic] if row["label"] is not None]
        return [_shown(row, [by_id[name] for name in row["members"]]) for row in decided]


def _shown(decided: Row, members: Sequence[Row]) -> Row:
    """What was decided on, as a label; outlines and turned boxes have no mean: one that agrees is shown."""
    agreeing = [label for label in members if label["label"] == decided["label"]]
    if agreeing and (decided["task"] == "segmentation" or agreeing[0]["rotation"]):
        return agreeing[0]
    nowhere = dict.fromkeys(("text", "rotation", "polygon", "keypoints"))
    return {**nowhere, **decided, "clock": members[0]["clock"]}


def read_known(data: Path, batch: str, queue: pa.Table) -> Known:
    """What the tables say of the queue's items, and which labels the whole batch uses."""
    wanted = pc.unique(queue["item_id"].combine_chunks())
    items = read_table(ITEMS, data / "collected" / batch, _ITEM_COLUMNS)
    labels = read_table(LABELS, data / "labels" / batch, _LABEL_COLUMNS)
    consensus = read_table(CONSENSUS, data / "labels" / batch)
    palette = _palette(labels)
    return Known(
        batch,
        {row["item_id"]: row for row in _of(items, wanted)},
        _by_topic(_of(labels, wanted)),
        _by_topic(_of(consensus, wanted)),
        palette,
        _multiple(labels),
    )


def _of(table: pa.Table, wanted: pa.Array) -> Iterator[Row]:
    yield from table.filter(pc.is_in(table["item_id"], wanted)).to_pylist()


def _by_topic(rows: Iterator[Row]) -> dict[tuple[str, str, str], list[Row]]:
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["item_id"], row["task"], row["question"] or ""), []).append(row)
    return found


def _palette(labels: pa.Table) -> dict[Topic, tuple[str, ...]]:
    """The labels of each task and question in the batch; of free questions none."""
    found: dict[Topic, set[str]] = {}
    named = labels.filter(pc.not_equal(labels["task"], "vqa"))
    for row in named.group_by(["task", "question", "label"]).aggregate([]).to_pylist():
        found.setdefault((row["task"], row["question"] or ""), set()).add(row["label"] or "")
    return {topic: offered(found[topic]) for topic in sorted(found)}


def _multiple(labels: pa.Table) -> frozenset[Topic]:
    """The tasks and questions of which somebody gave one item several labels."""
    said = labels.group_by(["item_id", "task", "question", "annotator"]).aggregate([("label", "count")])
    several = said.filter(pc.greater(said["label_count"], 1))
    found = several.group_by(["task", "question"]).aggregate([]).to_pylist()
    return frozenset((row["task"], row["question"] or "") for row in found)
