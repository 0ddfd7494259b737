from pathlib import Path
from typing import Any

import pysubs2
import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TtmlExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

TT = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'
    ' xmlns:ttm="http://www.w3.org/ns/ttml#metadata"'
)
NTSC = 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"'


def read(folder: Path, body: str, parameters: str = "", **options: Any) -> list[Label | LabelFault]:
    (folder / "t.ttml").write_text(f"{TT} {parameters}>{body}</tt>", encoding="utf-8")
    return read_export(folder, TtmlExport("ttml", "t.ttml", **options))


def spans(outcomes: list[Label | LabelFault]) -> list[tuple[int | None, int | None, str | None]]:
    return [(one.start_ns, one.end_ns, one.text) for one in outcomes if isinstance(one, Label)]


@pytest.mark.parametrize(
    ("written", "parameters", "expected_ns"),
    [
        ("00:00:01.5", "", 1_500_000_000),
        ("100:00:00", "", 360_000_000_000_000),
        ("0.5h", "", 1_800_000_000_000),
        ("1.5m", "", 90_000_000_000),
        ("2.25s", "", 2_250_000_000),
        ("1500ms", "", 1_500_000_000),
        ("15f", "", 500_000_000),
        ("00:00:01:12", 'ttp:frameRate="25"', 1_480_000_000),
        ("00:00:01:12.3", 'ttp:frameRate="25" ttp:subFrameRate="4"', 1_510_000_000),
        ("30f", NTSC, 1_001_000_000),
        ("00:00:01:01", NTSC, 1_033_366_667),
        ("1f", 'ttp:frameRate="24" ttp:frameRateMultiplier="1000:1001"', 41_708_333),
        ("7t", "", 7_000_000_000),
        ("10000000t", 'ttp:tickRate="10000000"', 1_000_000_000),
        ("50t", 'ttp:frameRate="25" ttp:subFrameRate="2"', 1_000_000_000),
        ("00:01:00:00", 'ttp:timeBase="smpte" ' + NTSC, 60_060_000_000),
        ("00:01:00:02", 'ttp:timeBase="smpte" ttp:dropMode="dropNTSC" ' + NTSC, 60_060_000_000),
        ("01:00:00:00", 'ttp:timeBase="smpte" ttp:dropMode="dropNTSC" ' + NTSC, 3_599_996_400_000),
    ],
)
def test_every_form_of_a_time_is_exact(
    tmp_path: Path, written: str, parameters: str, expected_ns: int
) -> None:
    found = read(tmp_path, f'<body><p begin="{written}" dur="1s">a</p></body>', parameters)
    assert spans(found) == [(expected_ns, expected_ns + 1_000_000_000, "a")]


@pytest.mark.parametrize(
    ("body", "expected_s"),
    [
        ('<body begin="10s"><div begin="1s"><p begin="2s" end="3s">a</p></div></body>', [(13, 14)]),
        (
            '<body><div dur="5s"><p begin="2s">a</p><p begin="3s" end="9s">b</p></div></body>',
            [(2, 5), (3, 5)],
        ),
        ('<body><p begin="1s" dur="5s" end="4s">a</p></body>', [(1, 4)]),
        (
            '<body><div timeContainer="seq"><p dur="2s">a</p><p begin="1s" dur="2s">b</p>'
            '<p end="4s">c</p></div></body>',
            [(0, 2), (3, 5), (5, 9)],
        ),
        (
            '<body timeContainer="seq"><div><p end="2s">a</p><p end="3s">b</p></div><p dur="1s">c</p></body>',
            [(0, 2), (0, 3), (3, 4)],
        ),
        (
            '<body><p><span begin="1s" end="2s">a</span> <span begin="3s" end="4s">b</span></p></body>',
            [(1, 4)],
        ),
    ],
)
def test_times_are_nested_in_parallel_and_in_sequence(
    tmp_path: Path, body: str, expected_s: list[tuple[int, int]]
) -> None:
    found = [(start, end) for start, end, _ in spans(read(tmp_path, body))]
    assert found == [(start * 1_000_000_000, end * 1_000_000_000) for start, end in expected_s]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (" one\n  two<br/> three ", "one two\nthree"),
        ("<span>a</span> <span>b<metadata>no</metadata></span>c", "a bc"),
        ('<span xml:space="preserve">a  b</span>', "a b"),
        ("a &amp; b<!-- no --> c", "a & b c"),
        ("<ttm:desc>nobody says this</ttm:desc>said", "said"),
    ],
)
def test_text_is_what_is_shown(tmp_path: Path, written: str, text: str) -> None:
    assert spans(read(tmp_path, f'<body><p end="1s">{written}</p></body>')) == [(0, 1_000_000_000, text)]


def test_white_space_may_be_kept(tmp_path: Path) -> None:
    found = read(tmp_path, '<body xml:space="preserve"><p end="1s">a  b\n c</p></body>')
    assert spans(found) == [(0, 1_000_000_000, "a  b\n c")]


def test_speakers_regions_and_ids_are_kept(tmp_path: Path) -> None:
    head = (
        '<head><metadata><ttm:agent xml:id="v1"><ttm:name>Ann\n Lee</ttm:name></ttm:agent></metadata></head>'
    )
    first = '<p end="1s" ttm:agent="v1" region="top" xml:id="x">a</p>'
    body = f'<body>{first}<p end="1s" ttm:agent="v2">b</p></body>'
    found = [one for one in read(tmp_path, head + body) if isinstance(one, Label)]
    assert [(one.label, one.attributes) for one in found] == [
        ("Ann Lee", {"region": "top", "id": "x"}),
        ("v2", None),
    ]


def test_timed_words_are_labels_that_refer_to_their_line_where_the_entry_says_so(tmp_path: Path) -> None:
    body = '<body><p begin="1s" end="3s"><span end="1s">a</span> <span begin="1s">b</span></p></body>'
    assert spans(read(tmp_path, body)) == [(1_000_000_000, 3_000_000_000, "a b")]
    found = read(tmp_path, body, words=True)
    assert spans(found)[1:] == [(1_000_000_000, 2_000_000_000, "a"), (2_000_000_000, 3_000_000_000, "b")]
    assert [(one.native_id, one.refers_to) for one in found if isinstance(one, Label)] == [
        ("1", None),
        ("1/1", ["1"]),
        ("1/2", ["1"]),
    ]


def test_what_has_no_readable_time_is_a_fault_and_the_next_is_read(tmp_path: Path) -> None:
    body = (
        '<body><p begin="1s">a</p><p begin="soon" end="2s">b</p><p begin="00:00:01:30" end="2s">c</p>'
        '<p end="2s"><span begin="x">d</span></p><div begin="?"><p end="1s">e</p></div>'
        '<div timeContainer="seq"><p>f</p><p dur="1s">g</p></div><p/><p end="1s">h</p></body>'
    )
    outcomes = read(tmp_path, body)
    assert [(one.native_id, one.reason) for one in outcomes if isinstance(one, LabelFault)] == [
        ("1", Reason.NO_TIME),
        ("2", Reason.MALFORMED),
        ("3", Reason.MALFORMED),
        ("4", Reason.MALFORMED),
        ("5", Reason.MALFORMED),
        ("6", Reason.NO_TIME),
        ("7", Reason.MALFORMED),
    ]
    assert [one.native_id for one in outcomes if isinstance(one, Label)] == ["9"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ('ttp:timeBase="clock"', "expected times in the media, got a wall clock"),
        ('ttp:timeBase="smpte" ttp:markerMode="discontinuous"', "discontinuous time codes"),
        ('ttp:frameRate="0"', "expected a whole number as frameRate, got '0'"),
        ('ttp:frameRateMultiplier="1 0"', "expected two whole numbers as frameRateMultiplier"),
    ],
)
def test_times_that_are_none_of_the_media_are_refused(tmp_path: Path, parameters: str, message: str) -> None:
    with pytest.raises(LabelFormatError, match=message):
        read(tmp_path, "<body/>", parameters)


def test_every_namespace_of_ttml_is_read_and_no_other(tmp_path: Path) -> None:
    for namespace in ("http://www.w3.org/2006/10/ttaf1", "http://www.w3.org/2006/04/ttaf1"):
        text = f'<tt xmlns="{namespace}"><body><div><p end="1s">a</p></div></body></tt>'
        (tmp_path / "t.dfxp").write_text(text, encoding="utf-8")
        assert spans(read_export(tmp_path, TtmlExport("ttml", "t.dfxp"))) == [(0, 1_000_000_000, "a")]
    (tmp_path / "t.dfxp").write_text("<tt><body/></tt>", encoding="utf-8")
    with pytest.raises(LabelFormatError, match="expected the namespace of TTML"):
        read_export(tmp_path, TtmlExport("ttml", "t.dfxp"))


@pytest.mark.parametrize(("name", "lines"), [("ttml_example", 11), ("ttml_example2", 10)])
def test_real_documents_are_read_as_pysubs2_reads_them(corpora: Path, name: str, lines: int) -> None:
    folder = corpora / "subs_ttml_ass" / "tests" / "data"
    found = labels_of(folder, TtmlExport("ttml", f"{name}.ttml"))
    assert len(found) == lines
    assert [(one.start_ns, one.end_ns, one.text) for one in found] == [
        (event.start * 1_000_000, event.end * 1_000_000, event.plaintext.strip())
        for event in pysubs2.load(str(folder / f"{name}.ttml"))
    ]


def test_lyrics_of_apple_count_from_the_start(corpora: Path) -> None:
    folder = corpora / "subs_ttml_ass" / "tests" / "data"
    lines = labels_of(folder, TtmlExport("ttml", "ttml_example_apple.ttml"))
    peer = pysubs2.load(str(folder / "ttml_example_apple.ttml"), ignore_par_time_offset=True)
    assert [(one.start_ns, one.end_ns) for one in lines] == [
        (event.start * 1_000_000, event.end * 1_000_000) for event in peer
    ]
    assert (lines[0].text, lines[0].label, lines[0].start_ns) == (
        "When you were here be fore",
        "Radiohead",
        19_764_000_000,
    )
    words = labels_of(folder, TtmlExport("ttml", "ttml_example_apple.ttml", words=True))
    text = (folder / "ttml_example_apple.ttml").read_text(encoding="utf-8")
    assert len(words) == len(lines) + text.count("<span begin")
