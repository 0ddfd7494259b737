"""Rows of a Parquet file whose cells are media: their bytes go to a file, and are read from there.

Parquet packs cells together: to read one is to unpack its row group. Items are collected in the order of
their ids and not of the rows, so each row group is unpacked once, here, and any process then reads a slice of
the result. Memory holds one row group.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.archives.limits import most_unpacked_bytes, too_much
from tasks.core.archives.member import unsafe
from tasks.core.content import Content, SliceContent
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason

_ROWS_AT_A_TIME = 64
_NO_BYTES = Fault(Reason.FILE_MISSING, "the cell is empty")
_ONLY_PATH = Fault(Reason.FILE_MISSING, "the cell has a path and no bytes; write the data set with its media")


@dataclass(frozen=True)
class Columns:
    """The columns to read: those that hold media, and those that are read as text."""

    media: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """The media of one cell, and what they were called where the cell says so."""

    content: Content | Fault
    name: str | None = None


# What one row holds: its media and its texts, by column.
_Cells = tuple[dict[str, Cell], dict[str, str | None]]


@dataclass(frozen=True)
class Row:
    """One row, its number from 1; with a `fault` it and those after it cannot be read."""

    number: int
    media: dict[str, Cell] = field(default_factory=dict)
    texts: dict[str, str | None] = field(default_factory=dict)
    fault: Fault | None = None

    def text_of(self, column: str | None) -> str | None:
        """The text in that column, None where there is none."""
        return self.texts[column] if column else None


def read_rows(path: Path, columns: Columns, scratch: Path) -> Iterator[Row]:
    """The rows in order; TableFileError when the file is no Parquet or lacks a column."""
    import pyarrow.parquet as pq

    number = 0
    with path.open("rb") as file, NamedTemporaryFile(dir=scratch, delete=False) as spool:
        most_bytes = most_unpacked_bytes(path.stat().st_size)
        try:
            for number, row in enumerate(_read_cells(path, pq.ParquetFile(file), columns, spool), 1):
                if spool.tell() > most_bytes:
                    yield Row(number, fault=unsafe(too_much(most_bytes)))
                    return
                yield Row(number, *row)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:  # the disk's, not the file's
                raise
            if number == 0:
                raise TableFileError(path, None, f"not Parquet: {error}") from error
            detail = f"the rows from here on are broken: {error}"
            yield Row(number + 1, fault=Fault(Reason.UNREADABLE, detail))


def _read_cells(path: Path, parquet: Any, columns: Columns, spool: IO[bytes]) -> Iterator[_Cells]:
    """The cells of each row, one row group after the other; their bytes are then in the spool."""
    _refuse_wrong_columns(path, parquet.schema_arrow, columns)
    wanted = [*{*columns.media, *columns.texts}]
    for group in range(parquet.num_row_groups):
        for chunk in parquet.iter_batches(_ROWS_AT_A_TIME, row_groups=[group], columns=wanted):
            yield from _to_rows(chunk, columns, spool)


def _refuse_wrong_columns(path: Path, schema: pa.Schema, columns: Columns) -> None:
    for name in (*columns.media, *columns.texts):
        if schema.names.count(name) != 1:
            hint = nearest_word(name, schema.names)
            raise TableFileError(path, None, f"expected one column '{name}', there are {schema.names}.{hint}")
    for name in columns.media:
        kind = schema.field(name).type
        if not _is_bytes(kind) and not (pa.types.is_struct(kind) and _has_bytes(kind)):
            raise TableFileError(path, None, f"expected bytes in the column '{name}', it has {kind}")
    for name in columns.texts:
        if pa.types.is_nested(schema.field(name).type) or _is_bytes(schema.field(name).type):
            message = f"expected text in the column '{name}', it has {schema.field(name).type}"
            raise TableFileError(path, None, message)


def _is_bytes(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _has_bytes(kind: pa.StructType) -> bool:
    position = kind.get_field_index("bytes")
    return bool(position >= 0 and _is_bytes(kind.field(position).type))


def _to_rows(chunk: pa.RecordBatch, columns: Columns, spool: IO[bytes]) -> Iterator[_Cells]:
    texts = {name: pc.cast(chunk[name], pa.string()).to_pylist() for name in columns.texts}
    for position in range(chunk.num_rows):
        media = {name: _to_cell(chunk[name][position].as_py(), spool) for name in columns.media}
        yield media, {name: column[position] or None for name, column in texts.items()}


def _to_cell(value: Any, spool: IO[bytes]) -> Cell:
    payload = value.get("bytes") if isinstance(value, dict) else value
    path = value.get("path") if isinstance(value, dict) else None
    name = path if isinstance(path, str) else None
    if payload is None:
        return Cell(_ONLY_PATH if name else _NO_BYTES, name)
    offset = spool.tell()
    spool.write(payload)
    return Cell(SliceContent(Path(spool.name), offset, len(payload)), name)
