import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.core.errors import TableFileError
from tasks.core.rows import Cells, Row, read_rows


def rows_of(path: Path, text: str | bytes, **options: object) -> list[Row]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path, **options)


def read(path: Path, **options: object) -> list[Row]:
    given = {"delimiter": None, "comment": None, "columns": (), **options}
    return list(read_rows(path, **given))  # type: ignore[arg-type] # keywords of a table of cases


def cells_of(path: Path, text: str, **options: object) -> list[Cells]:
    rows = rows_of(path, text, **options)
    assert [row.fault for row in rows] == [None] * len(rows)
    return [row.cells for row in rows]


def test_the_csv_spectrum_is_read_as_its_expected_json(corpora: Path, tmp_path: Path) -> None:
    tables = sorted((corpora / "csv_spectrum" / "csvs").glob("*.csv"))
    assert len(tables) == 11
    for table in tables:
        expected = json.loads((corpora / "csv_spectrum" / "json" / f"{table.stem}.json").read_text())
        # The corpus was checked out with its CRLF turned into LF; the names tell which files had them.
        line_end = b"\r\n" if table.stem.endswith("_crlf") else b"\n"
        rows = rows_of(tmp_path / "t.csv", table.read_bytes().replace(b"\n", line_end))
        found = [{name: cell or "" for name, cell in row.cells.items()} for row in rows]
        assert found == expected, table.name


def test_a_row_knows_the_line_it_starts_on(tmp_path: Path) -> None:
    text = '# made by hand\na,b\n\n1,"two\n# no comment\nlines"\n# skipped\n3,4\n'
    rows = rows_of(tmp_path / "t.csv", text, comment="#")
    assert rows == [
        Row(4, {"a": "1", "b": "two\n# no comment\nlines"}),
        Row(8, {"a": "3", "b": "4"}),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1", "expected 2 cells, got 1"),
        ("1,2,3", "expected 2 cells, got 3"),
        ('"1"x,2', "broken quotes in lines 2 to 2"),
    ],
)
def test_a_broken_row_is_kept_with_its_fault(tmp_path: Path, line: str, fault: str) -> None:
    broken, whole = rows_of(tmp_path / "t.csv", f"a,b\n{line}\n3,4\n")
    assert broken.line == 2
    assert fault in str(broken.fault)
    assert whole == Row(3, {"a": "3", "b": "4"})


def test_a_quote_left_open_is_one_faulty_row_that_names_its_lines(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "t.csv", 'a,b\n"1,2\n3,4\n')
    assert "lines 2 to 3" in str(row.fault)


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("t.csv", "\ufeffa,b\r\n1,\r\n", {}),
        ("t.TSV", "a\tb\n1\t\n", {}),
        ("t.txt", "a;b\n1;\n", {"delimiter": ";"}),
        ("t.csv", "1,\n", {"columns": ("a", "b")}),
        ("t.jsonl", '{"a": "1", "b": ""}\n\n', {}),
        ("t.ndjson", '{"a": 1, "b": null}', {}),
    ],
)
def test_every_kind_of_table_gives_the_same_rows(
    tmp_path: Path, name: str, text: str, options: dict[str, object]
) -> None:
    assert cells_of(tmp_path / name, text, **options) == [{"a": "1", "b": None}]


def test_runs_of_blanks_part_the_columns_of_a_list_without_a_header(tmp_path: Path) -> None:
    text = "# timestamp filename\n1305031452.791720   rgb/1.png\n 1.5\t2 \n"
    cells = cells_of(tmp_path / "rgb.txt", text, delimiter=" ", comment="#", columns=("time", "file"))
    assert cells == [
        {"time": "1305031452.791720", "file": "rgb/1.png"},
        {"time": "1.5", "file": "2"},
    ]


def test_json_lines_keep_the_digits_of_numbers_and_nested_values_as_json(tmp_path: Path) -> None:
    text = '{"t": 1305031452.7917200, "n": 12345678901234567890, "f": true,'
    text += '"box": [1, 2.50], "é": {"k": null}}\n'
    assert cells_of(tmp_path / "t.jsonl", text) == [
        {
            "t": "1305031452.7917200",
            "n": "12345678901234567890",
            "f": "true",
            "box": "[1, 2.5]",
            "é": '{"k": null}',
        }
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("[1]", "expected a JSON object"),
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": "\\ud800"}', "lone surrogate"),
    ],
)
def test_a_broken_json_line_is_kept_with_its_fault(tmp_path: Path, line: str, fault: str) -> None:
    broken, whole = rows_of(tmp_path / "t.jsonl", f'{line}\n{{"a": 1}}\n')
    assert fault in str(broken.fault)
    assert whole == Row(2, {"a": "1"})


def test_parquet_values_become_exact_text_and_bytes_are_left_out(tmp_path: Path) -> None:
    table = pa.table(
        {
            "whole": [9_007_199_254_740_993, None],
            "real": [0.1, 1e-9],
            "small": pa.array([0.1, 0.5], pa.float32()),
            "flag": [True, False],
            "text": pa.array(["é", ""]).dictionary_encode(),
            "list": [[1, 2], None],
            "bytes": [b"\xff", b""],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    first, second = read(tmp_path / "t.parquet")
    assert first == Row(
        1,
        {
            "whole": "9007199254740993",
            "real": "0.1",
            "small": "0.1",
            "flag": "true",
            "text": "é",
            "list": "[1, 2]",
        },
    )
    assert second.cells["whole"] is None
    assert second.cells["text"] is None


@pytest.mark.parametrize(
    ("name", "payload", "options", "message"),
    [
        ("t.csv", b"a\n\xe9\n", {}, "expected UTF-8 text, got the byte 0xe9"),
        ("t.csv", "a\nb\n".encode("utf-16"), {}, "expected UTF-8 text"),
        ("t.csv", b"a,a\n1,2\n", {}, r"t\.csv:1: the header names a column twice"),
        ("t.csv", b"# a\n", {"comment": "#"}, "expected a header line"),
        ("t.csv", b"a\n1\n", {"delimiter": "ab"}, "expected a delimiter of one character"),
        ("t.dat", b"a\n1\n", {}, "expected a suffix of .csv"),
        ("t.jsonl", b"{}\n", {"columns": ("a",)}, "is for delimited text"),
        ("t.parquet", b"PAR1", {}, "not Parquet"),
    ],
)
def test_a_file_that_is_no_such_table_is_an_error_that_names_it(
    tmp_path: Path, name: str, payload: bytes, options: dict[str, object], message: str
) -> None:
    with pytest.raises(TableFileError, match=message):
        rows_of(tmp_path / name, payload, **options)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(TableFileError, match="expected a file"):
        read(tmp_path)


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "t.csv", "") == []
