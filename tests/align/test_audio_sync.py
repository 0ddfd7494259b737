import numpy as np
import pytest

from tasks.align.sound.evidence import SoundSync
from tasks.align.sound.refusal import SoundRefusal
from tasks.align.sound.samples import Float32s, Recordings
from tasks.align.sound.synchronise import synchronise_sound
from tasks.core.clock_line import to_reference_ns
from tasks.core.times import NS_PER_MS, NS_PER_S
from tests.align.sessions import RATE_HZ, babble, judge, make_session, noisy, recorded


def synchronised(reference: Float32s, other: Float32s) -> SoundSync:
    found = synchronise_sound(Recordings(reference, other, RATE_HZ))
    assert isinstance(found, SoundSync), found
    return found


def refused(reference: Float32s, other: Float32s) -> str:
    found = synchronise_sound(Recordings(reference, other, RATE_HZ))
    assert isinstance(found, SoundRefusal), found
    return found.reason


def assert_close(found: SoundSync, offset_s: float, drift_ppm: float, ends_s: tuple[float, float]) -> None:
    """The line, and its ends, which are open or at most a second within those of what both recorded."""
    (piece,) = found.pieces
    assert piece.line.anchor_ns == 0
    assert abs(piece.line.offset_ns - offset_s * NS_PER_S) <= 2 * NS_PER_MS
    assert abs(piece.line.drift_ppm - drift_ppm) <= 2
    for end_ns, end_s, inwards in ((piece.from_ns, ends_s[0], 1), (piece.to_ns, ends_s[1], -1)):
        assert end_ns is None or 0 <= inwards * (end_ns - end_s * NS_PER_S) <= NS_PER_S, piece


EVENT = babble(125, seed=1)


@pytest.mark.parametrize(
    ("offset_s", "drift_ppm", "ratio_db", "ends_s"),
    [
        (0.0, 0.0, 30, (0, 62)),
        (0.01234, -100.0, 20, (0, 62)),
        (29.87654, 100.0, 10, (0, 32.12)),
        (-30.0, 41.5, 0, (30.0, 62)),
        (12.3, -73.0, 0, (0, 49.7)),
        (3.0, 1001.0, 10, (0, 58.94)),
        (3.0, -2000.0, 10, (0, 59.12)),
    ],
)
def test_offset_and_drift_are_found_under_noise_as_far_as_both_recorded(
    offset_s: float, drift_ppm: float, ratio_db: float, ends_s: tuple[float, float]
) -> None:
    reference = recorded(EVENT, 62, 31)
    other = recorded(EVENT, 62, 31 + offset_s, drift_ppm)
    found = synchronised(noisy(reference, ratio_db, seed=2), noisy(other, ratio_db, seed=3))
    assert_close(found, offset_s, drift_ppm, ends_s)


def test_a_time_of_the_recorder_comes_out_on_the_reference_clock() -> None:
    found = synchronised(recorded(EVENT, 70, 5), recorded(EVENT, 60, 8, drift_ppm=50))
    placed = to_reference_ns(np.array([40 * NS_PER_S], np.int64), found.pieces[0].line)
    assert abs(int(placed[0]) - 43 * NS_PER_S - 2 * NS_PER_MS) < NS_PER_MS // 10


def test_a_microphone_wired_the_other_way_round_is_no_obstacle() -> None:
    assert_close(synchronised(recorded(EVENT, 60, 0), -recorded(EVENT, 60, 3.5)), 3.5, 0, (0, 56.5))


def test_half_a_minute_in_common_at_the_edge_is_enough() -> None:
    found = synchronised(noisy(recorded(EVENT, 60, 0), 10, 4), noisy(recorded(EVENT, 60, 30, 60), 10, 5))
    assert_close(found, 30, 60, (0, 30))


def test_a_missing_piece_does_not_matter() -> None:
    other = recorded(EVENT, 62, 8, 20)
    other[20 * RATE_HZ : 32 * RATE_HZ] = 0
    assert_close(synchronised(noisy(recorded(EVENT, 80, 0), 10, 6), other), 8, 20, (0, 62))


@pytest.mark.parametrize("pause_s", [0.004, 0.05, 0.2, 6.0])
def test_a_recorder_that_paused_has_a_piece_before_and_one_after(pause_s: float) -> None:
    whole = recorded(EVENT, 80, 8, 20)
    after = round((45 + pause_s) * RATE_HZ)
    other = np.concatenate([whole[: 45 * RATE_HZ], whole[after:]])
    found = synchronised(noisy(recorded(EVENT, 110, 0), 10, 7), noisy(other, 10, 8))
    first, second = found.pieces
    assert abs(first.line.offset_ns - 8 * NS_PER_S) <= NS_PER_MS
    assert abs(second.line.offset_ns - (8 + pause_s) * NS_PER_S) <= NS_PER_MS
    assert (first.from_ns or 0) < NS_PER_S
    assert second.to_ns is None
    assert 44 * NS_PER_S < (first.to_ns or 0) < 45 * NS_PER_S < (second.from_ns or 0) < 46 * NS_PER_S


# Every kind of session with every noise; `python -m benchmarks.alignment` does 200 of them.
@pytest.mark.parametrize("seed", [0, 3, 4, 6, 8, 9, 12, 13, 15, 17, 18, 19])
def test_generated_sessions_are_solved_to_2_ms_and_2_ppm(seed: int) -> None:
    outcome, figures = judge(make_session(seed))
    assert outcome == "solved", figures


def test_unrelated_sound_is_refused() -> None:
    assert refused(recorded(EVENT, 60, 0), babble(60, seed=9)) == "too_few_windows_agree"


def test_sound_that_repeats_is_refused() -> None:
    loop = np.tile(EVENT[: 4 * RATE_HZ], 20)
    assert refused(noisy(loop, 20, 1), noisy(loop[5 * RATE_HZ : 50 * RATE_HZ], 20, 2)) == "no_unique_place"


def test_silence_and_broken_samples_are_refused() -> None:
    silence, broken = np.zeros(60 * RATE_HZ, np.float32), recorded(EVENT, 60, 0)
    broken[1000] = np.nan
    assert refused(recorded(EVENT, 60, 0), silence) == "silent"
    assert refused(broken, recorded(EVENT, 60, 0)) == "silent"


def test_a_recording_of_four_seconds_is_too_short() -> None:
    assert refused(recorded(EVENT, 60, 0), recorded(EVENT, 4, 10)) == "too_short"


def test_a_refusal_tells_people_what_it_means() -> None:
    found = synchronise_sound(Recordings(recorded(EVENT, 4, 0), recorded(EVENT, 4, 0), RATE_HZ))
    assert str(found).startswith("too_short: the two recordings need at least 5 s in common")


def test_the_recordings_are_left_as_they_were() -> None:
    reference, other = recorded(EVENT, 30, 0), recorded(EVENT, 30, 2)
    copies = reference.copy(), other.copy()
    synchronise_sound(Recordings(reference, other, RATE_HZ))
    assert np.array_equal(reference, copies[0])
    assert np.array_equal(other, copies[1])
