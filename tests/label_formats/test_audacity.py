from pathlib import Path

from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

# The examples of Audacity's manual, and a label that says nothing.
TRACK = (
    "2.150000\t2.150000\tpoint label at 2.15 seconds\n"
    "3.400000\t6.100000\tregion label\tfrom 3.4\n"
    "7\t8\t\n"
    "1.000000\t1.000000\tclicked\n\\\t6928.456055\t6928.456055\n"
    "2.000000\t2.500000\tlow undefined\n\\\t-1.000000\t6334.588867\n"
)


def test_regions_say_texts_and_points_are_events(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TRACK, encoding="utf-8")
    found = labels_of(tmp_path, TimedExport("audacity", "a.txt"))
    assert [(one.native_id, one.task, one.label, one.text, one.start_ns, one.end_ns) for one in found] == [
        ("1", "event", "point label at 2.15 seconds", None, 2_150_000_000, 2_150_000_000),
        ("2", "transcript", None, "region label\tfrom 3.4", 3_400_000_000, 6_100_000_000),
        ("3", "transcript", None, None, 7_000_000_000, 8_000_000_000),
        ("4", "event", "clicked", None, 1_000_000_000, 1_000_000_000),
        ("6", "transcript", None, "low undefined", 2_000_000_000, 2_500_000_000),
    ]
    assert [one.attributes for one in found[3:]] == [
        {"low_hz": "6928.456055", "high_hz": "6928.456055"},
        {"high_hz": "6334.588867"},
    ]


def test_a_task_that_names_a_class_makes_the_text_the_label(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\t2\tdog\n", encoding="utf-8")
    (label,) = labels_of(tmp_path, TimedExport("audacity", "a.txt", task="event"))
    assert (label.task, label.label, label.text) == ("event", "dog", None)


def test_what_is_no_label_is_a_fault_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "\\\t1\t2\n1 2 blanks\n1,5\t2\tcomma\n\\\t1\t2\n\\\tx\t2\n3\t4\tx\n\\\ty\tz\n", encoding="utf-8"
    )
    outcomes = read_export(tmp_path, TimedExport("audacity", "a.txt"))
    faults = [one for one in outcomes if isinstance(one, LabelFault)]
    assert [fault.native_id for fault in faults] == ["1", "2", "3", "7"]
    assert {fault.reason for fault in faults} == {Reason.MALFORMED}
    assert [one.native_id for one in outcomes if isinstance(one, Label)] == ["6"]


def test_real_label_files_are_read_to_the_last_digit(corpora: Path) -> None:
    folder = corpora / "scaper_soundscapes"
    found = {
        path.name: [
            (label.start_ns, label.end_ns, label.label)
            for label in labels_of(folder, TimedExport("audacity", path.name, task="event"))
        ]
        for path in sorted(folder.glob("*.txt"))
    }
    assert len(found) == 6
    assert found["bgonly_soundscape_20200501_22050.txt"] == [(None, None, None)]
    assert found["soundscape_20200501_22050.txt"] == [
        (2_000_000_000, 7_000_000_000, "siren"),
        (5_000_000_000, 5_687_505_669, "car_horn"),
        (7_000_000_000, 7_967_482_993, "human_voice"),
    ]


def test_in_a_folder_a_broken_file_is_a_fault_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_bytes(b"1\t2\tcaf\xe9\n")
    (tmp_path / "labels" / "b.txt").write_text("1\t2\tdog\n", encoding="utf-8")
    fault, label = read_export(tmp_path, TimedExport("audacity", "labels"))
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("a.txt", "labels/a.txt", Reason.WRONG_ENCODING)
    assert isinstance(label, Label)
    assert (label.native_id, label.media) == ("b.txt/1", "labels/b")
