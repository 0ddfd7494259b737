from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import DialogueExport
from tasks.core.rejects import Reason
from tests.label_formats.examples.dialogue import HEADER
from tests.label_formats.exports import read_export

SHORT = "Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID"
MENDED = "He\u2019s \u201chere\u201d"
ROW = '1,Why?,Mark,surprise,negative,0,1,3,19,"00:14:38,127","00:14:40,378"'


def outcomes(folder: Path, *lines: str, saved_in: str = "utf-8", **options: Any) -> list[Label | LabelFault]:
    (folder / "meld.csv").write_text("\n".join(lines), encoding=saved_in)
    return read_export(folder, DialogueExport("dialogue", "meld.csv", **options), ())


def only_fault(found: list[Label | LabelFault]) -> LabelFault:
    (fault,) = found
    assert isinstance(fault, LabelFault)
    return fault


def test_an_utterance_is_a_transcript_an_emotion_and_a_sentiment_about_its_clip(tmp_path: Path) -> None:
    found = outcomes(tmp_path, HEADER, ROW)
    assert [
        (one.native_id, one.task, one.label, one.text, one.question)
        for one in found
        if isinstance(one, Label)
    ] == [
        ("0/1/transcript", "transcript", None, "Why?", None),
        ("0/1/emotion", "classification", "surprise", None, "emotion"),
        ("0/1/sentiment", "sentiment", "negative", None, None),
    ]
    assert {(one.media, one.start_ns) for one in found if isinstance(one, Label)} == {("dia0_utt1.mp4", None)}


def test_the_times_are_the_episodes_where_the_media_are(tmp_path: Path) -> None:
    found = outcomes(tmp_path, HEADER, ROW, timed=True, media="s{season}e{episode}.mkv")
    assert {(one.media, one.start_ns, one.end_ns) for one in found if isinstance(one, Label)} == {
        ("s3e19.mkv", 878_127_000_000, 880_378_000_000)
    }
    assert "episode_start" not in (found[0].attributes or {} if isinstance(found[0], Label) else {})


def test_a_file_without_the_columns_of_the_episode_is_read_all_the_same(tmp_path: Path) -> None:
    (label, *_) = outcomes(tmp_path, SHORT, "Hi,Joey,joy,positive,7,2")
    assert isinstance(label, Label)
    assert label.attributes == {"dialogue": "7", "utterance": "2", "speaker": "Joey"}


def test_other_columns_may_be_named_and_left_out(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "text": "words",
        "dialogue": "d",
        "utterance": "u",
        "emotion": None,
        "sentiment": None,
    }
    (label,) = outcomes(
        tmp_path, "d,u,words", "s1,2,Hi", **options, speaker=None, media="{dialogue}-{utterance}.wav"
    )
    assert isinstance(label, Label)
    assert (label.task, label.text, label.media) == ("transcript", "Hi", "s1-2.wav")


@pytest.mark.parametrize(
    ("written", "saved_in", "options"),
    [
        ("He\x92s \x93here\x94", "utf-8", {}),
        (
            MENDED,
            "utf-8-sig",
            {},
        ),
        (
            MENDED,
            "cp1252",
            {"encoding": "windows-1252"},
        ),
    ],
)
def test_text_of_windows_is_put_right_by_rule(
    tmp_path: Path, written: str, saved_in: str, options: dict[str, Any]
) -> None:
    (label, *_) = outcomes(tmp_path, SHORT, f"{written},J,joy,positive,7,2", saved_in=saved_in, **options)
    assert isinstance(label, Label)
    assert label.text == MENDED


@pytest.mark.parametrize("written", ["He\x81s", "He\ufffds"])
def test_a_character_that_is_lost_is_a_fault(tmp_path: Path, written: str) -> None:
    fault = only_fault(outcomes(tmp_path, SHORT, f"{written},J,joy,positive,7,2"))
    assert (fault.native_id, fault.origin, fault.reason) == ("2", "meld.csv:2", Reason.WRONG_ENCODING)


@pytest.mark.parametrize(
    "row", ["Hi,J,joy,positive,7", "Hi,J,joy,positive,,2", " ,J,,,7,2", '"Hi" x,J,joy,positive,7,2']
)
def test_a_row_that_is_no_utterance_is_a_fault(tmp_path: Path, row: str) -> None:
    assert only_fault(outcomes(tmp_path, SHORT, row)).reason is Reason.MALFORMED


def test_a_time_that_is_none_is_a_fault_only_where_times_are_meant(tmp_path: Path) -> None:
    row = ROW.replace("00:14:40,378", "soon")
    assert len(outcomes(tmp_path, HEADER, row)) == 3
    assert only_fault(outcomes(tmp_path, HEADER, row, timed=True)).reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("header", "options", "detail"),
    [
        (SHORT.replace("Emotion", "Emotions"), {}, "no column 'Emotion'.*Did you mean 'Emotions'"),
        (SHORT, {"timed": True}, "no column 'StartTime'"),
        (SHORT, {"media": "s{season}.mp4"}, "no column 'Season'"),
        (SHORT, {"media": "s{season}.mp4", "season": None}, r"the columns of \['season'\] are needed"),
        ("", {}, "no column 'Dialogue_ID'"),
    ],
)
def test_a_file_without_the_columns_that_are_needed_is_an_error(
    tmp_path: Path, header: str, options: dict[str, Any], detail: str
) -> None:
    with pytest.raises(LabelFormatError, match=detail):
        outcomes(tmp_path, header, "Hi,J,joy,positive,7,2", **options)


def test_a_file_in_another_encoding_is_an_error_that_says_what_to_declare(tmp_path: Path) -> None:
    (tmp_path / "meld.csv").write_bytes(SHORT.encode() + b"\nHe\x92s,J,joy,positive,7,2\n")
    with pytest.raises(LabelFormatError, match="say `encoding: windows-1252`"):
        read_export(tmp_path, DialogueExport("dialogue", "meld.csv"), ())


@pytest.mark.parametrize(
    ("options", "detail"),
    [
        ({"media": "{speaker.__class__}.mp4"}, "expected .* in `media`"),
        ({"text": None, "emotion": None, "sentiment": None}, "expected the column of the text"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(options: dict[str, Any], detail: str) -> None:
    with pytest.raises(ValueError, match=detail):
        DialogueExport("dialogue", "meld.csv", **options)
