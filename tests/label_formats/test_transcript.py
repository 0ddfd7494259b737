"""Plain text without times, split into labels."""

import random
from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TranscriptExport
from tasks.core.rejects import Reason
from tasks.label_formats.transcript import LONGEST_LABEL
from tests.label_formats.exports import labels_of, read_export
from tests.label_formats.test_damaged import damaged

TEXT = "Title\n\nGo up. And\ndown, Mr. Lee! So.\n \nBye\n"


def found(folder: Path, text: str | bytes, **more: object) -> list[tuple[str, str | None]]:
    payload = text.encode() if isinstance(text, str) else text
    (folder / "talk.txt").write_bytes(payload)
    labels = labels_of(folder, TranscriptExport("transcript", "talk.txt", **more))  # type: ignore[arg-type] # as a batch file says it
    return [(label.native_id, label.text) for label in labels]


def test_sentences_have_the_line_on_which_they_begin(tmp_path: Path) -> None:
    assert found(tmp_path, TEXT) == [
        ("1", "Title"),
        ("3", "Go up."),
        ("3/2", "And down, Mr. Lee!"),
        ("4", "So."),
        ("6", "Bye"),
    ]


def test_a_text_may_be_split_at_its_lines_or_paragraphs_instead(tmp_path: Path) -> None:
    assert found(tmp_path, TEXT, split="lines") == [
        ("1", "Title"),
        ("3", "Go up. And"),
        ("4", "down, Mr. Lee! So."),
        ("6", "Bye"),
    ]
    assert found(tmp_path, TEXT, split="paragraphs") == [
        ("1", "Title"),
        ("3", "Go up. And down, Mr. Lee! So."),
        ("6", "Bye"),
    ]


def test_abbreviations_are_those_that_the_entry_names(tmp_path: Path) -> None:
    assert found(tmp_path, "See Mr. Lee, No. 5.", abbreviations=("No",)) == [
        ("1", "See Mr."),
        ("1/2", "Lee, No. 5."),
    ]


@pytest.mark.parametrize(
    ("encoding", "payload"),
    [
        ("utf-8", "\ufeffCaf\u00e9.\r\n\r\nOui.".encode()),
        ("utf-8", "\ufeffCaf\u00e9.\r\n\r\nOui.".encode("utf-16-le")),
        ("utf-8", "\ufeffCaf\u00e9.\n\nOui.".encode("utf-16-be")),
        ("windows-1252", "Caf\u00e9.\n\nOui.\n".encode("cp1252")),
    ],
)
def test_marks_of_byte_order_and_ends_of_lines_are_no_text(
    tmp_path: Path, encoding: str, payload: bytes
) -> None:
    assert found(tmp_path, payload, encoding=encoding) == [("1", "Caf\u00e9."), ("3", "Oui.")]


def test_a_line_of_another_encoding_is_a_fault_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_bytes(b"Go up\nto the caf\xe9.\nAnd down.\nLost \xef\xbf\xbd here.\n")
    outcomes = read_export(tmp_path, TranscriptExport("transcript", "talk.txt"))
    labels = [(one.native_id, one.text) for one in outcomes if isinstance(one, Label)]
    assert labels == [("1", "Go up"), ("3", "And down.")]
    faults = [one for one in outcomes if isinstance(one, LabelFault)]
    assert [(one.native_id, one.origin, one.reason) for one in faults] == [
        ("2", "talk.txt:2", Reason.WRONG_ENCODING),
        ("4", "talk.txt:4", Reason.WRONG_ENCODING),
    ]
    assert [one.detail for one in faults] == [
        "expected utf-8 text, this line is none; convert the file to UTF-8, or say which `encoding` it has",
        "a character was lost before it came here (U+FFFD)",
    ]


def test_a_label_that_is_too_long_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("word " * LONGEST_LABEL + "\n\nShort.\n", encoding="utf-8")
    fault, label = read_export(tmp_path, TranscriptExport("transcript", "talk.txt"))
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("1", Reason.MALFORMED)
    assert "expected at most 20000 characters, got 99999: `split: sentences`" in fault.detail
    assert isinstance(label, Label)


@pytest.mark.parametrize("payload", [b"", b"\xef\xbb\xbf", b"\n \n\t\n", b"\xff\xfe\n\0"])
def test_a_file_without_any_text_is_an_error(tmp_path: Path, payload: bytes) -> None:
    (tmp_path / "talk.txt").write_bytes(payload)
    with pytest.raises(LabelFormatError, match=r"talk\.txt: expected what was said"):
        read_export(tmp_path, TranscriptExport("transcript", "talk.txt"))


def test_a_folder_has_a_text_per_recording_and_an_empty_one_among_them_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for name, text in (("a.txt", ""), ("b.txt", "Go up. And down."), ("notes.md", "no text of ours")):
        (tmp_path / "texts" / name).write_text(text, encoding="utf-8")
    outcomes = read_export(tmp_path, TranscriptExport("transcript", "texts"))
    assert [(type(one), one.native_id, one.origin) for one in outcomes] == [
        (LabelFault, "a.txt", "texts/a.txt"),
        (Label, "b.txt/1", "texts/b.txt:1"),
        (Label, "b.txt/1/2", "texts/b.txt:1"),
    ]
    assert [one.media for one in outcomes if isinstance(one, Label)] == ["texts/b", "texts/b"]


def test_the_item_that_the_entry_names_is_the_media(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Go.", encoding="utf-8")
    (label,) = labels_of(tmp_path, TranscriptExport("transcript", "talk.txt", item="a.wav", task="caption"))
    assert (label.media, label.task, label.start_ns) == ("a.wav", "caption", None)


def test_no_damage_makes_the_reader_fail_and_every_id_is_there_once(tmp_path: Path) -> None:
    chance = random.Random("transcript")  # noqa: S311 - it is for damage, not for secrets
    payload = TEXT.encode()
    for _ in range(300):
        payload = damaged(payload, chance) or TEXT.encode()
        (tmp_path / "talk.txt").write_bytes(payload)
        try:
            outcomes = read_export(tmp_path, TranscriptExport("transcript", "talk.txt"))
        except LabelFormatError:
            payload = TEXT.encode()
            continue
        assert len({one.native_id for one in outcomes}) == len(outcomes) > 0
