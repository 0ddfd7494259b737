from pathlib import Path
from typing import Any

import pysubs2
import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

FORMAT = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"


def read(folder: Path, events: str, *, info: str = "", **options: Any) -> list[Label | LabelFault]:
    (folder / "t.ass").write_text(f"[Script Info]\n{info}\n[Events]\n{events}", encoding="utf-8")
    return read_export(folder, TimedExport("ass", "t.ass", **options))


def dialogue(text: str, start: str = "0:00:01.00", end: str = "0:00:02.00") -> str:
    return f"Dialogue: 0,{start},{end},Main,Ann,0,0,0,,{text}\n"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("one, two\\Nthree\\hfour", "one, two\nthree four"),
        ("soft\\nbreak", "soft break"),
        ("{\\an8\\pos(1,2)}up {a note}there", "up there"),
        ("{\\p1}m 0 0 l 1 1{\\p0}seen", "seen"),
        ("a{\\p0}b{\\pbo3}c", "abc"),
        ("an open { brace", "an open { brace"),
    ],
)
def test_text_is_what_is_read_on_the_screen(tmp_path: Path, written: str, text: str) -> None:
    (label,) = read(tmp_path, FORMAT + dialogue(written))
    assert isinstance(label, Label)
    assert (label.label, label.text, label.attributes) == ("Ann", text, {"style": "Main"})


def test_a_soft_break_is_one_in_wrap_style_2(tmp_path: Path) -> None:
    (label,) = read(tmp_path, FORMAT + dialogue("a\\nb"), info="WrapStyle: 2\n")
    assert isinstance(label, Label)
    assert label.text == "a\nb"


def test_drawings_comments_and_other_events_are_no_labels(tmp_path: Path) -> None:
    others = "".join(f"{kind}: 0,0:00:01.00,0:00:02.00,,,0,0,0,,x\n" for kind in ("Comment", "Sound"))
    found = read(tmp_path, FORMAT + dialogue("{\\p2}m 0 0") + others + dialogue("seen"))
    assert [label.native_id for label in found if isinstance(label, Label)] == ["2"]


def test_the_format_line_says_which_fields_there_are(tmp_path: Path) -> None:
    events = "Format: Marked, End, Start, Text\nDialogue: Marked=0,0:00:02.50,0:00:01.25,Hello, you\n"
    (label,) = read(tmp_path, events)
    assert isinstance(label, Label)
    assert (label.start_ns, label.end_ns, label.text, label.label, label.attributes) == (
        1_250_000_000,
        2_500_000_000,
        "Hello, you",
        None,
        None,
    )


def test_a_dialogue_that_cannot_be_read_is_a_fault_and_the_next_is_read(tmp_path: Path) -> None:
    fault, short, label = read(
        tmp_path, FORMAT + dialogue("a", start="soon") + "Dialogue: 0,1\n" + dialogue("b")
    )
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("1", "t.ass:5", Reason.MALFORMED)
    assert isinstance(short, LabelFault)
    assert isinstance(label, Label)
    assert (label.native_id, label.text) == ("3", "b")


def test_a_stretched_clock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelFormatError, match=r"t\.ass:2: expected a Timer of 100 \(%\), got 105,0000"):
        read(tmp_path, FORMAT + dialogue("a"), info="Timer: 105,0000\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[Script Info]\n", r"expected a section \[Events\]"),
        ("[Events]\nFormat: Text, Start\n", "expected a Format with Start, End and at last Text"),
    ],
)
def test_what_is_no_script_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.ass").write_text(text, encoding="utf-8")
    with pytest.raises(LabelFormatError, match=message):
        read_export(tmp_path, TimedExport("ass", "t.ass"))


def test_real_scripts_are_read_as_pysubs2_reads_them(corpora: Path) -> None:
    folder = corpora / "subs_ttml_ass" / "tests" / "data"
    counted = {}
    for path in sorted(folder.glob("*.ass")):
        found = labels_of(folder, TimedExport("ass", path.name))
        spoken = [event for event in pysubs2.load(str(path)) if event.plaintext.strip()]
        assert [(one.start_ns, one.end_ns, one.text) for one in found] == [
            (event.start * 1_000_000, event.end * 1_000_000, event.plaintext.strip()) for event in spoken
        ]
        counted[path.stem] = len(found)
    assert counted == {"ttml_example": 11, "ttml_example2": 10, "ttml_example_apple": 38}
