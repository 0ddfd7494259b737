from pathlib import Path

from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

# The example of NIST's own description of the format.
WORDS = """\
;; Comments follow ';;'
7654 A 11.34 0.2  YES -6.763
7654 A 12.00 0.34 YOU 0.5

7654 A * * <ALT_BEGIN>
7654 A 12.00 0.34 UM
7654 A * * <ALT>
7654 A 12.00 0.34 @
7654 A * * <ALT_END>
7654 B 13.30 0.5 CAN NA fp ann
"""


def test_words_have_channels_confidences_and_alternatives(tmp_path: Path) -> None:
    (tmp_path / "a.ctm").write_text(WORDS, encoding="utf-8")
    found = labels_of(tmp_path, TimedExport("ctm", "a.ctm"))
    assert [(one.native_id, one.start_ns, one.end_ns, one.text, one.confidence) for one in found] == [
        ("2", 11_340_000_000, 11_540_000_000, "YES", None),
        ("3", 12_000_000_000, 12_340_000_000, "YOU", 0.5),
        ("6", 12_000_000_000, 12_340_000_000, "UM", None),
        ("8", 12_000_000_000, 12_340_000_000, None, None),
        ("10", 13_300_000_000, 13_800_000_000, "CAN", None),
    ]
    assert [one.attributes for one in found if one.attributes != {"channel": "A"}] == [
        {"channel": "A", "score": "-6.763"},
        {"channel": "A", "alternatives": "1", "alternative": "1"},
        {"channel": "A", "alternatives": "1", "alternative": "2"},
        {"channel": "B", "type": "fp"},
    ]
    assert (found[0].media, found[4].label) == ("7654", "ann")


def test_a_word_of_a_task_that_names_is_the_label(tmp_path: Path) -> None:
    (tmp_path / "a.ctm").write_text("a 1 0 1 dog", encoding="utf-8")
    (label,) = labels_of(tmp_path, TimedExport("ctm", "a.ctm", task="event"))
    assert (label.task, label.label, label.text) == ("event", "dog", None)


def test_a_line_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.ctm").write_text("a 1 0 1\na 1 * * word\na 1 0 1 w x\na 1 0 1 w\n", encoding="utf-8")
    *faults, label = read_export(tmp_path, TimedExport("ctm", "a.ctm"))
    assert [(fault.origin, fault.reason) for fault in faults if isinstance(fault, LabelFault)] == [
        ("a.ctm:1", Reason.MALFORMED),
        ("a.ctm:2", Reason.MALFORMED),
        ("a.ctm:3", Reason.MALFORMED),
    ]
    assert isinstance(label, Label)
