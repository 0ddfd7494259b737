import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.clocks.line_fit import fit_clock_pieces
from tasks.core.clock_line import ClockLine, Int64s, anchored_at, from_reference_ns, to_reference_ns
from tasks.core.errors import ClockError
from tasks.core.times import NS_PER_MS, NS_PER_S

EPOCH_NS = 1_305_031_452_791_720_000
DRIFTS_PPM = st.floats(-500, 500)
OFFSETS_NS = st.integers(-(10**18), 10**18)
relaxed = settings(deadline=None, derandomize=True, max_examples=200)


def seconds(*times: float) -> Int64s:
    return np.array([round(time * NS_PER_S) for time in times], np.int64)


def fit_clock_line(clock_ns: Int64s, reference_ns: Int64s, tolerance_ns: int) -> ClockLine:
    """The line of marks without a pause."""
    (piece,) = fit_clock_pieces(clock_ns, reference_ns, tolerance_ns).pieces
    return piece.line


def line(offset_ns: int = 0, drift_ppm: float = 0.0, anchor_ns: int = 0) -> ClockLine:
    return ClockLine(anchor_ns, offset_ns, drift_ppm, 0, 0, 0)


def test_two_marks_tell_offset_and_drift() -> None:
    found = fit_clock_line(seconds(10, 110), seconds(15, 115.01), NS_PER_MS)
    assert found.drift_ppm == pytest.approx(100)
    assert found == ClockLine(10 * NS_PER_S, 5 * NS_PER_S, found.drift_ppm, None, 2, 0)


def test_one_mark_tells_the_offset_and_no_drift() -> None:
    assert fit_clock_line(seconds(3), seconds(5), 0) == ClockLine(3 * NS_PER_S, 2 * NS_PER_S, 0.0, None, 1, 0)


def test_marks_of_one_time_tell_their_mean_offset_and_no_drift() -> None:
    found = fit_clock_line(seconds(3, 3), seconds(5, 5.002), 5 * NS_PER_MS)
    assert (found.offset_ns, found.drift_ppm) == (2 * NS_PER_S + NS_PER_MS, 0.0)


def test_no_mark_is_an_error() -> None:
    with pytest.raises(ClockError, match="expected at least one mark with a time on both clocks"):
        fit_clock_line(seconds(), seconds(), NS_PER_MS)


def test_a_mark_on_one_clock_only_is_an_error() -> None:
    with pytest.raises(ClockError, match="got 2 times on the clock and 1 on the reference"):
        fit_clock_line(seconds(1, 2), seconds(1), NS_PER_MS)


def test_false_marks_are_rejected_and_move_nothing() -> None:
    clock = seconds(*range(10))
    reference = clock + 7 * NS_PER_S
    reference[[2, 5]] += NS_PER_S
    found = fit_clock_line(clock, reference, NS_PER_MS)
    assert found == ClockLine(0, 7 * NS_PER_S, 0.0, 0, 8, 2)


def test_the_residual_is_what_95_percent_of_the_used_marks_keep() -> None:
    clock = seconds(*range(40))
    misses_ns = np.tile(np.array([1, -1, -1, 1]), 10) * 300
    found = fit_clock_line(clock, clock + misses_ns, NS_PER_MS)
    assert found.residual_ns == pytest.approx(300, abs=20)
    assert found.marks_used == 40


def test_epoch_sized_times_keep_their_nanoseconds() -> None:
    clock = np.arange(0, 100 * NS_PER_S, NS_PER_S, dtype=np.int64)
    found = fit_clock_line(clock, clock + EPOCH_NS + 1, NS_PER_MS)
    assert (found.offset_ns, found.drift_ppm) == (EPOCH_NS + 1, 0.0)


@relaxed
@given(OFFSETS_NS, DRIFTS_PPM, st.integers(0, 20))
def test_a_line_is_found_again_through_its_marks_and_a_quarter_of_false_ones(
    offset_ns: int, drift_ppm: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    clock = np.sort(random.integers(0, 3600 * NS_PER_S, 60))
    reference = to_reference_ns(clock, line(offset_ns, drift_ppm))
    reference[::4] += random.integers(-5 * NS_PER_S, 5 * NS_PER_S, 15)
    found = fit_clock_line(clock, reference, NS_PER_MS)
    assert found.drift_ppm == pytest.approx(drift_ppm, abs=0.2)
    assert anchored_at(found, 0).offset_ns == pytest.approx(offset_ns, abs=NS_PER_MS)


@relaxed
@given(st.permutations(range(8)))
def test_the_order_of_the_marks_does_not_matter(order: list[int]) -> None:
    clock = seconds(0, 10, 20, 30, 40, 50, 60, 70)
    reference = clock + np.array([0, 4, -3, 1, 900_000_000, -2, 3, 0]) * 1000
    assert fit_clock_line(clock[order], reference[order], NS_PER_MS) == fit_clock_line(
        clock, reference, NS_PER_MS
    )


@relaxed
@given(st.integers(-EPOCH_NS, EPOCH_NS), DRIFTS_PPM, OFFSETS_NS, st.integers(-(10**15), 10**15))
def test_there_and_back_again_differs_by_one_nanosecond_at_most(
    anchor_ns: int, drift_ppm: float, offset_ns: int, since_ns: int
) -> None:
    own = line(offset_ns, drift_ppm, anchor_ns)
    times = np.array([anchor_ns + since_ns], np.int64)
    back = from_reference_ns(to_reference_ns(times, own), own)
    assert abs(int((back - times)[0])) <= 1


def test_times_move_by_the_offset_and_their_share_of_the_drift() -> None:
    moved = to_reference_ns(seconds(0, 10, 1010), line(NS_PER_S, 20.0, 10 * NS_PER_S))
    assert moved.tolist() == seconds(0.9998, 11, 1011.02).tolist()


def test_another_anchor_is_the_same_line() -> None:
    own = line(123_456_789, 37.5, 0)
    times = seconds(-5, 0, 1e6)
    again = to_reference_ns(times, anchored_at(own, 86_400 * NS_PER_S))
    assert np.abs(again - to_reference_ns(times, own)).max() <= 1
