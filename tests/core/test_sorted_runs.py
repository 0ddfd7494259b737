"""More rows than memory holds: the same bytes as sorting the table whole."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core import sorted_runs, tables
from tasks.core.errors import SchemaError
from tasks.core.schemas import TableSpec
from tasks.core.tables import TableWriter, conform, read_table, write_sorted, write_table

WORDS = TableSpec(
    "words",
    "spoken",
    "words.parquet",
    ("word", "start_ns"),
    pa.schema(
        [
            pa.field("word", pa.string(), nullable=False),
            pa.field("start_ns", pa.int64(), nullable=False),
            pa.field("shape", pa.list_(pa.list_(pa.float64()))),
        ]
    ),
)
ROWS = st.lists(
    st.tuples(st.text("ab~ é\U0001f600", max_size=3), st.integers(-3, 3), st.none() | st.just([[1.0], []])),
    unique_by=lambda row: row[:2],
    max_size=60,
)


def table(rows: list[tuple[str, int, object]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table([list(column) for column in columns], schema=WORDS.schema)


def small_sizes(patch: pytest.MonkeyPatch, run_bytes: int) -> None:
    patch.setattr(sorted_runs, "RUN_BYTES", run_bytes)
    patch.setattr(sorted_runs, "BLOCK_BYTES", 60)
    patch.setattr(sorted_runs, "MERGE_BLOCKS", 3)
    patch.setattr(tables, "ROW_GROUP_ROWS", 7)


def test_a_column_without_a_value_in_one_run_has_those_of_the_other(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        small_sizes(patch, run_bytes=1)
        writer = TableWriter(WORDS, tmp_path / "scratch")
        writer.extend(table([("b", 0, None), ("d", 0, None)]))
        writer.extend(table([("a", 0, [[1.0]]), ("c", 0, None)]))
        writer.write(tmp_path)
    assert read_table(WORDS, tmp_path)["shape"].to_pylist() == [[[1.0]], None, None, None]


@given(rows=ROWS, portion=st.integers(1, 9), run_bytes=st.sampled_from([1, 200, 500, 10**6]))
@settings(max_examples=150, deadline=None)
def test_runs_and_portions_of_any_size_give_the_bytes_of_sorting_whole(
    rows: list[tuple[str, int, object]], portion: int, run_bytes: int
) -> None:
    with TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        folder = Path(temporary)
        small_sizes(patch, run_bytes)
        writer = TableWriter(WORDS, folder / "scratch")
        for at in range(0, len(rows), portion):
            writer.extend(table(rows[at : at + portion]))
        assert writer.write(folder / "merged") == len(rows)
        write_table(WORDS, conform(WORDS, table(rows)), folder / "whole")
        assert (folder / "merged/words.parquet").read_bytes() == (folder / "whole/words.parquet").read_bytes()


def test_a_key_that_comes_again_in_another_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_sizes(monkeypatch, 1)
    writer = TableWriter(WORDS, tmp_path / "scratch")
    for _ in range(2):
        writer.extend(table([("a", 1, None), ("b", 1, None)]))
    with pytest.raises(SchemaError, match=r"must be unique, but is repeated, e\.g\. .*'a'"):
        writer.write(tmp_path)


def test_pieces_that_do_not_ascend_are_refused(tmp_path: Path) -> None:
    pieces = [table([("b", 1, None)]), table([]), table([("a", 1, None)])]
    with pytest.raises(SchemaError, match="must ascend from one piece to the next"):
        write_sorted(WORDS, pieces, tmp_path)
    with pytest.raises(SchemaError, match="must be unique"):
        write_sorted(WORDS, [pieces[0], pieces[0]], tmp_path)
