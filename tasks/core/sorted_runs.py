"""Sorting more rows than memory holds: sorted runs in a scratch folder, merged piece by piece.

Rows are gathered until they weigh `RUN_BYTES`, sorted by key and written down as one run, an Arrow file of
blocks of about `BLOCK_BYTES`. Merging holds some blocks of every run, `MERGE_BLOCKS` in all, and takes from
each run the rows up to the smallest of the last keys that are held. Runs are read, not mapped: a mapped file
stays in memory.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from tasks.core.row_order import in_order

# With four times as much 200,000 outlined objects import in 14 % less time, but 2 GB then take 150 MB more.
RUN_BYTES = 32 * 1024 * 1024
BLOCK_BYTES = 1024 * 1024
MERGE_BLOCKS = 64

_Key = tuple[tuple[bool, object], ...]


class SortedRuns:
    """Rows in any order in, sorted pieces out; rows of one key keep the order in which they came."""

    def __init__(self, schema: pa.Schema, key: Sequence[str], scratch: Path) -> None:
        self._schema = schema
        self._key = tuple(key)
        self._scratch = scratch
        self._waiting: list[pa.Table] = []
        self._waiting_bytes = 0
        self._runs: list[Path] = []

    def extend(self, table: pa.Table) -> None:
        """Take rows of the schema."""
        self._waiting.append(table)
        self._waiting_bytes += table.nbytes
        if self._waiting_bytes >= RUN_BYTES:
            self._spill()

    def pieces(self) -> Iterator[pa.Table]:
        """All rows in the order of the key, in pieces; each one's keys are not less than those before it.

        They may be asked for again, as long as no rows are added.
        """
        if not self._runs:
            self._waiting = [self._sorted(self._waiting)]
            yield from self._waiting
            return
        self._spill()
        held = max(1, MERGE_BLOCKS // len(self._runs))
        runs = [_Run(path, self._schema, self._key, held) for path in self._runs]
        while runs:
            bound = min(run.last_key for run in runs)
            # Most runs often have nothing so early: numbered ids come in ranges. They are not even searched.
            yield self._sorted([run.take_up_to(bound) for run in runs if run.first_key <= bound])
            runs = [run for run in runs if not run.is_empty]

    def _spill(self) -> None:
        table = self._sorted(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        if table.num_rows:
            path = self._scratch / f"run-{len(self._runs):05d}.arrow"
            block_rows = max(1, table.num_rows * BLOCK_BYTES // max(1, table.nbytes))
            bare = _without_empty_columns(table)
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, bare.schema) as writer:
                writer.write_table(bare, block_rows)
            self._runs.append(path)

    def _sorted(self, tables: Sequence[pa.Table]) -> pa.Table:
        # The runs stand in the order in which their rows came, so rows of one key keep theirs.
        return in_order(pa.concat_tables(tables or [self._schema.empty_table()]), self._key)


def _without_empty_columns(table: pa.Table) -> pa.Table:
    """The table, its columns without a value as nulls that take no place: labels have a dozen such."""
    nothing = pa.nulls(table.num_rows)
    columns = {
        name: nothing if column.null_count == table.num_rows else column
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns).combine_chunks()


class _Run:
    """One sorted run, some blocks at a time."""

    def __init__(self, path: Path, schema: pa.Schema, key: Sequence[str], held_blocks: int) -> None:
        self._schema = schema
        self._key = key
        self._held_blocks = held_blocks
        self._reader = pa.ipc.open_file(pa.OSFile(str(path)))
        self._next_block = 0
        self._rows = schema.empty_table()
        self._read_on()

    @property
    def is_empty(self) -> bool:
        return bool(self._rows.num_rows == 0)

    def take_up_to(self, bound: _Key) -> pa.Table:
        """The rows that are held and whose key is not greater."""
        count = self._count_up_to(bound)
        taken, self._rows = self._rows.slice(0, count), self._rows.slice(count)
        if self.is_empty:
            self._read_on()
        else:
            self.first_key = self._key_at(0)
        return taken

    def _read_on(self) -> None:
        end = min(self._next_block + self._held_blocks, self._reader.num_record_batches)
        blocks = [self._reader.get_batch(number) for number in range(self._next_block, end)]
        self._rows = pa.Table.from_batches(blocks, self._reader.schema).cast(self._schema)
        self._next_block = end
        if not self.is_empty:
            self.first_key = self._key_at(0)
            self.last_key = self._key_at(self._rows.num_rows - 1)

    def _count_up_to(self, bound: _Key) -> int:
        low, high = 0, self._rows.num_rows
        while low < high:
            middle = (low + high) // 2
            if self._key_at(middle) <= bound:
                low = middle + 1
            else:
                high = middle
        return low

    def _key_at(self, row: int) -> _Key:
        """The row's key as Python orders it: nulls last, texts by their code points as by their UTF-8."""
        values = [self._rows[name][row].as_py() for name in self._key]
        return tuple((value is None, 0 if value is None else value) for value in values)
