"""Labels in the columns of a table: CSV, TSV, other delimited text, JSON Lines, Parquet; a label per row.

The entry says which column holds what. The native id is the line (for Parquet the number) of the row. A label
with a start and no end is a moment. A Parquet column of classes (Hugging Face's ClassLabel) is read by their
names.
"""

from collections.abc import Iterator

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault, LabelFormat
from tasks.core.label_entries import TableExport
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.rows import PARQUET_SUFFIXES, Row, read_rows
from tasks.core.times import seconds_to_ns
from tasks.label_formats.reading.delivered_name import delivered_name

_OWN_ROW = "#"
_COLUMN_FIELDS = ("item", "label", "text", "start", "end", "annotator", "confidence")


def read(batch: Batch, entry: TableExport, items: tuple[ItemName, ...]) -> Iterator[Label | LabelFault]:
    """A label or a fault per row; LabelFormatError when no row has a column that the entry names."""
    path = batch.path(entry.path)
    rows = read_rows(path, delimiter=entry.delimiter, comment=entry.comment, columns=entry.columns)
    name = delivered_name(batch, entry.path)
    # What the sources `parquet` and `table` call a row.
    is_parquet = path.suffix.lower() in PARQUET_SUFFIXES
    columns: dict[str, None] = {}
    for row in rows:
        columns.update(dict.fromkeys(row.cells))
        own_row = f"{name}#{row.line}" if is_parquet else f"{name}#line {row.line}"
        yield _to_label_or_fault(row, entry, f"{name}:{row.line}", own_row)
    if columns:
        _refuse_missing_columns(batch, entry, list(columns))


def _refuse_missing_columns(batch: Batch, entry: TableExport, columns: list[str]) -> None:
    for name in _COLUMN_FIELDS:
        wanted = getattr(entry, name)
        if name == "item" and wanted == _OWN_ROW:
            continue
        if wanted is not None and wanted not in columns:
            message = (
                f"no column '{wanted}' ({name}); expected one of {columns}.{nearest_word(wanted, columns)}"
            )
            raise LabelFormatError(batch.path(entry.path), 1, message)


def _to_label_or_fault(row: Row, entry: TableExport, origin: str, own_row: str) -> Label | LabelFault:
    try:
        if row.fault:
            raise ValueError(row.fault)
        return _to_label(row, entry, origin, own_row)
    except ValueError as error:
        return LabelFault(str(row.line), origin, Reason.MALFORMED, str(error))


def _to_label(row: Row, entry: TableExport, origin: str, own_row: str) -> Label:
    columns = {name: getattr(entry, name) for name in _COLUMN_FIELDS}
    cells = {name: row.cells.get(column) if column else None for name, column in columns.items()}
    if entry.item == _OWN_ROW:
        cells["item"] = own_row
    if cells["item"] is None:
        raise ValueError(f"the column '{entry.item}' names no item")
    if cells["label"] is None and cells["text"] is None:
        raise ValueError("there is neither a label nor a text")
    start_ns = _nanoseconds(cells["start"])
    end_ns = _nanoseconds(cells["end"])
    return Label(
        native_id=str(row.line),
        media=cells["item"],
        task=entry.task,
        origin=origin,
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
