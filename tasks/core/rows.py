"""Rows of a table file as exact text: CSV, TSV and other delimited text, JSON Lines, Parquet.

reads   one file; its suffix tells what it is, unless a delimiter is given
Every row that stands in the file is yielded: one that is broken has a `fault`. An empty cell is None. Numbers
keep the digits they were written with; nested JSON becomes JSON text; Parquet columns of bytes are left out,
and columns of classes, as Hugging Face's `datasets` marks them in the file's metadata, have the names of the
classes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tasks.core.class_names import class_names, to_named
from tasks.core.delimited import Record, read_records
from tasks.core.errors import TableFileError

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
PARQUET_SUFFIXES = (".parquet", ".pq")
_PARQUET_ROWS = 4_096

Cells = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it starts on (for Parquet its number, from 1), and its cells by column name.

    With a `fault`, a sentence for a person, the cells are what could be read and are not to be trusted.
    """

    line: int
    cells: Cells = field(default_factory=dict)
    fault: str | None = None


def read_rows(
    path: Path, *, delimiter: str | None, comment: str | None, columns: Sequence[str]
) -> Iterator[Row]:
    """The file's rows in order; TableFileError when the file as a whole cannot be read.

    `delimiter` " " means runs of blanks. Lines that start with `comment` are skipped. `columns` names the
    columns of a file without a header.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise TableFileError(path, None, "expected a file, there is none")
    try:
        if delimiter is not None or suffix in _DELIMITERS:
            separator = _DELIMITERS[suffix] if delimiter is None else delimiter
            yield from _read_delimited(path, separator, comment, columns)
            return
        if columns:
            raise TableFileError(
                path, None, "`columns` is for delimited text; this kind names its own columns"
            )
        if suffix in _JSON_LINES:
            yield from _read_json_lines(path, comment)
        elif suffix in PARQUET_SUFFIXES:
            yield from _read_parquet(path)
        else:
            known = ", ".join([*_DELIMITERS, *_JSON_LINES, *PARQUET_SUFFIXES])
            raise TableFileError(path, None, f"expected a suffix of {known}; for another one say `delimiter`")
    except UnicodeDecodeError as error:
        reason = f"expected UTF-8 text, got the byte 0x{error.object[error.start]:02x}"
        raise TableFileError(path, None, f"{reason}; convert the file to UTF-8") from error


def _read_delimited(path: Path, delimiter: str, comment: str | None, columns: Sequence[str]) -> Iterator[Row]:
    names = list(columns)
    for record in read_records(path, delimiter, comment):
        if names:
            yield _to_row(record, names)
            continue
        if record.fault or len(set(record.cells)) < len(record.cells):
            message = record.fault or f"the header names a column twice: {record.cells}"
            raise TableFileError(path, record.line, message)
        names = record.cells
    if not names and path.stat().st_size:
        raise TableFileError(path, None, "expected a header line, there are only comments and blank lines")


def _to_row(record: Record, names: list[str]) -> Row:
    fault = record.fault
    if fault is None and len(record.cells) != len(names):
        fault = f"expected {len(names)} cells, got {len(record.cells)}"
    named = zip(names, record.cells, strict=False)
    return Row(record.line, {name: cell or None for name, cell in named}, fault)


def _read_json_lines(path: Path, comment: str | None) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not (comment and line.startswith(comment)):
                yield _parse_json_line(number, line)


def _parse_json_line(number: int, line: str) -> Row:
    try:
        values = json.loads(line, parse_float=str, parse_int=str)
        if not isinstance(values, dict):
            return Row(number, fault="expected a JSON object")
        if any(isinstance(value, dict | list) for value in values.values()):
            values = {
                **json.loads(line),
                **{name: value for name, value in values.items() if isinstance(value, str)},
            }
        cells = {name: _json_text(value) for name, value in values.items()}
        "".join([*cells, *filter(None, cells.values())]).encode("utf-8")
    except UnicodeEncodeError:
        return Row(number, fault="a \\u escape is half a character (a lone surrogate)")
    except ValueError as error:
        return Row(number, fault=f"not JSON: {error}")
    except RecursionError:
        return Row(number, fault="the JSON is nested too deeply")
    return Row(number, cells)


def _json_text(value: Any) -> str | None:
    """Text as it is, numbers by their digits, anything else as JSON."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read_parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            classes = class_names(file.schema_arrow.metadata)
            number = 0
            for chunk in file.iter_batches(_PARQUET_ROWS):
                columns = {
                    name: _parquet_texts(to_named(chunk[name], classes.get(name)))
                    for name in chunk.schema.names
                }
                texts = {name: column for name, column in columns.items() if column is not None}
                for position in range(chunk.num_rows):
                    number += 1
                    yield Row(number, {name: column[position] for name, column in texts.items()})
    except (pa.ArrowInvalid, OSError) as error:
        raise TableFileError(path, None, f"not Parquet: {error}") from error


def _parquet_texts(column: Any) -> list[str | None] | None:
    """The column's values as text, None for a column of bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_nested(kind):
        values = column.to_pylist()
        return [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in values
        ]
    return [text or None for text in pc.cast(column, pa.string()).to_pylist()]
