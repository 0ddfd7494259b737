from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import LabelFault
from tasks.core.label_entries import TableExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

EXPORT = TableExport("table", "t.csv", "file", "event", "what", None, "from", "to", None, "sure")


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        ("a.wav,bark,1,2", "expected 5 cells, got 4"),
        (",bark,1,2,", "the column 'file' names no item"),
        ("a.wav,,1,2,", "there is neither a label nor a text"),
        ("a.wav,bark,now,2,", "expected a number, got 'now'"),
        ("a.wav,bark,1,1e12,", "expected a time within 292 years"),
        ("a.wav,bark,1,2,sure", "could not convert string to float"),
    ],
)
def test_a_row_that_cannot_be_a_label_is_a_fault_on_its_line(tmp_path: Path, row: str, detail: str) -> None:
    (tmp_path / "t.csv").write_text(f"file,what,from,to,sure\n{row}\na.wav,bark,1,2,1\n", encoding="utf-8")
    fault, label = read_export(tmp_path, EXPORT)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("2", "t.csv:2", Reason.MALFORMED)
    assert detail in fault.detail
    assert label.native_id == "3"


def test_times_are_exact_and_a_start_alone_is_a_moment(tmp_path: Path) -> None:
    rows = "file,what,from,to,sure\na.wav,bark,0.1234567891,,\na.wav,bark,,,\n"
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    moment, timeless = labels_of(tmp_path, EXPORT)
    assert (moment.start_ns, moment.end_ns) == (123_456_789, 123_456_789)
    assert (timeless.start_ns, timeless.end_ns, timeless.clock) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.tsv", "file\twhat\na\tx\n"),
        ("t.jsonl", '{"file": "a", "what": "x"}\n'),
        ("t.csv", "file,what\r\na,x\r\n"),
    ],
)
def test_every_kind_of_table_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (label,) = labels_of(tmp_path, TableExport("table", name, "file", "classification", "what"))
    assert (label.media, label.label) == ("a", "x")


def test_a_column_that_no_row_has_is_an_error_with_the_nearest_word(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("file,wath,from,to,sure\na.wav,x,1,2,1\n", encoding="utf-8")
    with pytest.raises(LabelFormatError, match=r"no column 'what' \(label\).*Did you mean 'wath'"):
        read_export(tmp_path, EXPORT)


def test_a_row_id_column_without_a_name_is_no_cell_of_a_field_that_is_not_mapped(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",file,what\n0,a,x\n", encoding="utf-8")
    (label,) = labels_of(tmp_path, TableExport("table", "t.csv", "file", "classification", "what"))
    assert (label.text, label.annotator) == (None, None)
