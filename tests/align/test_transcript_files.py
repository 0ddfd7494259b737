"""A text file beside timed words, from the files to the links: its sentences get the times of their words."""

import json
from pathlib import Path

from tasks.core.schemas import ALIGN_REJECTS, LABEL_REJECTS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.align.test_text_times import SLIDESHOW, cue_lines, found_spans, true_spans
from tests.conftest import Repository
from tests.media.making import photo, saved, sound

BATCH = """\
about: a talk, its text, and the words that a recogniser heard on a clock half a second behind
license: CC0-1.0
sources: [{kind: files, path: talk.wav}]
labels:
  - {format: transcript, path: talk.txt}
  - {format: ctm, path: words.ctm, item: talk.wav, task: event, clock: recogniser}
clocks: {recogniser: {offset: 500ms}}
align: {method: timestamp, reference: transcript, pool: {event: {kinds: [concat]}}}
texts: [{transcript: transcript, cues: event}]
"""
# The recogniser missed "a", heard "uh" for "Lee" and "boy" for "bye"; nobody said the line about the zebra.
TEXT = b"\xef\xbb\xbfGood day,\nMr. Lee. Once upon\na time. A zebra, quite alone!\n\ncaf\xe9\n\nGood bye.\n"
WORDS = b"""\
t 1 0.0 0.10 good
t 1 0.1 0.10 day
t 1 0.2 0.05 mister
t 1 0.3 0.05 uh
t 1 0.4 0.05 once
t 1 0.45 0.05 upon
t 1 0.5 0.10 time
t 1 0.7 0.10 good
t 1 0.8 0.10 boy
"""
MS = 1_000_000


def delivered(repository: Repository, text: bytes = TEXT, batch: str = BATCH) -> Path:
    files = {"talk.wav": sound("WAV"), "talk.txt": text, "words.ctm": WORDS}
    repository.add_batch("talk", batch, files)
    repository.run("collect", "label", "encode", "align")
    return repository.data / "aligned/talk"


def test_the_sentences_of_a_file_are_samples_with_the_times_of_their_words(repository: Repository) -> None:
    folder = delivered(repository)
    links = read_table(LINKS, folder).to_pylist()
    spans = {
        row["sample_id"]: (row["start_ns"] // MS, row["end_ns"] // MS)
        for row in links
        if row["role"] == "transcript"
    }
    assert spans == {
        "talk/talk.txt:1": (500, 850),
        "talk/talk.txt:2": (900, 1100),
        "talk/talk.txt:7": (1200, 1400),
    }
    assert {row["method"] for row in links if row["role"] == "transcript"} == {"text"}
    labels = read_table(LABELS, repository.data / "labels/talk").to_pylist()
    assert {row["label_id"]: row["origin"] for row in labels if row["format"] == "transcript"} == {
        "talk/talk.txt:1": "talk.txt:1",
        "talk/talk.txt:2": "talk.txt:2",
        "talk/talk.txt:3": "talk.txt:3",
        "talk/talk.txt:7": "talk.txt:7",
    }


def test_what_nobody_said_and_what_is_no_text_are_rejects_with_their_reasons(repository: Repository) -> None:
    folder = delivered(repository)
    lost = {row["row_id"]: row for row in read_table(ALIGN_REJECTS, folder).to_pylist()}
    zebra = lost["talk/talk.txt:3"]
    assert zebra["reason"] == "text_not_found"
    (broken,) = read_table(LABEL_REJECTS, repository.data / "labels/talk").to_pylist()
    assert (broken["row_id"], broken["reason"]) == ("talk/talk.txt:5", "wrong_encoding")
    (facts,) = json.loads((folder / "coverage.json").read_text())["texts"]
    assert (facts["sentences"], facts["timed"], facts["cue_members"]) == (4, 3, 9)


def test_a_sentence_of_which_too_little_was_said_names_the_nearest_cue(repository: Repository) -> None:
    folder = delivered(repository, b"Good day.\nOnce there was a terrible crocodile.\n")
    (lost,) = [row for row in read_table(ALIGN_REJECTS, folder).to_pylist() if row["role"] == "transcript"]
    assert (lost["row_id"], lost["candidate"]) == ("talk/talk.txt:2", "talk/words.ctm:5")
    assert lost["candidate_similarity"] == 4 / 30
    assert lost["detail"] == (
        "the nearest 'event', talk/words.ctm:5 ('once'), has 0.133 of it, and 0.5 is needed"
    )


def test_the_text_is_about_the_recording_of_several_media_of_one_name(repository: Repository) -> None:
    batch = BATCH.replace("path: talk.wav", "path: .")
    files = {"talk.wav": sound("WAV"), "talk.jpg": saved(photo(), "JPEG")}
    repository.add_batch("talk", batch, {**files, "talk.txt": b"Good day.", "words.ctm": WORDS})
    repository.run("collect", "label")
    labels = read_table(LABELS, repository.data / "labels/talk").to_pylist()
    (item,) = {row["item_id"] for row in labels if row["format"] == "transcript"}
    assert item == "talk/talk.wav"


def test_the_slide_show_gets_its_times_back_from_a_text_that_breaks_anywhere(repository: Repository) -> None:
    lines = cue_lines()
    text = " ".join(lines).replace(" the ", "\nthe ").replace("harbour.", "harbour.\n\n")
    batch = (SLIDESHOW / "batch.yaml").read_text(encoding="utf-8")
    entry = "labels:\n  - {format: transcript, path: talk.txt, item: recorder.flac, task: caption}\n"
    batch = batch.replace("labels:\n", entry).replace("reference: transcript", "reference: caption")
    files = {
        path.relative_to(SLIDESHOW).as_posix(): path.read_bytes()
        for path in sorted(SLIDESHOW.rglob("*"))
        if path.is_file() and path.name != "batch.yaml"
    }
    batch += "texts: [{transcript: caption, cues: transcript}]\n"
    repository.add_batch("show", batch, {**files, "talk.txt": text.encode()})
    repository.run("collect", "label", "encode", "align")
    aligned = repository.data / "aligned/show"
    assert len(lines) == 20
    assert found_spans(aligned) == true_spans(repository, aligned)


FABLE = """\
about: a fable that is read aloud, the book's own text of it, and what ELAN says of the recording
license: CC0-1.0
sources: [{{kind: files, path: "{folder}/fables_01_03_aesop_64kb.ogg"}}]
labels:
  - {{format: transcript, path: "{folder}/fables_01_03_aesop_64kb.txt", split: lines, task: caption}}
  - {{format: elan, path: "{folder}/fables_01_03_aesop_64kb.eaf"}}
align: {{method: timestamp, reference: caption}}
texts: [{{transcript: caption, cues: transcript, cue_label: StoryChunk}}]
"""


def test_the_lines_of_a_books_text_have_the_times_that_a_person_gave_them(
    repository: Repository, corpora: Path
) -> None:
    repository.add_batch("fable", FABLE.format(folder=corpora / "elan_fable" / "test_data"))
    repository.run("collect", "label", "encode", "align")
    aligned = repository.data / "aligned/fable"
    links = read_table(LINKS, aligned).to_pylist()
    # ELAN's own tier of whole sentences, which was not looked at, is the truth.
    story = tuple(f":a{number}" for number in range(7, 16))
    true = sorted({(row["start_ns"], row["end_ns"]) for row in links if row["member_id"].endswith(story)})
    assert found_spans(aligned) == true
