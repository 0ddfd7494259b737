"""All outcomes of a batch, sorted by id: of those that share one, the first in its export stands.

A row is a label with the columns of the labels table, or (with a reason) a reject: `table` is the export,
`position` the place in it. The rows lie in a scratch folder, so that memory does not grow with the exports;
only the labels that refer to others are remembered, by their ids.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import LABELS
from tasks.core.sorted_runs import SortedRuns

OUTCOMES = pa.schema(
    [
        *(field.with_nullable(True) for field in LABELS.schema),
        *[("table", pa.string()), ("position", pa.int64()), ("reason", pa.string()), ("detail", pa.string())],
    ]
)
_NUMBERED = "~[0-9]+$"
# What rejects are made of.
_TOLD = ("label_id", "item_id", "task", "table", "origin", "reason", "detail")

Row = dict[str, str]


class Outcomes:
    """Labels and rejects in, in any order; what stands and what does not out, sorted by id."""

    def __init__(self, batch: str, scratch: Path) -> None:
        scratch.mkdir()
        self._batch = batch
        self._runs = SortedRuns(OUTCOMES, ("label_id", "position"), scratch)
        # Ids that look like the numbered ones which repeated ids get.
        self._numbered: set[str] = set()
        self._referring: dict[str, list[str]] = {}

    def extend(self, outcomes: pa.Table) -> None:
        """Take rows of OUTCOMES."""
        self._runs.extend(outcomes)
        ids, refers_to = outcomes["label_id"], outcomes["refers_to"]
        marked = ids.filter(pc.match_substring(ids, "~"))  # many times as fast as the pattern
        self._numbered.update(marked.filter(pc.match_substring_regex(marked, _NUMBERED)).to_pylist())
        if refers_to.null_count < len(refers_to):
            referring = zip(ids.to_pylist(), refers_to.to_pylist(), strict=True)
            for label_id, referred in referring:
                if referred:
                    self._referring.setdefault(label_id, referred)

    def settled(self) -> Iterator[tuple[pa.Table, list[Reject]]]:
        """Portions of the labels table, each key after the one before, with the rejects among them."""
        lacking = self._lacking() if self._referring else {}
        repeats = _Repeats(self._batch, self._numbered)
        for piece in self._runs.pieces():
            first, rejects = repeats.part(piece)
            labels, refused = _parted(first, first["reason"].is_null())
            rejects += [_reject(self._batch, row) for row in refused]
            if lacking:
                stays = pc.invert(pc.is_in(labels["label_id"], pa.array(list(lacking), pa.string())))
                labels, lacks = _parted(labels, stays)
                rejects += [_lacks(self._batch, row, lacking) for row in lacks]
            yield labels.select(LABELS.schema.names), rejects

    def _lacking(self) -> dict[str, str]:
        """For each label that refers to one which does not stand, that one; what it takes along included."""
        wanted = {label_id for referred in self._referring.values() for label_id in referred}
        found = self._standing_of(wanted)
        lacking: dict[str, str] = {}
        while True:
            more = {
                label_id: missing
                for label_id, referred in self._referring.items()
                if label_id not in lacking
                and (missing := next((one for one in referred if one not in found), None)) is not None
            }
            if not more:
                return lacking
            lacking |= more
            found -= more.keys()

    def _standing_of(self, wanted: set[str]) -> set[str]:
        """The wanted ids that labels have which stand."""
        found: set[str] = set()
        ids = pa.array(sorted(wanted), pa.string())
        repeats = _Repeats(self._batch, self._numbered)
        for piece in self._runs.pieces():
            first, _ = repeats.part(
                piece.select(["label_id", "table", "position", "origin", "reason", "detail"])
            )
            stands = pc.and_(first["reason"].is_null(), pc.is_in(first["label_id"], ids))
            found.update(first["label_id"].filter(stands).to_pylist())
        return found


class _Repeats:
    """Parts the first of every id from those that come after it, piece by piece."""

    def __init__(self, batch: str, numbered: set[str]) -> None:
        self._batch, self._numbered = batch, numbered
        self._last_id: str | None = None
        self._counted: str | None = None
        self._number = 2

    def part(self, piece: pa.Table) -> tuple[pa.Table, list[Reject]]:
        """The rows whose id was not there before, and a reject for each other one, `<id>~2` and so on."""
        if not piece.num_rows:
            return piece, []
        ids = piece["label_id"].combine_chunks()
        before = pa.concat_arrays([pa.array([self._last_id], pa.string()), ids.slice(0, len(ids) - 1)])
        first, repeated = _parted(piece, pc.invert(pc.equal(ids, before).fill_null(False)))
        self._last_id = ids[-1].as_py()
        return first, [self._repeated(row) for row in repeated]

    def _repeated(self, row: Row) -> Reject:
        label_id = row["label_id"]
        self._number = self._number + 1 if label_id == self._counted else 2
        while f"{label_id}~{self._number}" in self._numbered:
            self._number += 1
        self._counted = label_id
        if row["reason"] is None:
            native_id = label_id.removeprefix(f"{self._batch}/{row['table']}:")
            row |= {
                "reason": Reason.REPEATED,
                "detail": f"{row['origin']}: the id '{native_id}' was there before",
            }
        return _reject(self._batch, row | {"label_id": f"{label_id}~{self._number}"})


def _parted(table: pa.Table, stays: pa.Array) -> tuple[pa.Table, list[Row]]:
    """The rows that stay, and what the columns say of the others; most often all of them stay."""
    if pc.all(stays).as_py():
        return table, []
    others = table.filter(pc.invert(stays)).select([name for name in _TOLD if name in table.column_names])
    return table.filter(stays), others.to_pylist()


def _reject(batch: str, row: Row) -> Reject:
    reject = Reject(batch, row["table"], row["label_id"], Reason(row["reason"]), row["detail"])
    return replace(reject, item_id=row.get("item_id"), task=row.get("task"))


def _lacks(batch: str, row: Row, lacking: dict[str, str]) -> Reject:
    native_id = lacking[row["label_id"]].removeprefix(f"{batch}/{row['table']}:")
    detail = f"{row['origin']}: it refers to '{native_id}', which is not there or was rejected"
    return _reject(batch, row | {"reason": Reason.LABEL_NOT_FOUND, "detail": detail})
