from pathlib import Path

from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

MEETING = """\
SPKR-INFO show 1 <NA> <NA> <NA> adult_male ann <NA> <NA>
SPEAKER show 1 0.130430 2.350 <NA> <NA> ann <NA> <NA>

LEXEME show 1 0.2 0.1 uh lex ann 0.9 <NA>
NON-SPEECH show 1 3 1 <NA> laugh <NA> <NA>
NOSCORE show 1 5 1 <NA> <NA> <NA> <NA>
IP show 1 7.5 <NA> <NA> edit ann <NA> <NA>
SPEAKER other 2 9 0 <NA> <NA> ben <NA> 0.25
"""


def test_every_type_with_a_time_is_a_label(tmp_path: Path) -> None:
    (tmp_path / "a.rttm").write_text(MEETING, encoding="utf-8")
    found = labels_of(tmp_path, TimedExport("rttm", "a.rttm"))
    assert [
        (one.native_id, one.media, one.task, one.label, one.text, one.start_ns, one.end_ns) for one in found
    ] == [
        ("2", "show", "event", "ann", None, 130_430_000, 2_480_430_000),
        ("4", "show", "transcript", "ann", "uh", 200_000_000, 300_000_000),
        ("5", "show", "event", "laugh", None, 3_000_000_000, 4_000_000_000),
        ("6", "show", "event", "NOSCORE", None, 5_000_000_000, 6_000_000_000),
        ("7", "show", "event", "edit", None, 7_500_000_000, 7_500_000_000),
        ("8", "other", "event", "ben", None, 9_000_000_000, 9_000_000_000),
    ]
    assert [one.confidence for one in found] == [None, 0.9, None, None, None, None]
    assert found[5].attributes == {
        "type": "SPEAKER",
        "channel": "2",
        "speaker": "ben",
        "lookahead": "0.25",
    }


def test_the_entry_may_name_the_recording_and_the_task(tmp_path: Path) -> None:
    (tmp_path / "a.rttm").write_text(MEETING, encoding="utf-8")
    found = labels_of(tmp_path, TimedExport("rttm", "a.rttm", item="b.wav", task="classification"))
    assert {(one.media, one.task) for one in found} == {("b.wav", "classification")}


def test_a_line_that_cannot_be_read_is_a_fault_and_the_next_is_read(tmp_path: Path) -> None:
    lines = (
        "SPEAKER a 1 x 1 <NA> <NA> ann <NA>",
        "SPEAKER a 1 1 <NA> ann",
        "FACE a 1 1 1 <NA> <NA> ann <NA>",
        "SPEAKER a 1 1 1 <NA> <NA> ann high",
        "SPEAKER a 1 1 1 <NA> <NA> ann <NA>",
    )
    (tmp_path / "a.rttm").write_text("\n".join(lines), encoding="utf-8")
    *faults, label = read_export(tmp_path, TimedExport("rttm", "a.rttm"))
    assert [(fault.origin, fault.reason) for fault in faults if isinstance(fault, LabelFault)] == [
        ("a.rttm:1", Reason.MALFORMED),
        ("a.rttm:2", Reason.MALFORMED),
        ("a.rttm:3", Reason.UNSUPPORTED_LABEL),
        ("a.rttm:4", Reason.MALFORMED),
    ]
    assert isinstance(label, Label)
    assert label.native_id == "5"
