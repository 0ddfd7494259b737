from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.by_time.closest_pairs import closest_pairs
from tasks.align.by_time.matching import (
    Int64s,
    Pairs,
    SpanPairs,
    nearest_index,
    nearest_pairs,
    overlapping_pairs,
    shares_of,
)
from tasks.core.times import seconds_to_ns

DESK = Path(__file__).resolve().parents[2].parent / "shared/corpora/tum_fr1_desk_mini"
EPOCH_NS = 1_305_031_452_791_720_000

# Few distinct times, so that ties, duplicates and meeting edges are common.
STAMPS = st.lists(st.integers(-12, 12), max_size=10)
SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), max_size=8)
relaxed = settings(deadline=None, derandomize=True, max_examples=400)


def ns(*times: int) -> Int64s:
    return np.array(times, np.int64)


def triples(pairs: Pairs) -> list[tuple[int, int, int]]:
    columns = (pairs.left_index, pairs.right_index, pairs.lag_ns)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def span_triples(pairs: SpanPairs) -> list[tuple[int, int, int]]:
    columns = (pairs.reference_index, pairs.index, pairs.overlap_ns)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def slow_nearest_pairs(left: list[int], right: list[int], tolerance: int) -> list[tuple[int, int, int]]:
    candidates = sorted(
        (abs(there - here), here, there, row, other_row)
        for row, here in enumerate(left)
        for other_row, there in enumerate(right)
        if abs(there - here) <= tolerance
    )
    found: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    for _, here, there, row, other_row in candidates:
        if row not in found and other_row not in taken:
            found[row] = (other_row, there - here)
            taken.add(other_row)
    return [(row, *found[row]) for row in sorted(found)]


def slow_overlapping_pairs(
    reference: list[tuple[int, int]], other: list[tuple[int, int]]
) -> list[tuple[int, int, int]]:
    return [
        (row, other_row, min(end, other_end) - max(start, other_start))
        for row, (start, end) in enumerate(reference)
        for other_row, (other_start, other_end) in enumerate(other)
        if slow_meet(start, end, other_start, other_end)
    ]


def slow_meet(start: int, end: int, other_start: int, other_end: int) -> bool:
    if start == end and other_start == other_end:
        return start == other_start
    if start == end:
        return other_start <= start < other_end
    if other_start == other_end:
        return start <= other_start < end
    return max(start, other_start) < min(end, other_end)


def to_spans(drawn: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(start, start + length) for start, length in drawn]


def columns_of(spans: list[tuple[int, int]]) -> tuple[Int64s, Int64s]:
    return ns(*(start for start, _ in spans)), ns(*(end for _, end in spans))


def stamps_of(name: str) -> Int64s:
    lines = (DESK / name).read_text(encoding="utf-8").splitlines()
    return ns(*(seconds_to_ns(line.split()[0]) for line in lines if not line.startswith("#")))


def test_the_closest_pair_goes_first_and_leaves_its_neighbour_the_next_best() -> None:
    assert triples(nearest_pairs(ns(0, 8), ns(7, 30), 100)) == [(0, 1, 30), (1, 0, -1)]


def test_a_lag_equal_to_the_tolerance_matches_and_one_more_does_not() -> None:
    assert triples(nearest_pairs(ns(0), ns(20), 20)) == [(0, 0, 20)]
    assert triples(nearest_pairs(ns(0), ns(21), 20)) == []


def test_of_equal_lags_the_earlier_left_time_wins_then_the_earlier_right_time() -> None:
    assert triples(nearest_pairs(ns(10, 0), ns(5), 9)) == [(1, 0, 5)]
    assert triples(nearest_pairs(ns(5), ns(10, 0), 9)) == [(0, 1, -5)]


def test_of_duplicates_the_lower_row_gets_the_closer_partner() -> None:
    assert triples(nearest_pairs(ns(5, 5, 5), ns(8, 4), 9)) == [(0, 1, -1), (1, 0, 3)]


def test_epoch_sized_stamps_keep_their_last_nanosecond() -> None:
    assert triples(nearest_pairs(ns(EPOCH_NS), ns(EPOCH_NS + 2, EPOCH_NS + 1), 1)) == [(0, 1, 1)]


@pytest.mark.parametrize(("left", "right"), [((), ()), ((1,), ()), ((), (1,))])
def test_an_empty_stream_has_no_pairs(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    assert triples(nearest_pairs(ns(*left), ns(*right), 5)) == []


@relaxed
@given(STAMPS, STAMPS, st.integers(0, 26))
def test_pairs_are_those_of_the_obvious_way(left: list[int], right: list[int], tolerance: int) -> None:
    expected = slow_nearest_pairs(left, right, tolerance)
    assert triples(nearest_pairs(ns(*left), ns(*right), tolerance)) == expected


@pytest.mark.parametrize("worth_compiling", [0, 10**9])
@settings(deadline=None, derandomize=True, max_examples=150)
@given(left=STAMPS, right=STAMPS, tolerance=st.integers(0, 26))
def test_the_walk_finds_the_same_times_whether_it_is_compiled_or_not(
    worth_compiling: int, left: list[int], right: list[int], tolerance: int
) -> None:
    left_ns, right_ns = ns(*sorted(left)), ns(*sorted(right))
    found = closest_pairs(left_ns, right_ns, tolerance, worth_compiling)
    expected = slow_nearest_pairs(left_ns.tolist(), right_ns.tolist(), tolerance)
    times = zip(left_ns[found[0]].tolist(), right_ns[found[1]].tolist(), strict=True)
    assert sorted(times) == sorted((left_ns[row], left_ns[row] + lag) for row, _, lag in expected)


GAPS = [
    pytest.param(list(range(60, 0, -1)), id="ever closer"),
    pytest.param(list(range(60)), id="ever farther"),
    pytest.param([1] * 60, id="all equally close"),
    pytest.param([1, 2, 1, 0, 3] * 12, id="closer and farther by turns"),
]


@pytest.mark.parametrize("worth_compiling", [0, 10**9])
@pytest.mark.parametrize("gaps", GAPS)
@pytest.mark.parametrize("run", [1, 2, 7, 30])
@pytest.mark.parametrize("tolerance", [0, 3, 40, 9999])
def test_chains_of_conflicts_are_paired_as_in_the_obvious_way(
    gaps: list[int], run: int, tolerance: int, worth_compiling: int
) -> None:
    line = np.cumsum(gaps)
    is_left = np.arange(len(line)) // run % 2 == 0
    left, right = line[is_left], line[~is_left]
    found = closest_pairs(left, right, tolerance, worth_compiling)
    expected = slow_nearest_pairs(left.tolist(), right.tolist(), tolerance)
    times = zip(left[found[0]].tolist(), right[found[1]].tolist(), strict=True)
    assert sorted(times) == sorted((left[row], left[row] + lag) for row, _, lag in expected)


@relaxed
@given(STAMPS, STAMPS, st.integers(0, 26), st.integers(-EPOCH_NS, EPOCH_NS))
def test_shifting_both_clocks_shifts_nothing_else(
    left: list[int], right: list[int], tolerance: int, shift: int
) -> None:
    shifted = nearest_pairs(ns(*left) + shift, ns(*right) + shift, tolerance)
    assert triples(shifted) == triples(nearest_pairs(ns(*left), ns(*right), tolerance))


@relaxed
@given(st.sets(st.integers(-40, 40)), st.sets(st.integers(-40, 40)), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(left: set[int], right: set[int], random: Random) -> None:
    rows, other_rows = sorted(left), sorted(right)
    shuffled, other_shuffled = list(rows), list(other_rows)
    random.shuffle(shuffled)
    random.shuffle(other_shuffled)
    pairs = nearest_pairs(ns(*rows), ns(*other_rows), 7)
    again = nearest_pairs(ns(*shuffled), ns(*other_shuffled), 7)
    assert sorted((shuffled[row], lag) for row, _, lag in triples(again)) == [
        (rows[row], lag) for row, _, lag in triples(pairs)
    ]


def test_a_long_chain_of_conflicts_is_not_quadratic() -> None:
    line = np.cumsum(np.arange(400_000, 0, -1, dtype=np.int64))
    pairs = nearest_pairs(line[::2], line[1::2], 500_000)
    assert len(pairs.lag_ns) == 200_000


@pytest.mark.skipif(not DESK.exists(), reason="the shared corpora are not beside this checkout")
@pytest.mark.parametrize(("stream", "count"), [("depth.txt", 573), ("groundtruth.txt", 613)])
def test_the_desk_recording_has_the_pairs_that_tum_finds(stream: str, count: int) -> None:
    pairs = nearest_pairs(stamps_of("rgb.txt"), stamps_of(stream), 20_000_000)
    assert len(pairs.lag_ns) == count
    assert len(set(pairs.right_index.tolist())) == count


def test_many_may_share_their_nearest_and_ties_go_to_the_earlier_then_the_lower_row() -> None:
    index, lag = nearest_index(ns(0, 5, 6, 99), ns(10, 0, 10))
    assert index.tolist() == [1, 1, 0, 0]
    assert lag.tolist() == [0, -5, 4, -89]


def test_without_candidates_the_nearest_row_is_minus_one() -> None:
    index, lag = nearest_index(ns(3, 4), ns())
    assert (index.tolist(), lag.tolist()) == ([-1, -1], [0, 0])


@relaxed
@given(STAMPS, STAMPS.filter(bool))
def test_the_nearest_row_is_that_of_the_obvious_way(left: list[int], right: list[int]) -> None:
    def nearest(here: int) -> int:
        return min(range(len(right)), key=lambda row: (abs(right[row] - here), right[row], row))

    expected = [nearest(here) for here in left]
    index, lag = nearest_index(ns(*left), ns(*right))
    assert index.tolist() == expected
    assert lag.tolist() == [right[row] - here for row, here in zip(expected, left, strict=True)]


def test_spans_that_only_touch_do_not_meet() -> None:
    assert span_triples(overlapping_pairs(ns(0), ns(10), ns(10), ns(20))) == []


def test_a_nested_span_meets_every_span_around_it() -> None:
    found = overlapping_pairs(ns(0, 5, 50), ns(100, 9, 60), ns(6, 55), ns(8, 300))
    assert span_triples(found) == [(0, 0, 2), (0, 1, 45), (1, 0, 2), (2, 1, 5)]


def test_a_point_lies_in_the_span_that_starts_at_it_and_not_in_the_one_that_ends() -> None:
    assert span_triples(overlapping_pairs(ns(0, 10, 10), ns(10, 20, 10), ns(10), ns(10))) == [
        (1, 0, 0),
        (2, 0, 0),
    ]


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1: expected an end at or after the start, got 7 to 3 ns"):
        overlapping_pairs(ns(0, 7), ns(1, 3), ns(), ns())


@relaxed
@given(SPANS.map(to_spans), SPANS.map(to_spans))
def test_overlaps_are_those_of_the_obvious_way(
    reference: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    found = overlapping_pairs(*columns_of(reference), *columns_of(other))
    assert span_triples(found) == slow_overlapping_pairs(reference, other)


@relaxed
@given(SPANS.map(to_spans), SPANS.map(to_spans))
def test_a_share_is_that_of_the_shorter_span(
    reference: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    starts, ends = columns_of(reference)
    other_starts, other_ends = columns_of(other)
    found = overlapping_pairs(starts, ends, other_starts, other_ends)
    shares = shares_of(found, ends - starts, other_ends - other_starts)
    expected = []
    for row, other_row, common in slow_overlapping_pairs(reference, other):
        shorter = min(end - start for start, end in (reference[row], other[other_row]))
        expected.append(common / shorter if shorter else 1.0)
    assert shares.tolist() == expected


def test_matching_leaves_its_input_as_it_was() -> None:
    left, right = ns(3, 1, 2), ns(2, 2, 9)
    nearest_pairs(left, right, 5)
    overlapping_pairs(left, left + 2, right, right + 1)
    assert (left.tolist(), right.tolist()) == ([3, 1, 2], [2, 2, 9])
