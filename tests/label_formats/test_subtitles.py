from pathlib import Path
from typing import Any

import pysubs2
import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import SubtitlesExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

SRT = """1
00:00:01,250 --> 00:00:02,500
<i>Hello</i>, {\\an8}you

over there

2
00:01:00,000 --> 01:00:00,001 X1:1 X2:2
- 5 < 6
- Yes

3
00:00:04,000 --> 00:00:05,000

"""
WEBVTT = """WEBVTT - a talk

STYLE
::cue { color: red }

NOTE two
lines --> here

opening
00:01.250 --> 00:02.500 align:start
<v.loud Ann Lee>Hello &amp; <c.red>good</c> <00:00:01.500>morning

01:00:00.000 --> 01:00:00.001
Bye
"""


def read(folder: Path, name: str, text: str, **options: Any) -> list[Label | LabelFault]:
    (folder / name).write_text(text, encoding="utf-8")
    return read_export(folder, SubtitlesExport("subtitles", name, **options))


def test_srt_cues_become_labels_with_exact_times_and_clean_text(tmp_path: Path) -> None:
    (tmp_path / "t.srt").write_text(SRT, encoding="utf-8")
    *found, empty = read_export(tmp_path, SubtitlesExport("subtitles", "t.srt"))
    assert isinstance(empty, LabelFault)
    assert (empty.native_id, empty.reason) == ("3", Reason.NO_TEXT)
    told = [one for one in found if isinstance(one, Label)]
    assert [(one.native_id, one.origin, one.start_ns, one.end_ns, one.text) for one in told] == [
        ("1", "t.srt:2", 1_250_000_000, 2_500_000_000, "Hello, you\nover there"),
        ("2", "t.srt:8", 60_000_000_000, 3_600_001_000_000, "- 5 < 6\n- Yes"),
    ]


def test_webvtt_cues_have_optional_names_and_hours_and_voices(tmp_path: Path) -> None:
    (tmp_path / "t.vtt").write_text(WEBVTT, encoding="utf-8")
    found = labels_of(tmp_path, SubtitlesExport("subtitles", "t.vtt"))
    assert [(one.native_id, one.start_ns, one.end_ns, one.label, one.text) for one in found] == [
        ("1", 1_250_000_000, 2_500_000_000, "Ann Lee", "Hello & good morning"),
        ("2", 3_600_000_000_000, 3_600_001_000_000, None, "Bye"),
    ]
    assert [one.attributes for one in found] == [{"cue": "opening"}, None]


# As YouTube writes its automatic captions: a line grows word by word, and is shown again above the next.
ROLL_UP = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
_
hello<00:00:00.480><c> everyone</c><00:00:00.840><c> and</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
hello everyone and
_

00:00:02.399 --> 00:00:04.500 align:start position:0%
hello everyone and
no<00:00:02.600><c> no</c>

00:00:04.500 --> 00:00:04.510 align:start position:0%
no no
_

00:00:04.510 --> 00:00:06.000 align:start position:0%
no no
no no

00:00:09.000 --> 00:00:10.000 align:start position:0%
no no
""".replace("_", " ")
LINES = [
    (160_000_000, 2_389_000_000, "hello everyone and"),
    (2_399_000_000, 4_500_000_000, "no no"),
    (4_510_000_000, 6_000_000_000, "no no"),
    (9_000_000_000, 10_000_000_000, "no no"),
]
WORDS = [
    ("1/1", 160_000_000, 480_000_000, "hello"),
    ("1/2", 480_000_000, 840_000_000, "everyone"),
    ("1/3", 840_000_000, 2_389_000_000, "and"),
    ("3/1", 2_399_000_000, 2_600_000_000, "no"),
    ("3/2", 2_600_000_000, 4_500_000_000, "no"),
    ("5/1", 4_510_000_000, 6_000_000_000, "no no"),
    ("6/1", 9_000_000_000, 10_000_000_000, "no no"),
]


def labels(folder: Path, name: str, text: str, **options: Any) -> list[Label]:
    (folder / name).write_text(text, encoding="utf-8")
    return labels_of(folder, SubtitlesExport("subtitles", name, **options))


def test_a_roll_up_caption_is_each_line_once_with_the_time_it_was_new(tmp_path: Path) -> None:
    found = labels(tmp_path, "t.vtt", ROLL_UP)
    assert [(one.start_ns, one.end_ns, one.text) for one in found] == LINES


def test_a_roll_up_caption_may_be_each_word_with_its_own_time(tmp_path: Path) -> None:
    found = labels(tmp_path, "t.vtt", ROLL_UP, roll_up="words")
    assert [(one.native_id, one.start_ns, one.end_ns, one.text) for one in found] == WORDS


def test_a_roll_up_caption_may_be_kept_as_it_is(tmp_path: Path) -> None:
    found = labels(tmp_path, "t.vtt", ROLL_UP, roll_up="keep")
    assert [one.text for one in found][1:3] == ["hello everyone and", "hello everyone and\nno no"]


def test_srt_made_of_roll_up_captions_is_cleaned_where_the_entry_says_so(tmp_path: Path) -> None:
    srt = (
        "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:02,000 --> 00:00:02,010\na\n\n"
        "3\n00:00:02,010 --> 00:00:03,000\na\nb\n\n4\n00:00:03,101 --> 00:00:04,000\nb\n"
    )
    assert [one.text for one in labels(tmp_path, "t.srt", srt)] == ["a", "a", "a\nb", "b"]
    found = labels(tmp_path, "t.srt", srt, roll_up="lines")
    assert [(one.native_id, one.text) for one in found] == [("1", "a"), ("3", "b"), ("4", "b")]


def test_times_of_an_hls_stream_are_moved_as_its_map_says(tmp_path: Path) -> None:
    for header in ("MPEGTS:900001,LOCAL:00:00:01.000", "LOCAL:00:01.000,MPEGTS:900001"):
        text = f"WEBVTT\nX-TIMESTAMP-MAP={header}\n\n00:01.250 --> 00:02.500\na<00:02.000>b\n"
        (label,) = labels(tmp_path, "t.vtt", text)
        assert (label.start_ns, label.end_ns) == (10_250_011_111, 11_500_011_111)
        assert labels(tmp_path, "t.vtt", text, roll_up="words")[1].start_ns == 11_000_011_111


def test_a_broken_map_of_an_hls_stream_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelFormatError, match=r"t\.vtt:2: expected X-TIMESTAMP-MAP=MPEGTS"):
        read(tmp_path, "t.vtt", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:x\n\n00:01.250 --> 00:02.500\na\n")


def test_an_arrow_ends_the_webvtt_cue_before(tmp_path: Path) -> None:
    found = labels(tmp_path, "t.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\na\n00:02.000 --> 00:03.000\nb\n")
    assert [(one.native_id, one.text) for one in found] == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("t.srt", "1\n00:00:01,000 -> 00:00:02,000\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n", ["1"]),
        ("t.srt", "1\n00:00:01,000 -->\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n", ["1"]),
        ("t.srt", "text before\n\n1\n00:00:03,000 --> 00:00:04,000\nb\n", ["1"]),
        ("t.vtt", "WEBVTT\n\n00:01.000 --> soon\na\n\n00:03.000 --> 00:04.000\nb\n", ["1"]),
        ("t.vtt", "WEBVTT\n\nno times at all\n\n00:03.000 --> 00:04.000\nb\n", ["1"]),
    ],
)
def test_a_cue_without_readable_times_is_a_fault_and_the_next_is_read(
    tmp_path: Path, name: str, text: str, ids: list[str]
) -> None:
    fault, label = read(tmp_path, name, text)
    assert isinstance(fault, LabelFault)
    assert ([fault.native_id], fault.reason) == (ids, Reason.MALFORMED)
    assert isinstance(label, Label)
    assert (label.native_id, label.text, label.start_ns) == ("2", "b", 3_000_000_000)


def test_cues_that_no_blank_line_parts_are_told_apart(tmp_path: Path) -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:03,000 --> 00:00:04,000\nb\n"
    found = read(tmp_path, "t.srt", text)
    assert [label.text for label in found if isinstance(label, Label)] == ["a", "b"]


def test_doubled_line_ends_part_nothing_that_belongs_together(tmp_path: Path) -> None:
    found = read(tmp_path, "t.srt", SRT.replace("\n", "\r\r\n"))
    assert [label.text for label in found if isinstance(label, Label)] == [
        "Hello, you\nover there",
        "- 5 < 6\n- Yes",
    ]


def test_text_of_a_sentiment_is_the_label(tmp_path: Path) -> None:
    (label,) = read(tmp_path, "t.srt", SRT.split("\n\nover")[0], task="sentiment")
    assert isinstance(label, Label)
    assert (label.task, label.label, label.text) == ("sentiment", "Hello, you", None)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.vtt", SRT, "t.vtt:1: expected the first line WEBVTT"),
        ("t.srt", "just\n\nsome text\n", "no line has times and an arrow"),
    ],
)
def test_a_file_without_cues_is_an_error(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(LabelFormatError, match=message):
        read(tmp_path, name, text)


@pytest.mark.parametrize(("suffix", "kind"), [(".srt", "srt"), (".vtt", "vtt")])
def test_what_pysubs2_writes_is_read_back_whole(
    corpora: Path, tmp_path: Path, suffix: str, kind: str
) -> None:
    written = 0
    for source in sorted((corpora / "subs_ttml_ass").rglob("*.ass")):
        subtitles = pysubs2.load(str(source))
        subtitles.save(str(tmp_path / f"t{suffix}"), format_=kind)
        spoken = [event for event in subtitles if not event.is_comment and event.plaintext.strip()]
        found = labels_of(tmp_path, SubtitlesExport("subtitles", f"t{suffix}"))
        assert sorted((label.start_ns, label.end_ns) for label in found) == sorted(
            (event.start * 1_000_000, event.end * 1_000_000) for event in spoken
        )
        written += len(spoken)
    assert written > 0


def test_subtitles_of_another_encoding_are_read_where_the_entry_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.srt").write_bytes("1\n00:00:01,000 --> 00:00:02,000\ncafé\n".encode("cp1252"))
    with pytest.raises(LabelFormatError, match="say which one it has: `encoding: windows-1252`"):
        read_export(tmp_path, SubtitlesExport("subtitles", "t.srt"))
    (label,) = labels_of(tmp_path, SubtitlesExport("subtitles", "t.srt", encoding="windows-1252"))
    assert label.text == "café"


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-be"])
def test_text_in_utf_32_is_refused_by_its_name(tmp_path: Path, codec: str) -> None:
    mark = b"\0\0\xfe\xff" if codec == "utf-32-be" else b""
    (tmp_path / "t.srt").write_bytes(mark + "1\n00:00:01,000 --> 00:00:02,000\nhello\n".encode(codec))
    with pytest.raises(LabelFormatError, match="the text is UTF-32; convert the file to UTF-8"):
        read_export(tmp_path, SubtitlesExport("subtitles", "t.srt"))
