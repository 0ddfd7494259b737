from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import FlickrExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

TOKENS = "a.jpg#0\tA dog .\nb.jpg#0\tA cat .\n"
JUDGED = FlickrExport("flickr8k", "tokens.txt", expert="expert.txt", crowd="crowd.txt")


def outcomes(folder: Path, expert: str, crowd: str) -> list[Label | LabelFault]:
    for name, text in (("tokens.txt", TOKENS), ("expert.txt", expert), ("crowd.txt", crowd)):
        (folder / name).write_text(text, encoding="utf-8")
    return read_export(folder, JUDGED, ())[2:]


def test_the_token_file_is_flickr30ks(tmp_path: Path) -> None:
    (tmp_path / "tokens.txt").write_text(TOKENS, encoding="utf-8")
    labels = labels_of(tmp_path, FlickrExport("flickr8k", "tokens.txt"))
    assert [(one.native_id, one.text) for one in labels] == [("a.jpg#0", "A dog ."), ("b.jpg#0", "A cat .")]


def test_a_csv_numbers_the_captions_of_a_picture_in_their_order(tmp_path: Path) -> None:
    text = 'image,caption\r\na.jpg,"A ""big"" dog , asleep ."\r\nb.jpg,A cat\r\na.jpg,Two\r\n'
    (tmp_path / "captions.txt").write_text(text, encoding="utf-8", newline="")
    labels = labels_of(tmp_path, FlickrExport("flickr8k", "captions.txt"))
    assert [(one.native_id, one.text) for one in labels] == [
        ("a.jpg#0", 'A "big" dog , asleep .'),
        ("b.jpg#0", "A cat"),
        ("a.jpg#1", "Two"),
    ]


@pytest.mark.parametrize("row", ["a.jpg", "a.jpg,A dog, a cat", ",A dog", "a.jpg,", 'a.jpg,"A dog" x'])
def test_a_row_that_is_no_caption_is_a_fault(tmp_path: Path, row: str) -> None:
    (tmp_path / "captions.txt").write_text(f"image,caption\n{row}\n", encoding="utf-8")
    (fault,) = read_export(tmp_path, FlickrExport("flickr8k", "captions.txt"), ())
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("2", "captions.txt:2", Reason.MALFORMED)


def test_a_csv_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "captions.txt").write_bytes(b"image,caption\na.jpg,caf\xe9\n")
    with pytest.raises(LabelFormatError, match="expected UTF-8 text"):
        read_export(tmp_path, FlickrExport("flickr8k", "captions.txt"), ())


def test_three_experts_score_a_picture_and_a_caption(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "a.jpg\tb.jpg#0\t1\t1\t2\n", "")
    assert [(one.native_id, one.label, one.annotator) for one in found if isinstance(one, Label)] == [
        ("expert.txt:1/1", "1", "expert 1"),
        ("expert.txt:1/2", "1", "expert 2"),
        ("expert.txt:1/3", "2", "expert 3"),
    ]
    assert {
        (one.media, one.task, one.question, *(one.refers_to or ())) for one in found if isinstance(one, Label)
    } == {("a.jpg", "classification", "Does it describe the picture? A cat .", "b.jpg#0")}


def test_the_crowd_says_yes_or_no_by_most_of_its_votes(tmp_path: Path) -> None:
    crowd = "a.jpg\ta.jpg#0\t0.75\t3\t1\na.jpg\tb.jpg#0\t0.5\t2\t2\na.jpg\tgone.jpg#0\t0\t0\t3\n"
    found = [one for one in outcomes(tmp_path, "", crowd) if isinstance(one, Label)]
    assert [(one.label, one.confidence, one.attributes, one.refers_to) for one in found] == [
        ("yes", 0.75, {"yes": "3", "no": "1"}, ["a.jpg#0"]),
        ("no", 0.5, {"yes": "2", "no": "2"}, ["b.jpg#0"]),
        ("no", 1.0, {"yes": "0", "no": "3"}, None),
    ]
    assert found[2].question == "Does it describe the picture? gone.jpg#0"


@pytest.mark.parametrize(
    ("expert", "crowd"),
    [
        ("a.jpg\ta.jpg#0\t1\t1\n", ""),
        ("a.jpg\ta.jpg#0\t1\t1\t5\n", ""),
        ("a.jpg\ta.jpg\t1\t1\t1\n", ""),
        ("\ta.jpg#0\t1\t1\t1\n", ""),
        ("", "a.jpg\ta.jpg#0\t0\t0\t0\n"),
        ("", "a.jpg\ta.jpg#0\t0\t-1\tx\n"),
        ("", "a.jpg\ta.jpg#0\t0\t\N{SUPERSCRIPT TWO}\t1\n"),
    ],
)
def test_a_judgement_that_is_none_is_a_fault(tmp_path: Path, expert: str, crowd: str) -> None:
    (fault,) = outcomes(tmp_path, expert, crowd)
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.MALFORMED
    assert fault.origin in ("expert.txt:1", "crowd.txt:1")
