"""Labels in the columns of a table: CSV, TSV, other delimited text, JSON Lines, Parquet; a label per row.

The entry says which column holds what. The native id is the line (for Parquet the number) of the row, with
its table before it where the entry names several. A label with a start and no end is a moment. A Parquet
column of classes (Hugging Face's ClassLabel) is read by their names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.config import written_paths
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TableExport
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.rows import PARQUET_SUFFIXES, Row, read_rows
from tasks.core.times import seconds_to_ns

_OWN_ROW = "#"
_COLUMN_FIELDS = ("item", "label", "text", "start", "end", "annotator", "confidence")


@dataclass(frozen=True)
class _Place:
    """Where a row stands: its native id, its origin, and the id of the item that a source made of it."""

    native_id: str
    origin: str
    own_item: str


def read(batch: Batch, entry: TableExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per row; LabelFormatError when a table lacks a column that the entry names."""
    tables = list(written_paths(entry))
    for table in tables:
        yield from _read_table(batch, entry, table, several=len(tables) > 1)


def _read_table(
    batch: Batch, entry: TableExport, table: str, *, several: bool
) -> Iterator[Label | LabelFault]:
    path, name = batch.path(table), delivered_name(batch, table)
    rows = read_rows(path, delimiter=entry.delimiter, comment=entry.comment, columns=entry.columns)
    # What the sources `parquet` and `table` call a row.
    before = f"{name}#" if path.suffix.lower() in PARQUET_SUFFIXES else f"{name}#line "
    columns: dict[str, None] = {}
    for row in rows:
        columns.update(dict.fromkeys(row.cells))
        origin = f"{name}:{row.line}"
        place = _Place(origin if several else str(row.line), origin, f"{before}{row.line}")
        yield _to_label_or_fault(row, entry, place)
    if columns:
        _refuse_missing_columns(path, entry, list(columns))


def _refuse_missing_columns(path: Path, entry: TableExport, columns: list[str]) -> None:
    for name in _COLUMN_FIELDS:
        wanted = getattr(entry, name)
        if name == "item" and wanted == _OWN_ROW:
            continue
        if wanted is not None and wanted not in columns:
            message = (
                f"no column '{wanted}' ({name}); expected one of {columns}.{nearest_word(wanted, columns)}"
            )
            raise LabelFormatError(path, 1, message)


def _to_label_or_fault(row: Row, entry: TableExport, place: _Place) -> Label | LabelFault:
    try:
        if row.fault:
            raise ValueError(row.fault)
        return _to_label(row, entry, place)
    except ValueError as error:
        return LabelFault(place.native_id, place.origin, Reason.MALFORMED, str(error))


def _to_label(row: Row, entry: TableExport, place: _Place) -> Label:
    columns = {name: getattr(entry, name) for name in _COLUMN_FIELDS}
    cells = {name: row.cells.get(column) if column else None for name, column in columns.items()}
    if entry.item == _OWN_ROW:
        cells["item"] = place.own_item
    if cells["item"] is None:
        raise ValueError(f"the column '{entry.item}' names no item")
    if cells["label"] is None and cells["text"] is None:
        raise ValueError("there is neither a label nor a text")
    start_ns = _nanoseconds(cells["start"])
    end_ns = _nanoseconds(cells["end"])
    return Label(
        native_id=place.native_id,
        media=cells["item"],
        task=entry.task,
        origin=place.origin,
        label=cells["label"],
        text=cells["text"],
        clock=entry.clock if start_ns is not None else None,
        start_ns=start_ns,
        end_ns=start_ns if end_ns is None else end_ns,
        confidence=None if cells["confidence"] is None else float(cells["confidence"]),
        annotator=cells["annotator"],
    )


def _nanoseconds(seconds: str | None) -> int | None:
    return None if seconds is None else seconds_to_ns(seconds)


TABLE = LabelFormat("table", TableExport, read)
