from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from praatio import textgrid as praat

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label
from tasks.core.label_entries import TimedExport
from tasks.core.times import seconds_to_ns
from tests.label_formats.exports import labels_of

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.3 ! "a comment" 5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.3
        intervals: size = 3
        intervals [1]:
            xmin = -0
            xmax = 0.1
            text = ""
        intervals [2]:
            xmin = 0.1
            xmax = 0.30000000000000004
            text = "say ""item [7]"" 3
twice"
        intervals [3]:
            xmin = 0.30000000000000004
            xmax = 2.3
            text = "  "
    item [2]:
        class = "TextTier"
        name = "claps"
        xmin = 0
        xmax = 2.3
        points: size = 2
        points [1]:
            number = 1.5
            mark = "clap"
        points [2]:
            number = 2
            mark = ""
"""
SHORT = (
    '"ooTextFile"\n"TextGrid"\n0\n2.3\n<exists>\n2\n"IntervalTier"\n"words"\n0\n2.3\n3\n-0\n0.1\n""\n'
    '0.1\n0.30000000000000004\n"say ""item [7]"" 3\ntwice"\n0.30000000000000004\n2.3\n"  "\n'
    '"TextTier"\n"claps"\n0\n2.3\n2\n1.5\n"clap"\n2\n""'
)


def labels(folder: Path, text: str, encoding: str = "utf-8", **options: Any) -> list[Label]:
    (folder / "talk.TextGrid").write_bytes(text.encode(encoding))
    return labels_of(folder, TimedExport("textgrid", "talk.TextGrid", **options))


@pytest.mark.parametrize("text", [LONG, SHORT, LONG.replace("\n", "\r\n")], ids=["long", "short", "crlf"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_both_forms_in_every_encoding_say_the_same(tmp_path: Path, text: str, encoding: str) -> None:
    found = labels(tmp_path, text, encoding, clock="camera", annotator="ann")
    assert [(one.native_id, one.task, one.label, one.text, one.start_ns, one.end_ns) for one in found] == [
        ("1/2", "transcript", "words", 'say "item [7]" 3\ntwice', 100_000_000, 300_000_000),
        ("2/1", "event", "claps", "clap", 1_500_000_000, 1_500_000_000),
        ("2/2", "event", "claps", None, 2_000_000_000, 2_000_000_000),
    ]
    assert {(one.media, one.clock, one.annotator) for one in found} == {("talk", "camera", "ann")}


def test_the_origin_is_the_line_of_the_times(tmp_path: Path) -> None:
    assert [label.origin for label in labels(tmp_path, LONG)] == [
        "talk.TextGrid:21",
        "talk.TextGrid:35",
        "talk.TextGrid:38",
    ]


def test_text_of_a_classification_is_the_label(tmp_path: Path) -> None:
    first, *_ = labels(tmp_path, SHORT, task="classification", item="other.wav")
    assert (first.label, first.text, first.media) == ('say "item [7]" 3\ntwice', None, "other.wav")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHORT[:60], "the file ends where the name of a tier is expected"),
        (SHORT.replace("\n3\n", "\n4\n", 1), r'talk\.TextGrid:22: expected a time, got "TextTier"'),
        (SHORT.replace("\n3\n", "\n3.5\n", 1), r"talk\.TextGrid:11: expected the number of entries"),
        (SHORT.replace("TextTier", "Tier"), 'expected "IntervalTier" or "TextTier", got "Tier"'),
        (SHORT.replace('"ooTextFile"', '"ooBinaryFile"'), "save it as a text file"),
        (SHORT.replace('"TextGrid"', '"Pitch"'), 'expected the object class "TextGrid"'),
        ("", "the file ends where the file type is expected"),
    ],
)
def test_a_broken_file_is_an_error_on_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LabelFormatError, match=message):
        labels(tmp_path, text)


def test_a_file_of_no_known_encoding_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelFormatError, match="expected UTF-8 or UTF-16 text, byte 1 is none"):
        labels(tmp_path, '"\u00e9"', "latin-1")


def test_a_folder_gives_the_labels_of_all_its_files(tmp_path: Path) -> None:
    for name in ("b/talk.TextGrid", "a.TextGrid", "notes.txt"):
        (tmp_path / "grids" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "grids" / name).write_text(SHORT, encoding="utf-8")
    found = labels_of(tmp_path, TimedExport("textgrid", "grids"))
    assert [(label.native_id, label.media) for label in found[::3]] == [
        ("a.TextGrid/1/2", "grids/a"),
        ("b/talk.TextGrid/1/2", "grids/b/talk"),
    ]


def test_real_files_are_read_as_praatio_reads_them(corpora: Path) -> None:
    root = corpora / "praat_textgrid"
    paths = sorted(root.rglob("*.TextGrid"))
    forms: Counter[str] = Counter()
    for path in paths:
        grid = praat.openTextgrid(str(path), includeEmptyIntervals=False, duplicateNamesMode="rename")
        expected = [
            (number, seconds_to_ns(entry[0]), seconds_to_ns(entry[-2]), entry[-1])
            for number, tier in enumerate(grid.tiers, 1)
            for entry in tier.entries
        ]
        found = [
            (int(label.native_id.split("/")[0]), label.start_ns, label.end_ns, label.text)
            for label in labels_of(root, TimedExport("textgrid", path.relative_to(root).as_posix()))
        ]
        assert found == expected, path.name
        payload = path.read_bytes()
        forms["utf-16" if payload.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"] += 1
        forms["long" if b"item []" in payload.replace(b"\0", b"") else "short"] += 1
    assert forms == {"utf-8": 21, "utf-16": 2, "long": 13, "short": 10}
