from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.core.errors import MissingInputError, SchemaError
from tasks.core.schemas import TABLES, TableSpec
from tasks.core.tables import TableBuilder, conform, iterate_table, read_table, to_table, write_table

WORDS = TableSpec(
    "words",
    "spoken",
    "words.parquet",
    ("word", "start_ns"),
    pa.schema([pa.field("word", pa.string(), nullable=False), pa.field("start_ns", pa.int64())]),
)


def test_rows_are_sorted_by_key_and_missing_cells_are_null(tmp_path: Path) -> None:
    write_table(
        WORDS,
        to_table(WORDS, [{"word": "b", "start_ns": 2}, {"word": "a"}, {"word": "b", "start_ns": 1}]),
        tmp_path,
    )
    assert read_table(WORDS, tmp_path).to_pylist() == [
        {"word": "a", "start_ns": None},
        {"word": "b", "start_ns": 1},
        {"word": "b", "start_ns": 2},
    ]


def test_the_order_of_rows_does_not_change_a_byte(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"word": chr(97 + n % 7), "start_ns": n} for n in range(50)]
    write_table(WORDS, to_table(WORDS, rows), tmp_path / "one")
    write_table(WORDS, to_table(WORDS, rows[::-1]), tmp_path / "two")
    assert (tmp_path / "one/words.parquet").read_bytes() == (tmp_path / "two/words.parquet").read_bytes()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"word": ["a"], "strat_ns": [1]},
            r"table 'words': missing columns \['start_ns'\], unexpected \['strat_ns'\]",
        ),
        ({"word": ["a"], "start_ns": ["soon"]}, "table 'words': .*soon"),
        ({"word": ["a"], "start_ns": [1.5]}, "table 'words': .*truncated"),
        ({"word": [None], "start_ns": [1]}, "column 'word' must not be null, but is in 1 rows"),
        ({"word": ["a", "b", "a"], "start_ns": [1, 1, 1]}, "must be unique, but is repeated, e.g. .*'a'"),
    ],
)
def test_a_table_of_another_form_is_refused(columns: dict[str, list[object]], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        conform(WORDS, pa.table(columns))


def test_a_row_with_a_strange_column_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"unexpected columns \['wrod'\]"):
        TableBuilder(WORDS).append({"wrod": "a"})


def test_many_rows_go_through_in_chunks() -> None:
    table = to_table(WORDS, ({"word": f"{n:05d}", "start_ns": n} for n in range(10_000)))
    assert table["start_ns"].to_pylist() == list(range(10_000))


def test_rows_that_come_in_order_are_not_copied() -> None:
    table = pa.table({"word": ["a", "b", "b"], "start_ns": [9, 1, 2]})
    stored, conforming = (found["word"].chunk(0).buffers()[2] for found in (table, conform(WORDS, table)))
    assert conforming.address == stored.address


def test_some_columns_are_read_alone_in_the_order_asked_for(tmp_path: Path) -> None:
    write_table(WORDS, to_table(WORDS, [{"word": "a", "start_ns": 1}]), tmp_path)
    assert read_table(WORDS, tmp_path, ("start_ns",)).to_pylist() == [{"start_ns": 1}]
    assert read_table(WORDS, tmp_path, ("start_ns", "word")).column_names == ["start_ns", "word"]


def test_a_table_is_read_a_few_thousand_rows_at_a_time(tmp_path: Path) -> None:
    rows = [{"word": f"{n:05d}", "start_ns": n} for n in range(10_000)]
    write_table(WORDS, to_table(WORDS, rows), tmp_path)
    portions = list(iterate_table(WORDS, tmp_path, ("start_ns",)))
    assert len(portions) > 2
    assert pa.concat_tables(portions)["start_ns"].to_pylist() == list(range(10_000))


def test_a_table_that_is_not_there_names_the_stage_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="run the stage that writes 'spoken' first"):
        read_table(WORDS, tmp_path)


def test_a_file_of_another_form_is_refused_when_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"word": ["a"]}), tmp_path / "words.parquet")
    with pytest.raises(SchemaError, match=r"missing columns \['start_ns'\]"):
        read_table(WORDS, tmp_path)


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_every_table_has_a_key_that_is_in_it_and_survives_an_empty_round_trip(
    spec: TableSpec, tmp_path: Path
) -> None:
    assert set(spec.key) <= set(spec.schema.names)
    assert write_table(spec, to_table(spec, []), tmp_path) == 0
    assert read_table(spec, tmp_path).schema == spec.schema
