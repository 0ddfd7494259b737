import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.sound.samples import Recordings
from tasks.align.warp.features import HOP_NS
from tasks.align.warp.kernels import band_steps, walk_back
from tasks.align.warp.path import band
from tasks.align.warp.synchronise import WarpRefusal, to_pieces, warp_sound
from tasks.core.clock_line import ClockPiece, Int64s, to_reference_ns
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, LINKS
from tasks.core.tables import read_table
from tasks.core.times import NS_PER_MS, NS_PER_S
from tasks.core.verdict import read_verdict
from tests.align.playing import RATE_HZ, Float32s, Melody, Performance, compose, perform
from tests.conftest import Repository

MELODY = compose(150, seed=1)


def placed_ns(pieces: tuple[ClockPiece, ...], times_ns: Int64s) -> Int64s:
    bounds = np.array([piece.from_ns for piece in pieces], np.int64)
    rows = np.searchsorted(bounds, times_ns, side="right") - 1
    found = [
        to_reference_ns(np.array([time]), pieces[row].line)[0]
        for time, row in zip(times_ns, rows, strict=True)
    ]
    return np.array(found, np.int64)


def warped(reference: Performance, other: Performance) -> tuple[ClockPiece, ...]:
    found = warp_sound(Recordings(reference.sound, other.sound, RATE_HZ))
    assert isinstance(found, tuple), found
    return found


@pytest.mark.parametrize(
    ("seed", "tempo", "rubato"), [(1, 1.25, 0.2), (2, 0.8, 0.15), (3, 1.5, 0.1), (4, 0.7, 0.25)]
)
def test_every_note_is_found_in_another_performance(seed: int, tempo: float, rubato: float) -> None:
    melody = compose(150, seed)
    reference, other = perform(melody, 1.0, 0.15, 10 + seed), perform(melody, tempo, rubato, 20 + seed)
    pieces = warped(reference, other)
    found_ns = placed_ns(pieces, np.rint(other.starts_s * NS_PER_S).astype(np.int64))
    misses_ns = np.abs(found_ns - reference.starts_s * NS_PER_S)
    assert np.quantile(misses_ns, 0.98) <= 50 * NS_PER_MS
    assert np.median(misses_ns) <= 15 * NS_PER_MS
    assert (pieces[0].line.residual_ns or 0) <= 50 * NS_PER_MS


def test_a_piece_of_a_quarter_of_an_hour_is_followed_to_its_end() -> None:
    melody = compose(2_000, seed=1)
    reference, other = perform(melody, 1.0, 0.15, 5), perform(melody, 1.2, 0.2, 6)
    assert len(reference.sound) > 900 * RATE_HZ
    found_ns = placed_ns(warped(reference, other), np.rint(other.starts_s * NS_PER_S).astype(np.int64))
    assert np.quantile(np.abs(found_ns - reference.starts_s * NS_PER_S), 0.98) <= 50 * NS_PER_MS


def test_the_pieces_lie_end_to_end_over_the_whole_recording_and_never_run_backwards() -> None:
    reference, other = perform(MELODY, 1.0, 0.15, 5), perform(MELODY, 1.3, 0.1, 6)
    pieces = warped(reference, other)
    assert pieces[0].from_ns == 0
    assert pieces[-1].to_ns == len(other.sound) * NS_PER_S // RATE_HZ
    for before, after in pairwise(pieces):
        assert before.to_ns == after.from_ns
        border = np.array([after.from_ns], np.int64)
        assert abs(int(to_reference_ns(border, before.line)[0] - to_reference_ns(border, after.line)[0])) <= 1
    assert all(piece.line.drift_ppm > -1e6 for piece in pieces)


def test_a_recording_is_at_its_own_times() -> None:
    one = perform(MELODY, 1.0, 0.15, 5)
    times_ns = np.arange(0, 60, 7, dtype=np.int64) * NS_PER_S
    assert placed_ns(warped(one, one), times_ns).tolist() == times_ns.tolist()


def refused(reference: Float32s, other: Float32s) -> str:
    found = warp_sound(Recordings(reference, other, RATE_HZ))
    assert isinstance(found, WarpRefusal), found
    return found.reason


def test_recordings_of_different_pieces_are_refused() -> None:
    reference = perform(MELODY, 1.0, 0.15, 5).sound
    assert refused(reference, perform(compose(150, seed=9), 1.0, 0.1, 6).sound) == "another_piece"
    rolled = Melody(np.roll(MELODY.pitches, 75), MELODY.beats)
    assert refused(reference, perform(rolled, 1.2, 0.1, 6).sound) == "another_piece"
    assert refused(reference, reference[::-1].copy()) == "another_piece"


def test_sound_that_says_nothing_is_refused() -> None:
    sound = perform(MELODY, 1.0, 0.15, 5).sound
    noise = np.random.default_rng(1).standard_normal((2, 20 * RATE_HZ)).astype(np.float32)
    assert refused(sound, sound[: 4 * RATE_HZ]) == "too_short"
    assert refused(sound, np.zeros_like(sound)) == "silent"
    assert refused(np.full_like(sound, np.nan), sound) == "silent"
    assert refused(noise[0], noise[1]) == "another_piece"
    hum = np.sin(np.arange(20 * RATE_HZ) / 10).astype(np.float32)
    assert refused(hum, hum) == "another_piece"


def test_a_piece_of_which_a_part_is_missing_or_elsewhere_is_refused() -> None:
    reference = perform(MELODY, 1.0, 0.15, 5).sound
    for order in (np.r_[:40, 70:150], np.r_[50:100, :50, 100:150]):
        other = perform(Melody(MELODY.pitches[order], MELODY.beats[order]), 1.25, 0.2, 6).sound
        assert refused(reference, other) == "part_missing"
        assert refused(other, reference) == "part_missing"


def test_a_refusal_says_what_it_rests_on() -> None:
    assert str(WarpRefusal("another_piece", 0.98)).endswith("fit 0.98, at most 0.7 is needed")
    assert str(WarpRefusal("too_few_marks", 0.2, 3)).endswith("; 3 marks")


def test_marks_near_each_other_tell_the_residual() -> None:
    clock, reference = (
        np.array(times, np.int64) * HOP_NS for times in ([10, 20, 40, 50, 70], [10, 22, 70, 85, 130])
    )
    pieces = to_pieces(clock, reference, 100 * HOP_NS)
    assert [(piece.from_ns, piece.to_ns) for piece in pieces] == [
        (0, 10 * HOP_NS),
        (10 * HOP_NS, 40 * HOP_NS),
        (40 * HOP_NS, 70 * HOP_NS),
        (70 * HOP_NS, 100 * HOP_NS),
    ]
    assert [round(piece.line.drift_ppm) for piece in pieces] == [1_000_000] * 4
    assert {piece.line.residual_ns for piece in pieces} == {round(np.quantile([8, 5], 0.95) * HOP_NS)}
    assert {piece.line.marks_used for piece in pieces} == {5}


VECTORS = st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=8)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(VECTORS, VECTORS)
def test_a_band_over_everything_costs_what_librosa_says(
    left: list[list[int]], right: list[list[int]]
) -> None:
    import librosa

    own, other = np.array(left, np.float32), np.array(right, np.float32)
    first, last = np.zeros(len(own), np.int64), np.full(len(own), len(other) - 1, np.int64)
    places = np.concatenate([[0], np.cumsum(last - first + 1)])
    steps, cost = band_steps(own, other, first, last, places)
    weights = np.array([2.0, 1.0, 1.0])
    costs = librosa.sequence.dtw(
        X=own.T, Y=other.T, metric="sqeuclidean", weights_mul=weights, backtrack=False
    )
    # librosa counts the first cell once, and whole squares.
    start = float(((own[0] - other[0]) ** 2).sum())
    assert 2 * cost == pytest.approx(float(costs[-1, -1]) + start)
    path = walk_back(steps, first, places, len(other))
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [len(own) - 1, len(other) - 1]
    assert {tuple(step) for step in np.diff(path, axis=0).tolist()} <= {(0, 1), (1, 0), (1, 1)}


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.sampled_from([(0, 1), (1, 0), (1, 1)]), min_size=1, max_size=30), st.integers(1, 300))
def test_a_band_holds_the_coarse_path_and_its_rows_meet(steps: list[tuple[int, int]], factor: int) -> None:
    coarse = np.concatenate([[[0, 0]], np.cumsum(steps, axis=0)])
    rows, columns = (coarse[-1] + 1) * factor
    first, last = band(coarse, factor, rows, columns)
    assert (first[0], last[-1]) == (0, columns - 1)
    assert np.all(first[1:] <= last[:-1] + 1)
    assert np.all(np.diff(first) >= 0)
    assert np.all(np.diff(last) >= 0)
    for row, column in (coarse * factor).tolist():
        assert first[row] <= column <= last[row]


BATCH = """\
about: one melody, played twice
license: CC0-1.0
sources:
  - {kind: files, path: a, role: first, clock: a}
  - {kind: files, path: b, role: second, clock: b}
labels: [{format: audacity, path: notes.txt, item: b.wav, task: event}]
clocks: {a: reference, b: {sync: warp}}
align: {method: timestamp, reference: event}
"""
PERFORMANCES = perform(MELODY, 1.0, 0.15, 5), perform(MELODY, 1.25, 0.2, 6)


def as_wav(sound: Float32s) -> bytes:
    sink = io.BytesIO()
    soundfile.write(sink, sound / np.abs(sound).max(), RATE_HZ, format="WAV", subtype="PCM_16")
    return sink.getvalue()


def deliver(repository: Repository, first: Float32s, second: Float32s, notes: str = "1\t2\tnote\n") -> Path:
    files = {"a/a.wav": as_wav(first), "b/b.wav": as_wav(second), "notes.txt": notes.encode()}
    repository.add_batch("melody", BATCH, files)
    repository.run("collect", "label", "encode", "align", "validate")
    return repository.data / "aligned/melody"


def test_labels_of_one_performance_are_put_to_the_other(repository: Repository) -> None:
    first, second = PERFORMANCES
    notes = "".join(f"{start:.6f}\t{start + 1.7:.6f}\tnote\n" for start in second.starts_s[:140:10])
    aligned = deliver(repository, first.sound, second.sound, notes)
    rows = [row for row in read_table(CLOCKS, aligned).to_pylist() if row["clock"] == "b"]
    told = {(row["method"], row["tolerance_ns"], row["within_tolerance"]) for row in rows}
    assert told == {("warp", 60 * NS_PER_MS, True)}
    links = read_table(LINKS, aligned).to_pylist()
    # A span of 1.7 s reaches over several pieces of the clock.
    starts = sorted(row["start_ns"] for row in links if row["role"] == "event")
    assert len(starts) == 14
    assert np.abs(np.array(starts) - first.starts_s[:140:10] * NS_PER_S).max() <= 60 * NS_PER_MS
    assert {row["role"] for row in links} == {"first", "second", "event"}
    assert read_table(ALIGN_REJECTS, aligned).num_rows == 0


def test_a_warped_clock_passes_the_gate_with_no_tolerance_of_its_own(repository: Repository) -> None:
    deliver(repository, PERFORMANCES[0].sound, PERFORMANCES[1].sound)
    verdict = read_verdict(repository.data / "validated/melody")
    assert verdict.accepted
    assert set(verdict.quarantined.values()) == {0}


def test_a_clock_warped_by_recordings_full_of_noise_is_refused_by_the_gate(repository: Repository) -> None:
    random = np.random.default_rng(1)
    noisy = [
        one.sound + 1.8 * one.sound.std() * random.standard_normal(len(one.sound)) for one in PERFORMANCES
    ]
    aligned = deliver(repository, *(sound.astype(np.float32) for sound in noisy))
    assert not any(row["within_tolerance"] for row in read_table(CLOCKS, aligned).to_pylist() if row["piece"])
    (reason,) = read_verdict(repository.data / "validated/melody").reasons
    assert "expect_column_values_to_be_in_set on within_tolerance" in reason


def test_a_clock_that_cannot_be_warped_is_not_used_quietly(repository: Repository) -> None:
    aligned = deliver(repository, PERFORMANCES[0].sound, perform(compose(150, seed=9), 1.2, 0.2, 6).sound)
    rejects = read_table(ALIGN_REJECTS, aligned).to_pylist()
    assert {row["reason"] for row in rejects if row["role"] == "second"} == {"clock_unknown"}
    assert any("another_piece" in row["detail"] for row in rejects)
