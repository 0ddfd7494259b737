"""Pooling of what has no time of its own: it is pooled where its words were heard."""

import json
from pathlib import Path

import numpy as np

from tasks.core.pooled import PooledFile
from tests.conftest import Repository
from tests.media.making import sound

BATCH = """\
about: a talk, its text, and the words that a recogniser heard on a clock half a second behind
license: CC0-1.0
sources:
  - {kind: files, path: talk.wav}
  - {kind: table, path: notes.csv, text: note, id: id, role: note}
labels:
  - {format: transcript, path: talk.txt}
  - {format: ctm, path: words.ctm, item: talk.wav, task: event, clock: recogniser}
clocks: {recogniser: {offset: 500ms}}
align:
  method: timestamp
  reference: {window: 500ms, hop: 500ms}
  pool: {transcript: {kinds: [concat]}, note: {kinds: [NOTES]}}
texts:
  - {transcript: transcript, cues: event}
  - {transcript: note, cues: event}
"""
TEXT = b"Good day. Go on up. Nobody said this.\n"
NOTES = b"id,note\nn1,day go\nn2,zebra\n"
WORDS = b"t 1 0.2 0.1 good\nt 1 0.3 0.1 day\nt 1 0.55 0.1 go\nt 1 0.7 0.1 on\nt 1 0.9 0.1 up\n"


def pooled(repository: Repository, kind: str) -> Path:
    files = {"talk.wav": sound("WAV"), "talk.txt": TEXT, "words.ctm": WORDS, "notes.csv": NOTES}
    repository.add_batch("talk", BATCH.replace("NOTES", kind), files)
    repository.run("collect", "label", "encode", "align")
    return repository.data / "aligned/talk"


def found(folder: Path, role: str) -> list[object]:
    file = PooledFile(folder / f"pooled/{role}.arrow")
    return [file.find(f"all@{start_s}s") for start_s in ("0", "0.5", "1")]


def test_sentences_and_items_are_joined_where_their_words_were_heard(repository: Repository) -> None:
    folder = pooled(repository, "concat")
    # On the reference clock "good day" is from 0.7 s to 0.9 s, "go on up" from 1.05 s to 1.5 s.
    assert found(folder, "transcript") == [None, "Good day.", "Go on up."]
    assert found(folder, "note") == [None, "day go", "day go"]
    report = json.loads((folder / "coverage.json").read_text())["pooled"]
    for role, members in (("transcript", 3), ("note", 2)):
        assert (report[role]["items"], report[role]["left_out"]) == (
            members,
            {"it has no time, or says nothing": 1},
        )


def test_the_vector_of_an_item_is_a_frame_for_as_long_as_its_words_were_heard(repository: Repository) -> None:
    folder = pooled(repository, "last")
    none, first, second = found(folder, "note")
    assert isinstance(first, np.ndarray)
    assert isinstance(second, np.ndarray)
    assert first.tolist() == second.tolist()
    assert np.abs(first).sum() > 0
    assert none is None
    report = json.loads((folder / "coverage.json").read_text())["pooled"]["note"]
    assert report["left_out"] == {"it has no time": 1}
