"""What batches say of their items and labels, by id, and a sample's row made of it.

reads   items, labels, consensus
writes  targets, presence and members of a sample, and what ties it to other samples (in memory)

Where several annotators spoke about a whole item, their consensus is the one target; its label id is that of
the first linked annotation that says the same. The text modality is present by text items and by the
transcript that a sample was cut by.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.schemas import CONSENSUS, ITEMS, LABELS, MODALITIES
from tasks.core.stage import StageInput
from tasks.fuse.samples import Draft, Member
from tasks.fuse.splits import Ties

_CONSENSUS_TASKS = ("classification", "sentiment", "vqa")
_MEDIA = ("image", "audio", "video")
_WORD = re.compile(r"\w+")

Row = Mapping[str, Any]


_ITEM_COLUMNS = ("item_id", "modality", "session", "split", "clock", "start_ns", "sha256", "phash", "text")
_LABEL_COLUMNS = ("label_id", "item_id", "task", "question", "label", "text", "start_ns", "x")
_CONSENSUS_COLUMNS = ("item_id", "task", "question", "label", "region")


@dataclass(frozen=True)
class BatchTables:
    """Rows of items and labels by id, and consensus labels by (item, task, question).

    `keeps_given` is whether the batch keeps its samples' given splits whatever they are tied to.
    """

    items: Mapping[str, Row]
    labels: Mapping[str, Row]
    consensus: Mapping[tuple[str, str, str], str]
    keeps_given: bool = False


@dataclass(frozen=True)
class StoredTables:
    """Items, labels and consensus as Arrow has them, which is small; rows are taken out for some samples."""

    items: pa.Table
    labels: pa.Table
    consensus: pa.Table

    @classmethod
    def joined(cls, several: Sequence["StoredTables"]) -> "StoredTables":
        """The rows of all."""
        empty = cls(
            ITEMS.schema.empty_table().select(_ITEM_COLUMNS),
            LABELS.schema.empty_table().select(_LABEL_COLUMNS),
            CONSENSUS.schema.empty_table().select(_CONSENSUS_COLUMNS),
        )
        tables = [(own.items, own.labels, own.consensus) for own in (empty, *several)]
        return cls(*(pa.concat_tables(of_kind) for of_kind in zip(*tables, strict=True)))

    def of_items(self, item_ids: pa.ChunkedArray) -> "StoredTables":
        """The rows about those items."""
        return StoredTables(
            *(
                table.filter(pc.is_in(table["item_id"], pc.unique(item_ids)))
                for table in (self.items, self.labels, self.consensus)
            )
        )

    def of_drafts(self, drafts: Iterable[Draft]) -> BatchTables:
        """What there is on the members of these samples, ready to be looked up."""
        members = [member for draft in drafts for member in draft.members]
        items, labels = ({getattr(member, name) for member in members} for name in ("item_id", "label_id"))
        return BatchTables(
            {row["item_id"]: row for row in _rows_of(self.items, "item_id", items)},
            {row["label_id"]: row for row in _rows_of(self.labels, "label_id", labels)},
            {
                (row["item_id"], row["task"], row["question"]): row["label"]
                for row in _rows_of(self.consensus, "item_id", items)
            },
        )


def read_stored(inputs: StageInput, batch: Batch) -> StoredTables:
    """The tables of one batch."""
    consensus = inputs.table(CONSENSUS, batch, _CONSENSUS_COLUMNS)
    # Of the items as a whole, where an answer was decided on.
    decided = pc.and_(pc.equal(consensus["region"], 0), pc.is_valid(consensus["label"]))
    return StoredTables(
        inputs.table(ITEMS, batch, _ITEM_COLUMNS),
        inputs.table(LABELS, batch, _LABEL_COLUMNS),
        consensus.filter(decided),
    )


def modality_of(member: Member, items: Mapping[str, Row]) -> str:
    """The modality that an input member is of: a transcript is text."""
    return "text" if member.kind == "label" else str(items[member.member_id]["modality"])


def sample_row(draft: Draft, tables: BatchTables) -> dict[str, object]:
    """The sample as a row of `samples`, without group and split."""
    present = {modality_of(member, tables.items) for member in draft.members if member.is_input}
    return {
        "sample_id": draft.sample_id,
        "batch": draft.batch,
        "session": draft.session,
        "targets": _targets(draft, tables),
        "members": _members(draft),
        "presence": {modality: modality in present for modality in MODALITIES},
    }


@dataclass(frozen=True)
class Tying:
    """How long a text and a target text must be to tie samples (0: none does); items that are alike."""

    shortest_text: int
    shortest_target: int
    alike: Mapping[str, Sequence[str]]


def ties_of(draft: Draft, tables: BatchTables, tying: Tying) -> Ties:
    """What keeps the sample on one side with others: sessions, media, long texts, the looks of pictures."""
    items = [tables.items[name] for name in sorted({m.item_id for m in draft.members if m.item_id})]
    media = [f"media:{item['sha256']}" for item in items if item["modality"] in _MEDIA and item["sha256"]]
    texts = [_normalised(item["text"]) for item in items if item["modality"] == "text" and item["text"]]
    long_texts = [f"text:{_digest(text)}" for text in texts if len(text) >= tying.shortest_text]
    # An item that was put to another session's sample by its content, or to another batch's, brings its own.
    others = {f"{m.batch}/{tables.items[m.item_id]['session']}" for m in draft.members if m.item_id}
    sessions = (f"session:{key}" for key in {draft.session_key, *others})
    members = {item["item_id"] for item in items}
    near = sorted({other for name in members & tying.alike.keys() for other in tying.alike[name]})
    own = (f"item:{name}" for name in members & tying.alike.keys())
    keys = sorted({*sessions, *media, *long_texts, *own, *_target_keys(draft, tables, tying)})
    pictures = sorted({int(item["phash"], 16) for item in items if item["phash"]})
    given = tuple(given_splits(draft, tables))
    return Ties(
        draft.session_key,
        tuple(keys),
        tuple(pictures),
        given,
        tables.keeps_given,
        tuple(f"item:{name}" for name in near),
    )


def given_splits(draft: Draft, tables: BatchTables) -> dict[str, str]:
    """The splits that the media of the sample were delivered with, each with one item of them."""
    given: dict[str, str] = {}
    for name in sorted({member.item_id for member in draft.members if member.item_id}):
        split = tables.items[name]["split"]
        if split is not None:
            given.setdefault(split, name)
    return given


def _target_keys(draft: Draft, tables: BatchTables, tying: Tying) -> set[str]:
    """The keys of target texts, as long as they have to be."""
    if not tying.shortest_target:
        return set()
    labels = (tables.labels[m.member_id] for m in draft.members if m.kind == "label" and not m.is_input)
    texts = (_normalised(label["text"]) for label in labels if label["text"])
    return {f"target:{_digest(text)}" for text in texts if len(text) >= tying.shortest_target}


def _targets(draft: Draft, tables: BatchTables) -> list[dict[str, str | None]]:
    """The targets, sorted; several annotators' labels as one where they have a consensus."""
    own: list[dict[str, str | None]] = []
    agreed: dict[tuple[str, str, str], dict[str, str | None]] = {}
    for member in sorted(draft.members, key=lambda member: member.member_id):
        if member.kind != "label" or member.is_input:
            continue
        target = _target(member.member_id, tables.labels[member.member_id])
        key = _consensus_key(tables.labels[member.member_id])
        if key is None or key not in tables.consensus:
            own.append(target)
            continue
        consensus = tables.consensus[key]
        agreeing = target["label_id"] if target["label"] == consensus else None
        known = agreed.setdefault(key, {**target, "label": consensus, "text": None, "label_id": agreeing})
        known["label_id"] = known["label_id"] or agreeing
    return sorted([*own, *agreed.values()], key=_target_order)


def _target(label_id: str, label: Row) -> dict[str, str | None]:
    return {"label_id": label_id} | {
        name: label[name] for name in ("task", "question", "label", "text", "item_id")
    }


def _consensus_key(label: Row) -> tuple[str, str, str] | None:
    """What the label is voted on for; None where it is about a part, or not of one class."""
    if label["task"] not in _CONSENSUS_TASKS or label["start_ns"] is not None or label["x"] is not None:
        return None
    return label["item_id"], label["task"], label["question"] or ""


def _target_order(target: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(target[name] or "" for name in ("task", "item_id", "question", "label_id"))


def _members(draft: Draft) -> list[dict[str, object]]:
    """The ids behind each role, sorted."""
    ids: dict[tuple[str, str], list[str]] = {}
    for member in draft.members:
        ids.setdefault((member.role, member.kind), []).append(member.member_id)
    return [{"role": role, "kind": kind, "ids": sorted(ids[role, kind])} for role, kind in sorted(ids)]


def _rows_of(table: pa.Table, key: str, wanted: set[str]) -> list[Row]:
    rows: list[Row] = table.filter(pc.is_in(table[key], pa.array(wanted, pa.string()))).to_pylist()
    return rows


def _normalised(text: str) -> str:
    """The words alone: neither case nor punctuation nor spacing makes a text another one."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
