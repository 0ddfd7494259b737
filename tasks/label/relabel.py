"""What a person should look at again, and why: the queue that `python -m flows.label_studio push` sends out.

reads   items, labels, rejects, consensus
writes  relabel

tie            several answers have the same weight
low_agreement  the winning answer's share is below `relabel_below`
unlabelled     nothing is said of a readable item, while others of its role are labelled
rejected       a label of the item was refused for a reason that a person can mend

A label that is marked as ground truth settles its item and task: no reject of it is asked about any more (and
in the consensus it decides). Under `keep_all` nobody has to agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason
from tasks.core.schemas import RELABEL
from tasks.core.tables import TableBuilder

MENDABLE = (
    Reason.UNKNOWN_CATEGORY,
    Reason.BOX_OUTSIDE_IMAGE,
    Reason.ZERO_AREA,
    Reason.END_BEFORE_START,
    Reason.BEYOND_MEDIA_END,
    Reason.MALFORMED,
    Reason.CANCELLED,
)
# Of an item about which nothing is known, nobody can be asked these.
_NOT_ASKED_ANEW = ("vqa", "relation")
_SHOWN = 3
_CHUNK_ROWS = 4096

Row = dict[str, Any]


class Why(StrEnum):
    """Why an item is asked about. The words are stable: users filter by them."""

    TIE = "tie"
    LOW_AGREEMENT = "low_agreement"
    UNLABELLED = "unlabelled"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Said:
    """What is known of a batch: its items, and what the stage made of its labels."""

    items: pa.Table
    labels: pa.Table
    rejects: pa.Table
    consensus: pa.Table


def relabel_queue(batch: str, said: Said, relabel_below: float | None) -> pa.Table:
    """The batch's relabel table; without a threshold no disagreement is asked about."""
    queue = TableBuilder(RELABEL)
    disputes = [] if relabel_below is None else _disputed(said.consensus, relabel_below)
    for rows in (disputes, _unlabelled(said), _rejected(said)):
        for row in rows:
            queue.append({"batch": batch, **row})
    return queue.finish()


def _disputed(consensus: pa.Table, relabel_below: float) -> Iterator[Row]:
    """A row for each item, task and question, with the least agreement of its things."""
    low = pc.less(consensus["agreement"], relabel_below)
    rows = _rows(consensus.filter(pc.or_(consensus["tie"], low)))
    for (item_id, task, question), own in groupby(rows, itemgetter("item_id", "task", "question")):
        found: dict[Why, list[Row]] = {}
        for row in own:
            found.setdefault(Why.TIE if row["tie"] else Why.LOW_AGREEMENT, []).append(row)
        for why, things in found.items():
            agreement = min(thing["agreement"] for thing in things)
            about = {"item_id": item_id, "task": task, "question": question, "agreement": agreement}
            yield about | {"why": why.value, "detail": _listed([_votes(thing) for thing in things])}


def _votes(thing: Row) -> str:
    shares = [f"{share['label'] or 'nothing'} {share['share']:.2f}" for share in thing["soft_label"]]
    place = f"region {thing['region']}: " if thing["region"] else ""
    return f"{place}{_listed(shares, ', ')}"


def _unlabelled(said: Said) -> Iterator[Row]:
    """A row for each task that others of the item's role have labels for."""
    readable = said.items.filter(said.items["readable"])
    told = said.labels.group_by(["item_id", "task"]).aggregate([])
    labelled = said.items.join(told, "item_id", join_type="inner")
    asked: dict[str, list[str]] = {}
    for row in _rows(labelled.group_by(["role", "task"]).aggregate([])):
        if row["task"] not in _NOT_ASKED_ANEW:
            asked.setdefault(row["role"], []).append(row["task"])
    silent = readable.filter(pc.invert(pc.is_in(readable["item_id"], _ids(said.labels))))
    for item in _rows(silent.select(["item_id", "role"])):
        for task in asked.get(item["role"], []):
            detail = f"others of the role '{item['role']}' have labels"
            yield {
                "item_id": item["item_id"],
                "task": task,
                "question": "",
                "why": Why.UNLABELLED.value,
                "detail": detail,
            }


def _rejected(said: Said) -> Iterator[Row]:
    """A row for each item and task with labels that can be mended, but for those that are settled."""
    truths = said.labels.filter(pc.equal(pc.fill_null(said.labels["ground_truth"], False), True))
    settled = {(row["item_id"], row["task"]) for row in _rows(truths.select(["item_id", "task"]))}
    mendable = pc.is_in(said.rejects["reason"], pa.array([reason.value for reason in MENDABLE]))
    known = said.rejects.filter(pc.and_(mendable, pc.is_valid(said.rejects["item_id"])))
    order = [(name, "ascending") for name in ("item_id", "task", "table", "row_id")]
    for key, own in groupby(_rows(known.sort_by(order)), itemgetter("item_id", "task")):
        if key not in settled:
            detail = _listed([f"{row['reason']}: {row['detail']}" for row in own])
            yield {
                "item_id": key[0],
                "task": key[1],
                "question": "",
                "why": Why.REJECTED.value,
                "detail": detail,
            }


def _ids(labels: pa.Table) -> pa.Array:
    return pc.unique(labels["item_id"].combine_chunks())


def _listed(words: list[str], between: str = "; ") -> str:
    more = f"{between}and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return between.join(words[:_SHOWN]) + more


def _rows(table: pa.Table) -> Iterator[Row]:
    for chunk in table.to_batches(max_chunksize=_CHUNK_ROWS):
        yield from chunk.to_pylist()
