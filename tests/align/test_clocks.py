from pathlib import Path

import pyarrow as pa
import pytest

from tasks.align.clocks import find_clocks, place_on_reference, read_marks
from tasks.align.members import to_members
from tasks.core.batch import Batch
from tasks.core.batch_file import Align, BatchFile, Clock
from tasks.core.clock_line import ClockLine
from tasks.core.errors import ClockError
from tasks.core.schemas import CLOCKS
from tasks.core.source_entries import FilesSource
from tasks.core.tables import to_table
from tests.align.tables import items, labels

MEMBERS = to_members(
    items(
        {"item_id": "c", "clock": "camera", "start_ns": 0},
        {"item_id": "r", "clock": "recorder", "start_ns": 2_000_000_000, "duration_ns": 1_000_000_000},
        {"item_id": "n", "clock": "recorder"},
    ),
    labels(),
)


def batch(folder: Path, **clocks: Clock) -> Batch:
    file = BatchFile(
        about="x",
        license="CC0-1.0",
        sources=(FilesSource("files", "media/"),),
        align=Align("timestamp", "image"),
        clocks={"camera": "reference", **clocks},
    )
    return Batch("b", folder, file)


def no_sound(session: str, clock: str, reference: str) -> ClockLine:
    raise ClockError(f"{clock} and {reference} heard different things")


def placed(folder: Path, **clocks: Clock) -> pa.Table:
    found = find_clocks(MEMBERS, batch(folder, **clocks), no_sound)
    return place_on_reference(MEMBERS, to_table(CLOCKS, [{"batch": "b", **row} for row in found.rows]))


def test_a_given_offset_is_added_and_drift_grows_with_time(tmp_path: Path) -> None:
    members = placed(tmp_path, recorder=Clock(offset=1_500_000_000, drift_ppm=10.0))
    assert members["start_ns"].to_pylist() == [0, None, 3_500_020_000]
    assert members["end_ns"].to_pylist() == [0, None, 4_500_030_000]


def test_a_clock_is_told_by_marks_and_one_wrong_mark_does_not_move_it(tmp_path: Path) -> None:
    marks = "clock_s,reference_s\n" + "".join(f"{t},{t + 3}\n" for t in range(0, 60, 10)) + "25,29.5\n"
    (tmp_path / "marks.csv").write_text(marks)
    found = find_clocks(MEMBERS, batch(tmp_path, recorder=Clock(sync="events", path="marks.csv")), no_sound)
    (row,) = (row for row in found.rows if row["clock"] == "recorder")
    assert (row["offset_ns"], row["method"], row["marks"], row["residual_ns"]) == (
        3_000_000_000,
        "events",
        6,
        0,
    )


def test_a_clock_that_cannot_be_told_is_named_and_gives_no_times(tmp_path: Path) -> None:
    found = find_clocks(MEMBERS, batch(tmp_path, recorder=Clock(sync="audio")), no_sound)
    assert found.unknown == {("all", "recorder"): "recorder and camera heard different things"}
    members = place_on_reference(MEMBERS, to_table(CLOCKS, [{"batch": "b", **row} for row in found.rows]))
    assert members["start_ns"].to_pylist() == [0, None, None]


def test_a_mark_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text("clock_s,reference_s\n1,2\nsoon,3\n")
    with pytest.raises(ClockError, match=r"marks.csv:3: expected clock_s,reference_s in seconds: .*'soon'"):
        read_marks(tmp_path / "marks.csv")
