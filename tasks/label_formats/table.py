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
from tasks.core.fault import Fault
from tasks.core.item_index import ItemIndex, NamedItems
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TableExport, fill_item
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.rows import PARQUET_SUFFIXES, Row, read_rows
from tasks.core.source_entries import TableSource
from tasks.core.times import parse_time_ns

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
    names, modalities = [item.native_id for item in items], [item.modality for item in items]
    index = ItemIndex(NamedItems(names, modalities, [False] * len(items)))
    for table in tables:
        yield from _read_table(batch, entry, (table, index), several=len(tables) > 1)


def _read_table(
    batch: Batch, entry: TableExport, about: tuple[str, ItemIndex], *, several: bool
) -> Iterator[Label | LabelFault]:
    table, index = about
    path, name = batch.path(table), delivered_name(batch, table)
    rows = read_rows(path, delimiter=entry.delimiter, comment=entry.comment, columns=entry.columns)
    # What the sources `parquet` and `table` call a row.
    before = f"{name}#" if path.suffix.lower() in PARQUET_SUFFIXES else f"{name}#line "
    columns: dict[str, None] = {}
    id_columns = [
        source.id
        for source in batch.file.sources
        if isinstance(source, TableSource) and source.id and delivered_name(batch, source.path) == name
    ]
    fixed: str | None = None
    for row in rows:
        columns.update(dict.fromkeys(row.cells))
        origin = f"{name}:{row.line}"
        given_id = next((cell for name in id_columns if (cell := row.cells.get(name))), None)
        own_item = f"{name}#{given_id}" if given_id else f"{before}{row.line}"
        if fixed is None and len(columns) == len(row.cells):
            fixed = _fixed_item(entry, path, row, index)
        place = _Place(origin if several else str(row.line), origin, fixed or own_item)
        yield _to_label_or_fault(row, entry, place, is_told=bool(fixed) or entry.item == _OWN_ROW)
    if columns:
        _refuse_missing_columns(path, entry, list(columns), is_fixed=bool(fixed))


def _fixed_item(entry: TableExport, path: Path, row: Row, index: ItemIndex) -> str:
    """The one item that all rows are about: a pattern of the file's name, or an item that is no column."""
    if entry.item == _OWN_ROW or entry.item in row.cells:
        return ""
    if "{" in entry.item:
        return fill_item(entry.item, path)
    return "" if isinstance(index.find(entry.item, path.name, recorded=True), Fault) else entry.item


def _refuse_missing_columns(path: Path, entry: TableExport, columns: list[str], *, is_fixed: bool) -> None:
    for name in _COLUMN_FIELDS:
        wanted = getattr(entry, name)
        if name == "item" and (is_fixed or wanted == _OWN_ROW):
            continue
        if wanted is not None and wanted not in columns:
            or_item = ", and no item is called so" if name == "item" else ""
            known = f"expected one of {columns}.{nearest_word(wanted, columns)}"
            message = f"no column '{wanted}' ({name}){or_item}; {known}"
            raise LabelFormatError(path, 1, message)


def _to_label_or_fault(row: Row, entry: TableExport, place: _Place, *, is_told: bool) -> Label | LabelFault:
    try:
        if row.fault:
            raise ValueError(row.fault)
        return _to_label(row, entry, place, is_told=is_told)
    except ValueError as error:
        return LabelFault(place.native_id, place.origin, Reason.MALFORMED, str(error))


def _to_label(row: Row, entry: TableExport, place: _Place, *, is_told: bool) -> Label:
    columns = {name: getattr(entry, name) for name in _COLUMN_FIELDS}
    cells = {name: row.cells.get(column) if column else None for name, column in columns.items()}
    if is_told:
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
    return None if seconds is None else parse_time_ns(seconds)


TABLE = LabelFormat("table", TableExport, read)
