"""What a format yields, gathered into blocks of some thousand rows: labels by column, faults beside them.

A label that a table cannot hold (a text that is no Unicode, a number where text belongs, a time beyond int64)
is a fault. The positions of labels and faults are their places in the export, from 0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter

import numpy as np
import pyarrow as pa

from tasks.core.label import Label, LabelBlock, LabelFault
from tasks.core.rejects import Reason
from tasks.core.schemas import LABELS
from tasks.label.characters import without_strange_characters
from tasks.label.items import Int64s

# Less than a block of a COCO export has, which then need not wait for the next and be copied.
BLOCK_ROWS = 3_072

_NAMES = [each.name for each in fields(Label)]
_TYPES = {
    name: LABELS.schema.field(name).type if name in LABELS.schema.names else pa.string() for name in _NAMES
}
# The items that exports name come many times each: they are looked up by what differs.
_TYPES |= dict.fromkeys(("stated_width", "stated_height"), pa.float64())
_TYPES["media"] = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(list(_TYPES.items()))
_VALUES = attrgetter(*_NAMES)
_NOT_STORABLE = (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError, ValueError)


@dataclass(frozen=True)
class Block:
    """Labels by column, named like the fields of Label, and faults; each with its place in the export."""

    labels: pa.Table
    positions: Int64s
    faults: list[tuple[int, LabelFault]]


def gather_blocks(outcomes: Iterable[Label | LabelFault | LabelBlock]) -> Iterator[Block]:
    """Everything that the format yields, in blocks."""
    gathering, position = _Gathering(), 0
    for outcome in outcomes:
        position += gathering.take(outcome, position)
        if gathering.rows >= BLOCK_ROWS:
            yield gathering.finish()
            gathering = _Gathering()
    yield gathering.finish()


@dataclass
class _Gathering:
    """A block in the making; labels that came one by one wait for the next block of columns."""

    rows: int = 0
    tables: list[pa.Table] = field(default_factory=list)
    positions: list[Int64s] = field(default_factory=list)
    faults: list[tuple[int, LabelFault]] = field(default_factory=list)
    single: list[tuple[int, Label]] = field(default_factory=list)

    def take(self, outcome: Label | LabelFault | LabelBlock, position: int) -> int:
        """Take what stands at that position; how many rows it was."""
        count = 1
        if isinstance(outcome, Label):
            self.single.append((position, outcome))
        elif isinstance(outcome, LabelFault):
            self.faults.append((position, storable_fault(outcome)))
        else:
            self._close()
            table = _to_table(outcome)
            count = table.num_rows
            self._add(table, np.arange(position, position + count))
        self.rows += count
        return count

    def finish(self) -> Block:
        self._close()
        labels = pa.concat_tables(self.tables or [_SCHEMA.empty_table()]).combine_chunks()
        return Block(labels, np.concatenate([np.zeros(0, np.int64), *self.positions]), self.faults)

    def _add(self, table: pa.Table, positions: Int64s) -> None:
        self.tables.append(table)
        self.positions.append(positions)

    def _close(self) -> None:
        """Make columns of the labels that came one by one."""
        if self.single:
            positions, labels = zip(*self.single, strict=True)
            self.single = []
            try:
                self._add(_to_columns(labels), np.array(positions, np.int64))
            except _NOT_STORABLE:
                self._close_one_by_one(zip(positions, labels, strict=True))

    def _close_one_by_one(self, placed: Iterable[tuple[int, Label]]) -> None:
        for position, label in placed:
            try:
                self._add(_to_columns([label]), np.array([position], np.int64))
            except _NOT_STORABLE as error:
                self.faults.append((position, _not_storable(label, error)))


def _to_table(block: LabelBlock) -> pa.Table:
    rows = len(block.columns["native_id"])
    columns = [
        block.columns[name].cast(kind) if name in block.columns else pa.nulls(rows, kind)
        for name, kind in _TYPES.items()
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _to_columns(labels: Iterable[Label]) -> pa.Table:
    columns = dict(zip(_NAMES, zip(*map(_VALUES, labels), strict=True), strict=True))
    columns["attributes"] = tuple(map(_pairs, columns["attributes"]))
    return pa.Table.from_arrays(
        [pa.array(columns[name], kind) for name, kind in _TYPES.items()], schema=_SCHEMA
    )


def _pairs(attributes: dict[str, str] | None) -> list[dict[str, str]] | None:
    """The attributes as the labels table has them, by name."""
    if attributes is None:
        return None
    return [{"name": name, "value": value} for name, value in sorted(attributes.items())]


def _not_storable(label: Label, error: Exception) -> LabelFault:
    if any(isinstance(time, int) and abs(time) >= 2**63 for time in (label.start_ns, label.end_ns)):
        detail = "a time is more than 292 years away"
    else:
        detail = f"a value cannot be stored: {error}"
    return storable_fault(LabelFault(label.native_id, label.origin, Reason.MALFORMED, detail))


def storable_fault(fault: LabelFault) -> LabelFault:
    """The fault with texts that can be stored and shown: half and control characters are written out."""
    native_id, origin, detail = map(_storable, (fault.native_id, fault.origin, fault.detail))
    return LabelFault(native_id, origin, fault.reason, detail)


def _storable(text: str) -> str:
    return without_strange_characters(str(text).encode("utf-8", "backslashreplace").decode("utf-8"))
