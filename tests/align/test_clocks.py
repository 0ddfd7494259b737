from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tasks.align.clocks.marks import read_marks
from tasks.align.clocks.solving import ClockTable, Pieces, find_clocks
from tasks.align.members import to_members
from tasks.align.placing import Placed, place_on_reference
from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.clock_entry import Clock
from tasks.core.clock_line import ClockLine, ClockPiece
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
        sources=tuple(FilesSource("files", "media/", clock=name) for name in ("camera", *clocks)),
        align=Align("timestamp", "image"),
        clocks={"camera": "reference", **clocks},
    )
    return Batch("b", folder, file)


def no_sound(session: str, clock: str, reference: str) -> Pieces:
    raise ClockError(f"{clock} and {reference} heard different things")


WAYS = {"audio": no_sound}


def placed(folder: Path, **clocks: Clock) -> Placed:
    found = find_clocks(MEMBERS, batch(folder, **clocks), WAYS)
    table = to_table(CLOCKS, [{"batch": "b", **row} for row in found.rows])
    return place_on_reference(MEMBERS, table, found.unknown, "image")


def times(members: pa.Table) -> dict[str, tuple[int | None, int | None]]:
    rows = members.to_pylist()
    return {row["member_id"]: (row["start_ns"], row["end_ns"]) for row in rows}


def test_a_given_offset_is_added_and_drift_grows_with_time(tmp_path: Path) -> None:
    found = placed(tmp_path, recorder=Clock(offset=1_500_000_000, drift_ppm=10.0))
    assert times(found.members) == {
        "c": (0, 0),
        "n": (None, None),
        "r": (3_500_020_000, 4_500_030_000),
    }
    assert found.lost.num_rows == 0


def test_an_offset_is_that_of_the_time_that_is_named_with_it(tmp_path: Path) -> None:
    found = placed(tmp_path, recorder=Clock(offset=1_500_000_000, drift_ppm=10.0, at=2_000_000_000))
    assert times(found.members)["r"] == (3_500_000_000, 4_500_010_000)


def test_a_clock_is_told_by_marks_and_one_wrong_mark_does_not_move_it(tmp_path: Path) -> None:
    marks = "clock_s,reference_s\n" + "".join(f"{t},{t + 3}\n" for t in range(0, 60, 10)) + "25,29.5\n"
    (tmp_path / "marks.csv").write_text(marks)
    found = find_clocks(MEMBERS, batch(tmp_path, recorder=Clock(sync="events", path="marks.csv")), WAYS)
    (row,) = (row for row in found.rows if row["clock"] == "recorder")
    assert (row["offset_ns"], row["method"], row["marks"], row["residual_ns"]) == (
        3_000_000_000,
        "events",
        6,
        0,
    )


def test_a_clock_that_cannot_be_told_is_named_and_gives_no_times(tmp_path: Path) -> None:
    found = find_clocks(MEMBERS, batch(tmp_path, recorder=Clock(sync="audio")), WAYS)
    assert found.unknown == {("all", "recorder"): "recorder and camera heard different things"}
    members = placed(tmp_path, recorder=Clock(sync="audio"))
    assert times(members.members) == {"c": (0, 0), "n": (None, None)}
    assert members.lost.select(["member_id", "kind", "role", "start_ns", "reason", "detail"]).to_pylist() == [
        {
            "member_id": "r",
            "kind": "item",
            "role": "image",
            "start_ns": None,
            "reason": "clock_unknown",
            "detail": "recorder and camera heard different things: no candidate",
        }
    ]


def test_marks_that_are_coarser_than_the_tolerance_are_kept_and_the_clock_says_that_it_is(
    tmp_path: Path,
) -> None:
    misses_s = [0.08, -0.08, -0.05, 0.05] * 5
    marks = "".join(f"{10 * n},{10 * n + 3 + miss:.3f}\n" for n, miss in enumerate(misses_s))
    (tmp_path / "marks.csv").write_text(f"clock_s,reference_s\n{marks}")
    coarse = Clock(sync="events", path="marks.csv")
    own = Clock(sync="events", path="marks.csv", tolerance=200_000_000)
    for clock, tolerance_ns, within in ((coarse, 20_000_000, False), (own, 200_000_000, True)):
        found = find_clocks(MEMBERS, batch(tmp_path, recorder=clock), WAYS)
        (row,) = (row for row in found.rows if row["clock"] == "recorder")
        assert (row["marks"], row["tolerance_ns"], row["within_tolerance"]) == (20, tolerance_ns, within)


def marked(folder: Path, marks: str) -> ClockTable:
    (folder / "marks.csv").write_text(f"clock_s,reference_s\n{marks}")
    return find_clocks(MEMBERS, batch(folder, recorder=Clock(sync="events", path="marks.csv")), WAYS)


def of_recorder(found: ClockTable, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in found.rows if row["clock"] == "recorder"]


@pytest.mark.parametrize(
    ("marks", "residual_ns"), [("0,3\n", None), ("0,3\n50,53\n", None), ("0,3\n1,4\n2,5\n", 0)]
)
def test_of_the_error_of_a_line_nothing_is_known_by_no_more_marks_than_it_takes(
    tmp_path: Path, marks: str, residual_ns: int | None
) -> None:
    found = marked(tmp_path, marks)
    assert of_recorder(found, "offset_ns", "residual_ns", "within_tolerance") == [
        (3_000_000_000, residual_ns, True)
    ]


def test_a_mark_on_no_line_is_counted_and_named_by_its_file_and_line(tmp_path: Path) -> None:
    found = marked(tmp_path, "0,3\n10,13\n20,28\n30,33\n40,43\n")
    assert of_recorder(found, "marks", "marks_rejected") == [(4, 1)]
    assert [(stray.name, stray.why.split(", so")[0]) for stray in found.strays] == [
        (
            "marks.csv:4",
            "clock_s 20, reference_s 28 misses the line of the clock 'recorder' by 5000.000 ms",
        )
    ]


def test_a_clock_that_paused_between_its_marks_has_pieces_of_one_drift(tmp_path: Path) -> None:
    before = "".join(f"{second},{second * 1.00002 + 3:.6f}\n" for second in (10, 40, 70))
    after = "".join(f"{second},{second * 1.00002 + 33:.6f}\n" for second in (75, 100, 130))
    found = marked(tmp_path, before + after)
    assert of_recorder(found, "from_ns", "to_ns", "marks") == [
        (None, 70_000_000_000, 3),
        (75_000_000_000, None, 3),
    ]
    assert of_recorder(found, "drift_ppm") == [(pytest.approx(20.0),)] * 2
    assert not found.strays


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ("0,0\n60,74.3\n", "marks.csv: by its marks the clock runs 1.238333 times as fast"),
        ("0,0\n60,60\n120,140\n180,200\n", "clock runs 1.133333 times"),
        ("0,0\n1000,1001\n", "drifts by 1000 ppm as to one that pauses between two of them"),
    ],
)
def test_a_pause_that_too_few_marks_bear_out_is_no_drift(tmp_path: Path, marks: str, sentence: str) -> None:
    assert sentence in marked(tmp_path, marks).unknown["all", "recorder"]


def test_three_marks_on_one_line_tell_a_drift_of_another_frame_rate(tmp_path: Path) -> None:
    found = marked(tmp_path, "0,0\n1000,1001\n2000,2002\n")
    assert of_recorder(found, "drift_ppm") == [(pytest.approx(1000.0),)]


def test_two_of_three_marks_are_no_line(tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text("clock_s,reference_s\n0,3\n10,13\n20,25\n")
    found = find_clocks(MEMBERS, batch(tmp_path, recorder=Clock(sync="events", path="marks.csv")), WAYS)
    ((_, sentence),) = found.unknown.items()
    assert "only 2 marks lie on one line, and 1 do not" in sentence


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ("clock,ref\n1,2\n", "there is no column clock_s among ['clock', 'ref']"),
        ("clock_s,reference_s\n0,9\n1,8\n2,7\n", "the clock runs -1 times as fast as the reference"),
        ("clock_s,reference_s\n0,9e9\n", "expected times from 1897 to 2116"),
    ],
)
def test_marks_that_cannot_be_meant_are_refused_with_what_to_look_for(
    tmp_path: Path, marks: str, sentence: str
) -> None:
    (tmp_path / "marks.csv").write_text(marks)
    found = find_clocks(MEMBERS, batch(tmp_path, recorder=Clock(sync="events", path="marks.csv")), WAYS)
    assert sentence in found.unknown["all", "recorder"]


JUMP = (
    ClockPiece(ClockLine(0, 100, 0.0), None, 1000),
    ClockPiece(ClockLine(0, 600, 0.0), 1010, None),
)


def split(*rows: dict[str, object], reference_role: str = "image") -> Placed:
    members = to_members(items(*({"clock": "recorder", **row} for row in rows)), labels())
    batches = batch(Path(), recorder=Clock(sync="audio"))
    found = find_clocks(members, batches, {"audio": lambda session, clock, reference: JUMP})
    table = to_table(CLOCKS, [{"batch": "b", **row} for row in found.rows])
    return place_on_reference(members, table, found.unknown, reference_role)


def test_each_piece_of_a_clock_moves_what_lies_in_it() -> None:
    found = split(
        {"item_id": "before", "start_ns": 0, "duration_ns": 1000},
        {"item_id": "after", "start_ns": 1010},
    )
    assert times(found.members) == {"before": (100, 1100), "after": (1610, 1610)}


def test_what_lies_across_a_jump_or_where_no_piece_is_has_no_place() -> None:
    found = split(
        {"item_id": "across", "start_ns": 990, "duration_ns": 30},
        {"item_id": "between", "start_ns": 1005},
    )
    assert found.members.num_rows == 0
    assert found.lost["reason"].to_pylist() == ["clock_jumps"] * 2
    assert "known only from its beginning or end to 0.000001 s" in found.lost["detail"][0].as_py()


def test_what_a_clock_puts_where_time_does_not_reach_is_left_out_and_never_wraps_around(
    tmp_path: Path,
) -> None:
    century_ns = 100 * 365 * 24 * 3600 * 10**9
    members = to_members(
        items(
            {"item_id": "late", "clock": "recorder", "start_ns": 2 * century_ns},
            {"item_id": "early", "clock": "recorder", "start_ns": 0},
        ),
        labels(),
    )
    recorder = batch(tmp_path, recorder=Clock(offset=century_ns))
    table = to_table(CLOCKS, [{"batch": "b", **row} for row in find_clocks(members, recorder, WAYS).rows])
    found = place_on_reference(members, table, {}, "image")
    assert times(found.members) == {"early": (century_ns, century_ns)}
    (row,) = found.lost.to_pylist()
    assert (row["member_id"], row["reason"]) == ("late", "time_out_of_reach")
    assert row["detail"].startswith("its clock 'recorder' puts it before 1897 or after 2116")


def test_a_recording_across_a_jump_is_split_unless_samples_are_made_of_it() -> None:
    sound = {"item_id": "sound", "modality": "audio", "start_ns": 0, "duration_ns": 5000}
    parts = split(sound).members.select(["start_ns", "end_ns"]).to_pylist()
    assert parts == [{"start_ns": 100, "end_ns": 1100}, {"start_ns": 1610, "end_ns": 5600}]
    assert split(sound, reference_role="audio").lost["member_id"].to_pylist() == ["sound"]


def test_a_mark_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text("clock_s,reference_s\n1,2\nsoon,3\n")
    with pytest.raises(ClockError, match=r"marks.csv:3: expected clock_s,reference_s in seconds: .*'soon'"):
        read_marks(tmp_path / "marks.csv")


MS = 1_000_000


@pytest.mark.parametrize(
    ("clock", "said_by_align_ns", "tolerance_ns"),
    [
        (Clock(sync="audio"), None, 20 * MS),
        (Clock(sync="audio"), 5 * MS, 5 * MS),
        (Clock(sync="warp"), None, 60 * MS),
        (Clock(sync="warp"), 20 * MS, 20 * MS),
        (Clock(sync="warp", tolerance=80 * MS), 5 * MS, 80 * MS),
    ],
)
def test_a_tolerance_is_that_of_the_clock_else_of_align_else_what_the_method_keeps(
    clock: Clock, said_by_align_ns: int | None, tolerance_ns: int
) -> None:
    pieces = (ClockPiece(ClockLine(0, 0, 0.0, residual_ns=50 * MS)),)
    told = batch(Path(), recorder=clock)
    align = replace(told.file.align, tolerance=said_by_align_ns)
    told = replace(told, file=replace(told.file, align=align))
    found = find_clocks(MEMBERS, told, {str(clock.sync): lambda session, clock, reference: pieces})
    (row,) = (row for row in found.rows if row["clock"] == "recorder")
    assert (row["tolerance_ns"], row["within_tolerance"]) == (tolerance_ns, tolerance_ns >= 50 * MS)
