"""Which item the rows of a table are about, and the clock times in it."""

from pathlib import Path

import pytest

from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import TableExport, TimedExport
from tasks.core.source_entries import TableSource
from tasks.core.times import parse_time_ns
from tasks.label_formats import LABEL_FORMATS
from tests.label_formats.exports import batch_of, labels_of, read_export

TALK = ItemName("media/talk.wav", "audio", duration_ns=10**13)
SPANS = "start,end,text\n00:14:38,15:00,hello\n".replace("00:14:38", "00:14:38.127").replace("15:00", "900")


@pytest.mark.parametrize("item", ["talk.wav", "media/talk.wav", "{stem}.wav"])
def test_a_table_about_one_recording_names_it_as_item(tmp_path: Path, item: str) -> None:
    (tmp_path / "talk.csv").write_text(SPANS)
    entry = TableExport("table", "talk.csv", item, "transcript", text="text", start="start", end="end")
    (label,) = labels_of(tmp_path, entry, (TALK,))
    assert (label.media, label.start_ns, label.end_ns, label.text) == (
        item.replace("{stem}", "talk"),
        878_127_000_000,
        900_000_000_000,
        "hello",
    )


def test_an_item_that_is_neither_a_column_nor_an_item_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "talk.csv").write_text("file,text\na.wav,hello\n")
    entry = TableExport("table", "talk.csv", "fle", "caption", text="text")
    with pytest.raises(LabelFormatError, match=r"no column 'fle' \(item\), and no item.*Did you mean 'file'"):
        read_export(tmp_path, entry, (TALK,))


def test_the_row_itself_is_the_item_of_the_id_that_the_source_gave_it(tmp_path: Path) -> None:
    (tmp_path / "said.csv").write_text("key,text,mood\nk7,hello,good\n,bye,bad\n")
    entry = TableExport("table", "said.csv", "#", "classification", label="mood")
    usual = batch_of(tmp_path, entry)
    source = TableSource("table", "said.csv", text="text", id="key")
    file = BatchFile("a test", "CC0-1.0", (source,), usual.file.align, (entry,), {})
    outcomes = LABEL_FORMATS["table"].read(Batch("monday", tmp_path, file), entry, ())
    media = [one.media for one in outcomes if isinstance(one, Label)]
    assert media == ["said.csv#k7", "said.csv#line 3"]


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("00:14:38,127", 878_127_000_000),
        ("00:00:01.56", 1_560_000_000),
        ("0:01.000000001", 1_000_000_001),
        ("100:00:00", 360_000_000_000_000),
        ("1.5", 1_500_000_000),
    ],
)
def test_seconds_and_clock_times_are_exact(text: str, time_ns: int) -> None:
    assert parse_time_ns(text) == time_ns


@pytest.mark.parametrize("text", ["14:38", "00:60:00", "00:00:60", "1:2:3:4", "1,5", "", "a:b", "-1:00.5"])
def test_a_time_that_is_none_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|may be hours or minutes"):
        parse_time_ns(text)


def test_a_pattern_of_items_names_the_media_of_every_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "tracks").mkdir()
    for name in ("a", "b"):
        (tmp_path / "tracks" / f"{name}.rttm").write_text("SPEAKER x 1 0 1 <NA> <NA> ann <NA> <NA>\n")
    labels = labels_of(tmp_path, TimedExport("rttm", "tracks", item="{parent}/{stem}.wav"), (TALK,))
    assert [label.media for label in labels] == ["tracks/a.wav", "tracks/b.wav"]
    with pytest.raises(LabelFormatError, match=r'such as `item: "\{stem\}.wav"`'):
        read_export(tmp_path, TimedExport("rttm", "tracks", item="a.wav"), (TALK,))


def test_an_unknown_placeholder_of_an_item_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"got '\{stm\}'. Did you mean 'stem'"):
        TimedExport("elan", "eaf", item="{stm}.wav")


def test_a_fault_is_no_label(tmp_path: Path) -> None:
    (tmp_path / "talk.csv").write_text("start,text\n14:38,hello\n")
    entry = TableExport("table", "talk.csv", "talk.wav", "transcript", text="text", start="start")
    (fault,) = read_export(tmp_path, entry, (TALK,))
    assert isinstance(fault, LabelFault)
    assert "may be hours or minutes" in fault.detail
