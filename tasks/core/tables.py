"""Parquet in and out, every edge checked against its specification.

`conform` is the only way a table gets its form: exact columns, exact types, no null where none may be,
unique keys, rows sorted by key. Same rows, same bytes, however they came. `conform` sorts a table whole, and
copies it; rows that come in order stay where they are. `TableWriter` takes more rows than memory holds: it
sorts them on disk and writes them a row group at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.core.errors import MissingInputError, SchemaError
from tasks.core.row_order import in_order, is_ascending
from tasks.core.schemas import TableSpec
from tasks.core.sorted_runs import SortedRuns

ROW_GROUP_ROWS = 65_536
_CHUNK_ROWS = 4_096


def conform(spec: TableSpec, table: pa.Table) -> pa.Table:
    """The table with the columns, types and order of its specification; SchemaError says what is off."""
    _refuse_strangers(spec, table.column_names)
    _refuse_nulls(spec, table)
    try:
        typed = table.select(spec.schema.names).cast(spec.schema)
    except (pa.ArrowInvalid, ValueError) as error:
        raise SchemaError(spec.name, f"{error}") from error
    if is_ascending(typed, spec.key):
        return typed
    ordered = in_order(typed, spec.key)
    _refuse_repeated_keys(spec, ordered)
    return ordered


def write_table(spec: TableSpec, table: pa.Table, folder: Path) -> int:
    """Write the conforming table to `folder / spec.file`; the number of rows."""
    return write_sorted(spec, [conform(spec, table)], folder)


def write_sorted(spec: TableSpec, pieces: Iterable[pa.Table], folder: Path) -> int:
    """Write pieces whose keys ascend to `folder / spec.file`; the number of rows.

    SchemaError when a piece does not conform, or does not come after the one before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = 0
    repeating = [field for field in spec.schema if field.name not in spec.distinct]
    dictionaries = [path for field in repeating for path in _leaves(field.name, field.type)]
    with pq.ParquetWriter(
        folder / spec.file, spec.schema, compression="zstd", use_dictionary=dictionaries
    ) as writer:
        for group in _row_groups(spec, pieces):
            # Where Parquet ends its pages depends on the chunks: one each makes the bytes those of the rows.
            writer.write_table(group.combine_chunks(), ROW_GROUP_ROWS)
            rows += group.num_rows
    return rows


def read_table(spec: TableSpec, folder: Path, columns: Sequence[str] = ()) -> pa.Table:
    """The table in that folder, or some of its columns; SchemaError when it is not what was specified."""
    with _open_table(spec, folder) as file:
        # One thread: each further one keeps memory of its own, and most tables are read in milliseconds.
        table = file.read(columns or spec.schema.names, use_threads=False)
    return _typed(spec, table, columns)


def iterate_table(spec: TableSpec, folder: Path, columns: Sequence[str] = ()) -> Iterator[pa.Table]:
    """The table in that folder, or some of its columns, a few thousand rows at a time."""
    with _open_table(spec, folder) as file:
        for rows in file.iter_batches(_CHUNK_ROWS, columns=columns or spec.schema.names, use_threads=False):
            yield _typed(spec, pa.Table.from_batches([rows]), columns)


def empty_table(spec: TableSpec) -> pa.Table:
    """The table without a row."""
    return spec.schema.empty_table()


def to_table(spec: TableSpec, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """The rows as a conforming table; a column that a row does not name is null there."""
    builder = TableBuilder(spec)
    for row in rows:
        builder.append(row)
    return builder.finish()


def rows_to_table(spec: TableSpec, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """The rows in the order in which they come; a column that a row does not name is null there."""
    listed = list(rows)
    columns = [pa.array([row.get(field.name) for row in listed], field.type) for field in spec.schema]
    return pa.Table.from_arrays(columns, schema=spec.schema)


class TableBuilder:
    """Rows in, one conforming table out; rows become columns every few thousand, so memory stays small."""

    def __init__(self, spec: TableSpec) -> None:
        self._spec = spec
        self._names = frozenset(spec.schema.names)
        self._rows: list[Mapping[str, object]] = []
        self._chunks: list[pa.Table] = []

    def append(self, row: Mapping[str, object]) -> None:
        """Take one row; SchemaError when it names a column that the table does not have."""
        if not row.keys() <= self._names:
            raise SchemaError(self._spec.name, f"unexpected columns {sorted(row.keys() - self._names)}")
        self._rows.append(row)
        if len(self._rows) >= _CHUNK_ROWS:
            self._flush()

    def finish(self) -> pa.Table:
        """All rows taken so far as a conforming table."""
        self._flush()
        return conform(self._spec, pa.concat_tables([empty_table(self._spec), *self._chunks]))

    def _flush(self) -> None:
        if not self._rows:
            return
        self._chunks.append(rows_to_table(self._spec, self._rows))
        self._rows = []


class TableWriter:
    """More rows than memory holds in, in any order; one conforming file out.

    `scratch` is a folder of the writer's own.
    """

    def __init__(self, spec: TableSpec, scratch: Path) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._spec = spec
        self._runs = SortedRuns(spec.schema, spec.key, scratch)

    def extend(self, table: pa.Table) -> None:
        """Take rows; SchemaError when they do not have the columns and types of the table."""
        _refuse_strangers(self._spec, table.column_names)
        self._runs.extend(_typed(self._spec, table, ()))

    def write(self, folder: Path) -> int:
        """Write all rows that were taken; their number."""
        return write_sorted(self._spec, self._runs.pieces(), folder)


def _row_groups(spec: TableSpec, pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The pieces as tables of just as many rows as a row group has; the last one has the rest."""
    waiting = last = empty_table(spec)
    for piece in pieces:
        conforming = conform(spec, piece)
        _refuse_disorder(spec, pa.concat_tables([last, conforming.slice(0, 1)]))
        last = conforming.slice(max(0, conforming.num_rows - 1)) if conforming.num_rows else last
        waiting = pa.concat_tables([waiting, conforming]) if waiting.num_rows else conforming
        while waiting.num_rows > ROW_GROUP_ROWS:
            yield waiting.slice(0, ROW_GROUP_ROWS)
            waiting = waiting.slice(ROW_GROUP_ROWS)
    yield waiting


def _leaves(path: str, kind: pa.DataType) -> Iterator[str]:
    """What Parquet calls the columns that a column consists of."""
    if pa.types.is_list(kind):
        yield from _leaves(f"{path}.list.element", kind.value_type)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves(f"{path}.{field.name}", field.type)
    else:
        yield path


def _open_table(spec: TableSpec, folder: Path) -> pq.ParquetFile:
    path = folder / spec.file
    if not path.is_file():
        raise MissingInputError(f"{path} is not there: run the stage that writes '{spec.folder}' first")
    file = pq.ParquetFile(path)
    _refuse_strangers(spec, file.schema_arrow.names)
    return file


def _typed(spec: TableSpec, table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The columns in the order they were asked for, of the specified types."""
    schema = pa.schema([spec.schema.field(name) for name in columns or spec.schema.names])
    return table.select(schema.names).cast(schema)


def _refuse_strangers(spec: TableSpec, names: Sequence[str]) -> None:
    expected, found = set(spec.schema.names), set(names)
    if expected != found or len(names) != len(found):
        missing, unexpected = sorted(expected - found), sorted(found - expected)
        raise SchemaError(spec.name, f"missing columns {missing}, unexpected {unexpected}")


def _refuse_nulls(spec: TableSpec, table: pa.Table) -> None:
    for field in spec.schema:
        nulls = table[field.name].null_count
        if nulls and not field.nullable:
            raise SchemaError(spec.name, f"column '{field.name}' must not be null, but is in {nulls} rows")


def _refuse_disorder(spec: TableSpec, neighbours: pa.Table) -> None:
    if not is_ascending(neighbours, spec.key):
        _refuse_repeated_keys(spec, neighbours)
        raise SchemaError(spec.name, f"the key {spec.key} must ascend from one piece to the next")


def _refuse_repeated_keys(spec: TableSpec, ordered: pa.Table) -> None:
    if ordered.num_rows < 2:
        return
    same = None
    for name in spec.key:
        column = ordered[name].combine_chunks()
        equal = pc.equal(column.slice(1), column.slice(0, len(column) - 1))
        same = equal if same is None else pc.and_(same, equal)
    if pc.any(same).as_py():
        first = pc.index(same, True).as_py()
        row = {name: ordered[name][first].as_py() for name in spec.key}
        raise SchemaError(spec.name, f"the key {spec.key} must be unique, but is repeated, e.g. {row}")
