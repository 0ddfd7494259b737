"""What is to be encoded: an id and where its bytes are, in a shard or at hand.

reads   items, labels (in memory)
writes  entries per modality, sorted by id; rejects for items that can have no vector
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.errors import SchemaError
from tasks.core.rejects import Reason, Reject

_QUESTION_TASK = "vqa"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to encode: `text` where it is words, else `size` bytes at `offset` of the shard."""

    name: str
    batch: str
    text: str | None = None
    shard: str = ""
    offset: int = 0
    size: int = 0

    def reject(self, detail: str) -> Reject:
        """The entry as a reject: it cannot be encoded."""
        return Reject(self.batch, "items", self.name, Reason.NOT_READABLE, detail)


def question_id(item_id: str, question: str) -> str:
    """The id of the vector of a question about an item."""
    return f"{item_id}?{question}"


def entries_of(modality: str, items: pa.Table, labels: pa.Table) -> list[Entry]:
    """Everything of that modality that can be encoded, sorted by id."""
    chosen = items.filter(pc.and_(items["readable"], pc.equal(items["modality"], modality)))
    entries = [_item_entry(row) for row in _rows(chosen, "text", "shard", "offset", "size")]
    if modality == "text":
        entries += _label_entries(labels)
    entries.sort(key=lambda entry: entry.name)
    _refuse_shared_ids(entries)
    return entries


def unusable_items(items: pa.Table, modalities: frozenset[str]) -> Iterator[Reject]:
    """The items that are not readable or that no encoder is for, with the reason."""
    for row in _rows(items, "modality", "readable", "error"):
        if not row["readable"]:
            detail = row["error"] or "it could not be read"
            yield Reject(row["batch"], "items", row["item_id"], Reason.NOT_READABLE, detail)
        elif row["modality"] not in modalities:
            detail = f"no encoder for {row['modality']}; there are {sorted(modalities)}"
            yield Reject(row["batch"], "items", row["item_id"], Reason.NO_ENCODER, detail)


def _item_entry(row: Mapping[str, Any]) -> Entry:
    if row["text"] is not None:
        return Entry(row["item_id"], row["batch"], text=row["text"])
    return Entry(row["item_id"], row["batch"], shard=row["shard"], offset=row["offset"], size=row["size"])


def _label_entries(labels: pa.Table) -> list[Entry]:
    """Label texts, and each question about an item once."""
    asking = pc.equal(labels["task"], _QUESTION_TASK)
    spoken = labels.filter(pc.and_(pc.invert(asking), pc.is_valid(labels["text"])))
    asked = labels.filter(pc.and_(asking, pc.is_valid(labels["question"])))
    questions = asked.group_by(["batch", "item_id", "question"]).aggregate([])
    texts = spoken.select(["batch", "label_id", "text"]).to_pylist()
    entries = [Entry(row["label_id"], row["batch"], text=row["text"]) for row in texts]
    for row in questions.to_pylist():
        entries.append(
            Entry(question_id(row["item_id"], row["question"]), row["batch"], text=row["question"])
        )
    return entries


def _refuse_shared_ids(entries: Sequence[Entry]) -> None:
    for entry, following in pairwise(entries):
        if entry.name == following.name:
            raise SchemaError(
                "vectors",
                f"the id '{entry.name}' is that of two texts, an item's and a label's;"
                " give the items of that table other ids, by `id` in batch.yaml",
            )


def _rows(items: pa.Table, *names: str) -> Iterator[Mapping[str, Any]]:
    for block in items.select(["batch", "item_id", *names]).to_batches(max_chunksize=4096):
        yield from block.to_pylist()
