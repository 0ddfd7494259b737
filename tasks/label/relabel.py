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

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason, Reject
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
_TOLD = pa.schema([("item_id", pa.string()), ("task", pa.string()), ("truth", pa.bool_())])
_SHOWN = 3
_CHUNK_ROWS = 4096

Row = dict[str, Any]


class Why(StrEnum):
    """Why an item is asked about. The words are stable: users filter by them."""

    TIE = "tie"
    LOW_AGREEMENT = "low_agreement"
    UNLABELLED = "unlabelled"
    REJECTED = "rejected"


class Said:
    """What is known of a batch's items: who has labels, and which labels were refused; taken by portions."""

    def __init__(self) -> None:
        self._told = _TOLD.empty_table()
        self._refused: dict[tuple[str, str], _Refused] = {}

    def take(self, labels: pa.Table, rejects: Iterable[Reject]) -> None:
        """Take a portion of the labels table with the rejects among them, in the order of their ids."""
        truth = pc.fill_null(labels["ground_truth"], False)
        told = pa.Table.from_arrays([labels["item_id"], labels["task"], truth], schema=_TOLD)
        self._told = _grouped(pa.concat_tables([self._told, told]))
        for reject in rejects:
            if reject.item_id and reject.task and reject.reason in MENDABLE:
                refused = self._refused.setdefault((reject.item_id, reject.task), _Refused())
                refused.take(f"{reject.reason.value}: {reject.detail}")

    def unlabelled(self, items: pa.Table) -> Iterator[Row]:
        """A row for each silent item and task that others of its role have labels for."""
        labelled = items.join(self._told.select(["item_id", "task"]), "item_id", join_type="inner")
        asked: dict[str, list[str]] = {}
        for row in _rows(labelled.group_by(["role", "task"], use_threads=False).aggregate([])):
            if row["task"] not in _NOT_ASKED_ANEW:
                asked.setdefault(row["role"], []).append(row["task"])
        silent = pc.invert(pc.is_in(items["item_id"], self._told["item_id"].combine_chunks()))
        for item in _rows(items.filter(pc.and_(items["readable"], silent))):
            for task in asked.get(item["role"], []):
                detail = f"others of the role '{item['role']}' have labels"
                yield _row(item["item_id"], task, Why.UNLABELLED, detail)

    def rejected(self) -> Iterator[Row]:
        """A row for each item and task with labels that can be mended, but for those that are settled."""
        truths = self._told.filter(self._told["truth"])
        settled = {(row["item_id"], row["task"]) for row in _rows(truths)}
        for (item_id, task), refused in self._refused.items():
            if (item_id, task) not in settled:
                yield _row(item_id, task, Why.REJECTED, _listed(refused.shown, refused.count))


@dataclass
class _Refused:
    """How many labels of one item and task were refused, and why the first were."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def take(self, detail: str) -> None:
        self.count += 1
        if self.count <= _SHOWN:
            self.shown.append(detail)


def relabel_queue(
    batch: str, items: pa.Table, said: Said, consensus: pa.Table, relabel_below: float | None
) -> pa.Table:
    """The batch's relabel table; without a threshold no disagreement is asked about."""
    queue = TableBuilder(RELABEL)
    disputes = [] if relabel_below is None else _disputed(consensus, relabel_below)
    for row in chain(disputes, said.unlabelled(items), said.rejected()):
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
            yield about | {
                "why": why.value,
                "detail": _listed([_votes(thing) for thing in things], len(things)),
            }


def _votes(thing: Row) -> str:
    shares = [f"{share['label'] or 'nothing'} {share['share']:.2f}" for share in thing["soft_label"]]
    place = f"region {thing['region']}: " if thing["region"] else ""
    return f"{place}{_listed(shares, len(shares), ', ')}"


def _grouped(told: pa.Table) -> pa.Table:
    """A row for each item and task, and whether any of its labels is the ground truth."""
    found = told.group_by(["item_id", "task"], use_threads=False).aggregate([("truth", "any")])
    return found.rename_columns(["item_id", "task", "truth"]).cast(_TOLD)


def _row(item_id: str, task: str, why: Why, detail: str) -> Row:
    return {"item_id": item_id, "task": task, "question": "", "why": why.value, "detail": detail}


def _listed(words: list[str], count: int, between: str = "; ") -> str:
    """The first of so many."""
    more = f"{between}and {count - _SHOWN} more" if count > _SHOWN else ""
    return between.join(words[:_SHOWN]) + more


def _rows(table: pa.Table) -> Iterator[Row]:
    for chunk in table.to_batches(max_chunksize=_CHUNK_ROWS):
        yield from chunk.to_pylist()
