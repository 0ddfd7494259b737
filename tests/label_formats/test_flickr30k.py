from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import FlickrExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

EXPORT = FlickrExport("flickr30k", "results.token")


def outcomes(folder: Path, payload: bytes, export: FlickrExport = EXPORT) -> list[Label | LabelFault]:
    (folder / export.path).write_bytes(payload)
    return read_export(folder, export, ())


def test_each_line_of_the_token_file_is_a_caption(tmp_path: Path) -> None:
    text = '\ufeff10.jpg#0\tTwo "shaggy" guys , looking .\r\n10.jpg#1 \tTwo\t.\r\n'
    (tmp_path / "results.token").write_text(text, encoding="utf-8", newline="")
    assert [(one.native_id, one.media, one.text, one.origin) for one in labels_of(tmp_path, EXPORT)] == [
        ("10.jpg#0", "10.jpg", 'Two "shaggy" guys , looking .', "results.token:1"),
        ("10.jpg#1", "10.jpg", "Two\t.", "results.token:2"),
    ]


def test_the_table_parted_by_strokes_is_read_and_its_known_broken_row_is_a_fault(tmp_path: Path) -> None:
    text = b"image_name| comment_number| comment\n1.jpg| 0| A dog | cat .\n2199200615.jpg| 4   A dog runs .\n"
    label, fault = outcomes(tmp_path, text)
    assert isinstance(label, Label)
    assert (label.native_id, label.media, label.text) == ("1.jpg#0", "1.jpg", "A dog | cat .")
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("3", "results.token:3", Reason.MALFORMED)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a.jpg#1\t\xff", Reason.WRONG_ENCODING),
        (b"a.jpg#1\t ", Reason.MALFORMED),
        (b"a.jpg\tA dog", Reason.MALFORMED),
        (b"#1\tA dog", Reason.MALFORMED),
        (b"a.jpg#one\tA dog", Reason.MALFORMED),
    ],
)
def test_a_line_that_is_no_caption_is_a_fault(tmp_path: Path, line: bytes, reason: Reason) -> None:
    label, fault = outcomes(tmp_path, b"a.jpg#0\tA dog\n" + line + b"\n\n")
    assert isinstance(label, Label)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("2", reason)


@pytest.mark.parametrize(
    "payload", [b"", b"\n", b"\xff\n", b"{}\n", b"image;caption\n", b"a\0b", b"x" * 1_000_001]
)
def test_a_file_of_another_layout_is_an_error(tmp_path: Path, payload: bytes) -> None:
    with pytest.raises(LabelFormatError, match=r"results\.token"):
        outcomes(tmp_path, payload)


def test_judgements_are_flickr8ks(tmp_path: Path) -> None:
    export = FlickrExport("flickr30k", "results.token", expert="results.token")
    with pytest.raises(LabelFormatError, match="judgements of flickr8k"):
        outcomes(tmp_path, b"a.jpg#0\tA dog\n", export)
