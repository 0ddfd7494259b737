"""Recorders that write several files: each is heard by itself, and one from elsewhere moves no other."""

import json
from pathlib import Path

import numpy as np
import pytest

from tasks.align.sound.chapters import HeardFile, carried_over, gaps_in, laid_apart, lone_refused
from tasks.align.sound.hearing import HeardRecording
from tasks.align.sound.reels import reels_of
from tasks.align.sound.samples import Float32s
from tasks.collect.starting import start_recordings
from tasks.core.clock_entry import Clock
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS
from tasks.core.tables import read_table
from tasks.core.times import NS_PER_MS, NS_PER_S
from tasks.core.verdict import read_verdict
from tests.align.playing import RATE_HZ
from tests.align.sounds import speech
from tests.align.tables import items
from tests.align.test_hearing import as_wav
from tests.conftest import Repository

EVENT = speech(75, seed=3)
BATCH = """\
about: a camera and a recorder that wrote three files
license: CC0-1.0
sources:
  - {kind: files, path: camera.wav, clock: camera, role: film}
  - {kind: files, path: recorder, clock: recorder, role: voice}
labels: [{format: audacity, path: words.txt, item: recorder/r2.wav, task: event}]
clocks: {camera: reference, recorder: {sync: audio}}
align: {method: timestamp, reference: {window: 5s, hop: 5s}}
"""
DECLARED = BATCH.replace(
    "{kind: files, path: recorder, clock: recorder, role: voice}",
    "{kind: table, path: files.csv, media: path, time: time_s, clock: recorder, role: voice}",
).replace("labels: [{format: audacity, path: words.txt, item: recorder/r2.wav, task: event}]\n", "")


def taken(first_s: int, last_s: int, seed: int) -> Float32s:
    """What a recorder of its own noise heard of the event."""
    heard = EVENT[first_s * RATE_HZ : last_s * RATE_HZ]
    noise = np.random.default_rng(seed).standard_normal(len(heard))
    noisy: Float32s = (0.1 * heard + 0.03 * float(heard.std()) * noise).astype(np.float32)
    return noisy


FILES = {
    "camera.wav": as_wav(taken(0, 75, 1), RATE_HZ),
    "recorder/r1.wav": as_wav(taken(5, 25, 2), RATE_HZ),
    "recorder/r2.wav": as_wav(0.1 * speech(20, seed=8), RATE_HZ),
    "recorder/r10.wav": as_wav(taken(50, 70, 3), RATE_HZ),
    "words.txt": b"1\t2\tword\n",
}


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A batch whose second chapter was recorded in another room, and which says no start."""
    repository = Repository(tmp_path_factory.mktemp("chapters"))
    repository.add_batch("talk", BATCH, FILES)
    repository.run("collect", "label", "encode", "align", "validate")
    return repository


def offsets_s(aligned: Path) -> list[tuple[int, float | None]]:
    """When each recording begins, to 10 s, and how far the reference is ahead there; None where untold."""
    rows = [row for row in read_table(CLOCKS, aligned).to_pylist() if row["clock"] == "recorder"]
    told = [None if row["offset_ns"] is None else round(row["offset_ns"] / NS_PER_S, 2) for row in rows]
    begins = [round((row["from_ns"] or 0) / NS_PER_S / 10) * 10 for row in rows]
    return list(zip(begins, told, strict=True))


def test_chapters_without_a_start_are_placed_by_their_sound_and_a_foreign_one_is_refused_by_itself(
    foreign: Repository,
) -> None:
    aligned = foreign.data / "aligned/talk"
    # On their own clock they lie end to end by the numbers in their names: 0, 20 and 40 s.
    assert offsets_s(aligned) == [(0, 5.0), (40, 10.0), (20, None)]
    untold = next(row for row in read_table(CLOCKS, aligned).to_pylist() if row["offset_ns"] is None)
    assert (untold["item_id"], untold["within_tolerance"]) == ("talk/recorder/r2.wav", None)
    assert (untold["from_ns"], untold["to_ns"]) == (20 * NS_PER_S, 40 * NS_PER_S)


def test_what_is_on_a_foreign_chapter_is_a_reject_that_names_it(foreign: Repository) -> None:
    rejects = read_table(ALIGN_REJECTS, foreign.data / "aligned/talk").to_pylist()
    found = {(row["row_id"], row["reason"]) for row in rejects if "r2.wav" in row["row_id"] + row["detail"]}
    assert {reason for _, reason in found} == {"clock_unknown"}
    assert "talk/recorder/r2.wav" in {row_id for row_id, _ in found}
    assert len(found) == 2


def test_the_seconds_of_a_recorder_that_have_no_time_are_counted(foreign: Repository) -> None:
    clocks = json.loads((foreign.data / "aligned/talk/coverage.json").read_text())["clocks"]
    assert {one["item_id"] for one in clocks["unplaced"]} <= {"talk/recorder/r1.wav", "talk/recorder/r10.wav"}
    assert clocks["unplaced_ns"] == sum(one["to_ns"] - one["from_ns"] for one in clocks["unplaced"])
    assert 0 < clocks["unplaced_ns"] < 3 * NS_PER_S
    assert [one["clock"] for one in clocks["unknown"]] == ["recorder"]


def test_a_clock_or_chapter_that_cannot_be_told_fails_the_suite(foreign: Repository) -> None:
    verdict = read_verdict(foreign.data / "validated/talk")
    assert not verdict.accepted
    assert any("offset_ns" in reason and "r2.wav" in reason for reason in verdict.reasons), verdict.reasons


def test_a_start_that_the_sound_contradicts_moves_no_other_file(repository: Repository) -> None:
    # The second chapter is declared 5 s too late.
    listed = b"path,time_s\nrecorder/r1.wav,0\nrecorder/r10.wav,50\n"
    repository.add_batch("talk", DECLARED, FILES | {"files.csv": listed})
    repository.run("collect", "label", "encode", "align")
    assert offsets_s(repository.data / "aligned/talk") == [(0, 5.0), (50, 0.0)]


def started(chapters: bool, *rows: dict[str, object]) -> list[int | None]:
    table = items(*({"modality": "audio", "clock": "a", "duration_ns": 7, **row} for row in rows))
    clock = Clock(offset=0, chapters="consecutive") if chapters else Clock(offset=0)
    found: list[int | None] = start_recordings(table, {"a": clock})["start_ns"].to_pylist()
    return found


def test_consecutive_chapters_begin_where_the_one_before_ends_in_the_order_of_their_numbers() -> None:
    rows: list[dict[str, object]] = [{"item_id": name} for name in ("r1", "r10", "r2")]
    assert started(True, *rows) == [0, 14, 7]
    assert started(False, *rows) == [None, None, None]


def test_a_start_that_is_said_counts_and_after_a_length_that_is_not_known_there_is_none() -> None:
    said: dict[str, object] = {"item_id": "r2", "start_ns": 100}
    assert started(True, {"item_id": "r1"}, said, {"item_id": "r3"}) == [0, 100, 107]
    broken: dict[str, object] = {"item_id": "r2", "duration_ns": None}
    assert started(True, {"item_id": "r1"}, broken, {"item_id": "r3"}) == [0, None, None]


def piece(offset_ns: int, from_ns: int | None = None, to_ns: int | None = None) -> ClockPiece:
    return ClockPiece(ClockLine(0, offset_ns, 0.0), from_ns, to_ns)


def test_a_silent_chapter_runs_on_with_its_neighbour_and_one_that_sounds_otherwise_does_not() -> None:
    told = HeardFile("a", 0, 100, (piece(5),))
    silent, other = HeardFile("b", 100, 200, reason="silent"), HeardFile("c", 200, 300, reason="unlike")
    assert [file.pieces for file in carried_over([told, silent, other])] == [(piece(5),), (piece(5),), ()]
    ended = HeardFile("a", 0, 100, (piece(5, None, 90),))
    assert carried_over([ended, silent])[1].pieces == ()
    assert carried_over([HeardFile("0", -9, 0, reason="silent"), told])[0].pieces == (piece(5),)


def test_time_that_two_files_put_at_two_places_belongs_to_none() -> None:
    one, other = HeardFile("a", 0, 100, (piece(0),)), HeardFile("b", 90, 190, (piece(NS_PER_S),))
    assert [file.pieces for file in laid_apart([one, other])] == [
        (piece(0, None, 90),),
        (piece(NS_PER_S, 100, None),),
    ]
    agreeing = HeardFile("b", 90, 190, (piece(NS_PER_MS),))
    assert laid_apart([one, agreeing]) == [one, agreeing]


def test_a_track_beside_one_that_has_a_place_is_not_refused() -> None:
    far = 50 * NS_PER_S
    one, track = HeardFile("a", 0, far, (piece(0),)), HeardFile("b", 0, far, reason="silent")
    late = HeardFile("c", far, 2 * far, reason="silent")
    assert list(lone_refused([one, track, late])) == [late]


def test_the_stretches_of_a_file_that_have_no_place_are_named() -> None:
    file = HeardFile("a", 0, 100, (piece(0, 10, 40), piece(9, 60, None)))
    assert [(gap.from_ns, gap.to_ns) for gap in gaps_in(file, "all", "r")] == [(0, 10), (40, 60)]


class _Heard:
    """Recordings of ten samples at 1 Hz, by when they start."""

    sample_rate_hz = 1

    def hear(self, row: dict[str, int | None]) -> HeardRecording:
        sound = np.full(10, row["start_ns"] or 0, np.float32)
        return HeardRecording(sound, (row["start_ns"] or 0) * NS_PER_S)  # type: ignore[arg-type]


def test_the_files_of_the_reference_are_one_reel_with_silence_between_until_a_long_gap() -> None:
    starts = [{"start_ns": start} for start in (13, 1, 5, 500)]
    reels = reels_of(starts, _Heard())  # type: ignore[arg-type]
    # The one from 5 runs beside both that are longer or as long and came first.
    assert [(reel.start_ns // NS_PER_S, len(reel.sound)) for reel in reels] == [(1, 22), (500, 10)]
    assert reels[0].sound[8:14].tolist() == [1, 1, 0, 0, 13, 13]
