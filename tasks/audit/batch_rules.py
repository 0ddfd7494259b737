"""One rule per stage that works on batches: what came in is there, or is named as left out.

reads   one batch's partitions
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.audit.account import Account, missing, unaccounted
from tasks.audit.artifacts import Artifacts
from tasks.core.errors import SourceError
from tasks.core.schemas import (
    ALIGN_REJECTS,
    CLOCKS,
    COLLECT_REJECTS,
    CONSENSUS,
    ENCODE_REJECTS,
    FRAMES,
    GATE_REJECTS,
    ITEMS,
    LABEL_REJECTS,
    LABELS,
    LINKS,
    RELABEL,
    RESPONSES,
)
from tasks.core.shards import ShardReader

_SOUGHT_MODALITIES = ("image", "text", "audio", "signal", "video")
_QUESTION_TASK = "vqa"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class BatchRule:
    """What checks one stage, and which partitions it reads: it is not asked of what was refused there."""

    stage: str
    reads: tuple[str, ...]
    check: Callable[[Artifacts, str], Account]


def check_fetch(artifacts: Artifacts, batch: str) -> Account:
    """Addresses = responses with bytes + responses with a reason; the bytes are those that came."""
    rows = artifacts.table(RESPONSES, batch).to_pylist()
    silent = {row["url"] for row in rows if not (row["shard"] or row["reason"] or row["detail"])}
    stored = [row for row in rows if row["shard"] and row["kind"] == "media"]
    faults = missing("addresses have neither bytes nor a reason", silent)
    faults += _broken(artifacts.folder("fetched", batch), stored, "url")
    counts = {"addresses": len(rows), "with bytes": len(stored)}
    return Account("fetch", batch, counts, tuple(faults))


def check_collect(artifacts: Artifacts, batch: str) -> Account:
    """Items = readable ones, whose bytes are in the shards, + those with an error; other files are named."""
    rows = artifacts.table(ITEMS, batch).to_pylist()
    known = {row["item_id"] for row in rows}
    silent = {row["item_id"] for row in rows if not row["readable"] and not row["error"]}
    bare = {
        row["item_id"] for row in rows if row["readable"] and row["shard"] is None and row["text"] is None
    }
    derived = {row["derived_from"] for row in rows if row["derived_from"]} - known
    faults = missing("unreadable items have no reason", silent)
    faults += missing("readable items have neither bytes nor a text", bare)
    faults += missing("items that others were taken out of are not there", derived)
    faults += missing("items have frames and are not there", artifacts.ids(FRAMES, "item_id", batch) - known)
    stored = [row for row in rows if row["shard"] and row["sha256"]]
    faults += _broken(artifacts.folder("collected", batch), stored, "item_id")
    left_out = artifacts.ids(COLLECT_REJECTS, "row_id", batch)
    faults += missing("files are left out and items as well", left_out & known)
    unreadable = sum(not row["readable"] for row in rows)
    counts = {"items": len(rows), "readable": len(rows) - unreadable, "unreadable": unreadable}
    counts["files left out"] = len(left_out)
    return Account("collect", batch, counts, tuple(faults))


def check_label(artifacts: Artifacts, batch: str) -> Account:
    """Labels and rejects are about items that are there; whoever voted is a label."""
    items, labels = artifacts.ids(ITEMS, "item_id", batch), artifacts.ids(LABELS, "label_id", batch)
    voted = artifacts.table(CONSENSUS, batch, ("members",))["members"].to_pylist()
    rejects = artifacts.table(LABEL_REJECTS, batch, ("reason",))["reason"]
    about = {
        name: artifacts.ids(spec, "item_id", batch) - items
        for name, spec in (("labels", LABELS), ("voices", CONSENSUS), ("questions", RELABEL))
    }
    faults = [
        fault for name, ids in about.items() for fault in missing(f"items of {name} are not there", ids)
    ]
    faults += missing("labels voted and are not there", {name for names in voted for name in names} - labels)
    for name, ids in about.items():
        faults += missing(f"items that {name} are about are not there", ids)
    if pc.any(pc.equal(rejects, "")).as_py():
        faults.append("a rejected label has no reason")
    return Account("label", batch, {"labels": len(labels), "rejects": len(rejects)}, tuple(faults))


def check_encode(artifacts: Artifacts, batch: str) -> Account:
    """Items + texts of labels + questions = vectors + rejects."""
    came = artifacts.ids(ITEMS, "item_id", batch) | _texts(artifacts.table(LABELS, batch))
    folder = artifacts.folder("encoded", batch)
    vectors = [
        name for modality in _SOUGHT_MODALITIES for name in artifacts.vector_ids(folder / f"{modality}.arrow")
    ]
    rejects = artifacts.rejected(ENCODE_REJECTS, batch)
    faults = unaccounted("things to encode", came, rejects.union(vectors))
    faults += missing("things have a vector and are rejected, too", rejects.intersection(vectors))
    counts = {"came in": len(came), "vectors": len(vectors), "rejects": len(rejects)}
    return Account("encode", batch, counts, tuple(faults))


def check_align(artifacts: Artifacts, batch: str) -> Account:
    """Items + labels = members that are linked + rejects."""
    came = artifacts.ids(ITEMS, "item_id", batch) | artifacts.ids(LABELS, "label_id", batch)
    linked = artifacts.ids(LINKS, "member_id", batch)
    # Other tables' rows, such as the marks of a clock, are no members.
    rejects = {row for one in (ITEMS, LABELS) for row in artifacts.rejected(ALIGN_REJECTS, batch, one.name)}
    faults = unaccounted("items and labels", came, linked | rejects)
    counts = {"members": len(came), "linked": len(linked), "left out": len(rejects - linked)}
    return Account("align", batch, counts, tuple(faults))


def check_validate(artifacts: Artifacts, batch: str) -> Account:
    """The verdict counts the rows that are there; what is quarantined is one of them."""
    verdict = artifacts.verdict("validated", batch)
    faults: list[str] = []
    for spec in (ITEMS, LABELS, LINKS, CLOCKS):
        judged = verdict.rows.get(spec.name)
        if judged is None:
            continue
        table = artifacts.table(spec, batch, spec.key)
        if table.num_rows != judged:
            faults.append(f"{judged} {spec.name} were judged, and {table.num_rows} are there")
        quarantined = artifacts.rejected(GATE_REJECTS, batch, spec.name)
        faults += missing(f"quarantined {spec.name} are not there", quarantined - _row_ids(table))
        if len(quarantined) != verdict.quarantined.get(spec.name, 0):
            told = verdict.quarantined.get(spec.name, 0)
            faults.append(f"the verdict quarantines {told} {spec.name}, the rejects name {len(quarantined)}")
    if verdict.accepted == bool(verdict.reasons):
        faults.append("the verdict rejects without a reason, or accepts in spite of one")
    counts = {"judged": sum(verdict.rows.values()), "quarantined": sum(verdict.quarantined.values())}
    return Account("validate", batch, counts, tuple(faults))


def _texts(labels: pa.Table) -> set[str]:
    """The ids of what is encoded of labels: their texts, and each question about an item once."""
    asking = pc.equal(labels["task"], _QUESTION_TASK)
    said = labels.filter(pc.and_(pc.invert(asking), pc.is_valid(labels["text"])))["label_id"]
    asked = labels.filter(pc.and_(asking, pc.is_valid(labels["question"])))
    questions = pc.binary_join_element_wise(asked["item_id"], asked["question"], "?")
    return {*said.to_pylist(), *questions.to_pylist()}


def _row_ids(table: pa.Table) -> set[str]:
    columns = (table[name].cast(pa.string()) for name in table.column_names)
    return set(pc.binary_join_element_wise(*columns, "|").to_pylist())


def _broken(folder: Path, rows: Rows, name: str) -> list[str]:
    """A fault that names what is not in the shards byte for byte."""
    broken: set[str] = set()
    with ShardReader(folder) as shards:
        for row in rows:
            try:
                payload = shards.read(row["shard"], row["offset"], row["size"])
            except (SourceError, FileNotFoundError):
                payload = b""
            if hashlib.sha256(payload).hexdigest() != row["sha256"]:
                broken.add(row[name])
    return missing("have other bytes in the shards than were read", broken)


BATCH_RULES = (
    BatchRule("fetch", ("fetched",), check_fetch),
    BatchRule("collect", ("fetched", "collected"), check_collect),
    BatchRule("label", ("collected", "labels"), check_label),
    BatchRule("encode", ("collected", "labels", "encoded"), check_encode),
    BatchRule("align", ("collected", "labels", "encoded", "aligned"), check_align),
    BatchRule("validate", ("collected", "labels", "encoded", "aligned", "validated"), check_validate),
)
