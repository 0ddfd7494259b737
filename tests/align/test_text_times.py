"""Transcripts without times, on made members and in whole batches of real recordings."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa

from tasks.align.by_time.aligning import align_by_time
from tasks.align.members import to_members
from tasks.align.result import Aligned
from tasks.align.texts.times import TimedTexts, mark_texts, texts_of, time_texts
from tasks.core.align_entry import Align
from tasks.core.batch_file import Text
from tasks.core.schemas import ALIGN_REJECTS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.align.tables import items, labels
from tests.conftest import PROJECT, Repository

LINES = (Text("caption", "transcript"),)


def line(name: str, text: str, item: str = "sound", **more: object) -> dict[str, object]:
    return {"label_id": name, "item_id": item, "task": "caption", "text": text, **more}


def cue(name: str, text: str, start_ns: int, item: str = "sound", **more: object) -> dict[str, object]:
    told = {"label_id": name, "item_id": item, "task": "transcript", "text": text, **more}
    return {**told, "start_ns": start_ns, "end_ns": start_ns + 10, "clock": "reference"}


def timed(
    *told: dict[str, object], about: pa.Table | None = None, texts: tuple[Text, ...] = LINES
) -> TimedTexts:
    media = about or items({"item_id": "sound"}, {"item_id": "other"})
    said = labels(*told)
    return time_texts(to_members(media, said), texts_of(media, said), texts)


def spans(found: TimedTexts) -> dict[str, tuple[int, int]]:
    rows = found.found.to_pylist()
    return {row["member_id"]: (row["start_ns"], row["end_ns"]) for row in rows}


def test_lines_are_read_in_the_order_of_their_numbers() -> None:
    found = timed(
        line("t:10", "and down"),
        line("t:2", "up"),
        line("t:1", "go"),
        cue("c1", "go up", 0),
        cue("c2", "and down", 50),
    )
    assert spans(found) == {"t:1": (0, 5), "t:2": (5, 10), "t:10": (50, 60)}
    assert found.left_out.num_rows == 0


def test_lines_are_looked_for_in_the_cues_about_their_own_item() -> None:
    found = timed(
        line("a:1", "good day"),
        line("b:1", "good day", item="other"),
        cue("c1", "good day", 100),
        cue("c2", "good day", 300, item="other"),
    )
    assert spans(found) == {"a:1": (100, 110), "b:1": (300, 310)}


def test_a_text_of_its_own_is_looked_for_in_its_session() -> None:
    media = items(
        {"item_id": "sound", "session": "one"},
        {"item_id": "n1", "modality": "text", "text": "good day", "session": "one"},
        {"item_id": "n2", "modality": "text", "text": "good day", "session": "two"},
    )
    found = timed(cue("c1", "Good day!", 100), about=media, texts=(Text("text", "transcript"),))
    assert spans(found) == {"n1": (100, 110)}
    (left_out,) = found.left_out.to_pylist()
    assert (left_out["member_id"], left_out["reason"]) == ("n2", "text_not_found")
    assert "no 'transcript' with a time" in left_out["detail"]


def test_a_line_and_its_cues_may_have_one_task_and_a_time_that_is_there_stays() -> None:
    found = timed(
        cue("c1", "good day", 0),
        {**cue("t:1", "good day", 0), "start_ns": None, "end_ns": None},
        texts=(Text("transcript", "transcript"),),
    )
    assert spans(found) == {"t:1": (0, 10)}
    assert [row["start_ns"] for row in found.members.to_pylist() if row["member_id"] == "c1"] == [0]


def test_a_line_that_is_not_found_is_left_out_with_the_nearest_cue() -> None:
    found = timed(
        line("t:1", "good day"),
        line("t:2", "zebra quartz day"),
        line("t:3", "!"),
        cue("c1", "good day", 0),
        cue("c2", "to all", 50),
    )
    assert {row["member_id"]: row["detail"] for row in found.left_out.to_pylist()} == {
        "t:2": "the nearest 'transcript', c1 ('good day'), has 0.214 of it, and 0.5 is needed",
        "t:3": "it has no word that could be looked for: no candidate",
    }
    assert {row["member_id"]: row["candidate"] for row in found.left_out.to_pylist()} == {
        "t:2": "c1",
        "t:3": None,
    }
    assert found.facts == [
        {
            "transcript": "caption",
            "cues": "transcript",
            "cue_label": None,
            "sentences": 3,
            "timed": 1,
            "cue_members": 2,
            "cues_unheard": 1,
            "unheard": ["c2"],
        }
    ]


def test_cues_of_no_such_role_are_told_with_the_nearest_word() -> None:
    found = timed(line("t:1", "good day"), cue("c1", "good day", 0), texts=(Text("caption", "transcipt"),))
    assert "Did you mean 'transcript'?" in found.left_out["detail"][0].as_py()


def test_only_the_cues_of_a_tier_are_looked_at_where_one_is_named() -> None:
    found = timed(
        line("t:1", "good day"),
        cue("c1", "good day", 0, label="phones"),
        cue("c2", "good day", 50, label="words"),
        texts=(Text("caption", "transcript", cue_label="words"),),
    )
    assert spans(found) == {"t:1": (50, 60)}


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [line("t:1", "good"), line("t:2", "day to"), cue("c1", "good day", 0), cue("c2", "to all", 0)]
    assert timed(*rows).found.equals(timed(*reversed(rows)).found)


def test_a_link_says_that_its_time_is_that_of_its_words() -> None:
    found = timed(line("t:1", "good day"), cue("c1", "good day", 0))
    aligned: Aligned = mark_texts(align_by_time(found.members, Align("timestamp", "caption"), "b"), found)
    rows = {
        row["role"]: (row["method"], row["similarity"], row["overlap"]) for row in aligned.links.to_pylist()
    }
    assert rows == {"caption": ("text", 1.0, None), "transcript": ("overlap", None, 1.0)}


# Whole batches: the times are taken away from lines that have them, and found again.

SLIDESHOW = PROJECT / "data/batches/2026-03-04-slideshow"
TEXTS = "texts: [{transcript: caption, cues: transcript}]\n"


def untimed(lines: list[str], media: str) -> bytes:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\n").writerows([("media", "line"), *((media, text) for text in lines)])
    return sink.getvalue().encode()


def deliver_slideshow(repository: Repository, lines: list[str]) -> Path:
    """The slide show with the lines of its transcript once more, without times, as samples."""
    source = SLIDESHOW
    batch = (source / "batch.yaml").read_text(encoding="utf-8")
    entry = "labels:\n  - {format: table, path: lines.csv, item: media, text: line, task: caption}\n"
    batch = batch.replace("labels:\n", entry).replace("reference: transcript", "reference: caption")
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.name != "batch.yaml"
    }
    files["lines.csv"] = untimed(lines, "recorder.flac")
    repository.add_batch("show", batch + TEXTS, files)
    repository.run("collect", "label", "encode", "align")
    return repository.data / "aligned/show"


def cue_lines() -> list[str]:
    blocks = (SLIDESHOW / "transcript.vtt").read_text(encoding="utf-8").split("\n\n")
    return [" ".join(block.splitlines()[2:]) for block in blocks if " --> " in block]


def true_spans(repository: Repository, aligned: Path) -> list[tuple[int, int]]:
    """The spans of the timed transcript on the reference clock, in order."""
    rows = read_table(LABELS, repository.data / "labels/show").to_pylist()
    own = {row["label_id"] for row in rows if row["task"] == "transcript"}
    links = read_table(LINKS, aligned).to_pylist()
    return sorted({(row["start_ns"], row["end_ns"]) for row in links if row["member_id"] in own})


def found_spans(aligned: Path) -> list[tuple[int, int]]:
    links = [row for row in read_table(LINKS, aligned).to_pylist() if row["role"] == "caption"]
    assert {row["method"] for row in links} == {"text"}
    return sorted((row["start_ns"], row["end_ns"]) for row in links)


def test_the_slide_show_gets_its_times_back(repository: Repository) -> None:
    lines = cue_lines()
    aligned = deliver_slideshow(repository, lines)
    assert found_spans(aligned) == true_spans(repository, aligned)
    coverage = json.loads((aligned / "coverage.json").read_text())
    assert (coverage["texts"][0]["timed"], coverage["texts"][0]["cues_unheard"]) == (len(lines), 0)
    assert coverage["roles"]["caption"]["similarity"]["least"] == 1.0
    assert "caption" not in read_table(ALIGN_REJECTS, aligned)["role"].to_pylist()


FABLE = """\
about: a fable that is read aloud, its text, and what ELAN says of the recording
license: CC0-1.0
sources: [{kind: files, path: media}]
labels:
  - {format: table, path: lines.csv, item: media, text: line, task: caption}
  - {format: elan, path: said.eaf}
align: {method: timestamp, reference: caption}
texts: [{transcript: caption, cues: transcript, cue_label: StoryChunk}]
"""


def test_the_lines_of_a_fable_are_found_in_the_chunks_that_were_annotated(
    repository: Repository, corpora: Path
) -> None:
    folder = corpora / "elan_fable" / "test_data"
    text = (folder / "fables_01_03_aesop_64kb.txt").read_text(encoding="utf-8")
    lines = [one for one in text.splitlines() if one.strip()]
    files = {
        "media/fables_01_03_aesop_64kb.ogg": (folder / "fables_01_03_aesop_64kb.ogg").read_bytes(),
        "said.eaf": (folder / "fables_01_03_aesop_64kb.eaf").read_bytes(),
        "lines.csv": untimed(lines, "fables_01_03_aesop_64kb.ogg"),
    }
    repository.add_batch("fable", FABLE, files)
    repository.run("collect", "label", "encode", "align")
    aligned = repository.data / "aligned/fable"
    links = read_table(LINKS, aligned).to_pylist()
    # ELAN's own tier of whole sentences, which was not looked at, is the truth.
    story = {f"fable/said.eaf:a{number}" for number in range(7, 16)}
    true = sorted({(row["start_ns"], row["end_ns"]) for row in links if row["member_id"] in story})
    assert found_spans(aligned) == true
    (facts,) = json.loads((aligned / "coverage.json").read_text())["texts"]
    # The announcement before and after the fable is not in its text.
    assert (facts["sentences"], facts["timed"], facts["cue_members"], facts["cues_unheard"]) == (9, 9, 28, 8)
