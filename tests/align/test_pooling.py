"""Pooling against a loop that anybody can check."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.pool.pooling import (
    Float32s,
    FrameStream,
    Int64s,
    Kind,
    meeting_any,
    pool_frames,
    pool_texts,
    split_spans,
)

EPOCH_NS = 1_305_031_452_791_720_000
KINDS: tuple[Kind, ...] = get_args(Kind)
Frame = tuple[int, int, tuple[float, ...]]

# Few distinct times, so that ties, meeting edges, gaps and points are common.
SPANS = st.lists(st.tuples(st.integers(-6, 14), st.integers(0, 6)), max_size=6)
VALUES = st.floats(width=32, allow_nan=True, allow_infinity=True)
FRAMES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.tuples(VALUES, VALUES)), max_size=9)
relaxed = settings(deadline=None, derandomize=True, max_examples=150)


def ns(*times: int) -> Int64s:
    return np.array(times, np.int64)


def stream(*frames: Frame, width: int = 2, kind: type = np.float32) -> FrameStream:
    values: Float32s = np.array([values for _, _, values in frames], kind).reshape(-1, width)
    return FrameStream(
        ns(*(start for start, _, _ in frames)), ns(*(start + length for start, length, _ in frames)), values
    )


def meet(start: int, end: int, other_start: int, other_end: int) -> bool:
    """Whether two spans share a nanosecond, where a point is in the one that begins at it."""
    return max(start, other_start) < min(max(end, start + 1), max(other_end, other_start + 1))


def slow_pool(kind: Kind, frames: list[tuple[float, ...]]) -> list[float]:
    return [slow_number(kind, list(channel)) for channel in zip(*frames, strict=True)]


def slow_number(kind: Kind, numbers: list[float]) -> float:
    if kind == "last":
        return numbers[-1]
    if any(math.isnan(number) for number in numbers):
        return math.nan
    if kind in ("min", "max"):
        return min(numbers) if kind == "min" else max(numbers)
    total = 0.0
    for number in numbers:
        total += number
    mean = total / len(numbers)
    if kind == "std":
        squares = 0.0
        for number in numbers:
            squares += (number - mean) * (number - mean)
        return math.sqrt(squares / len(numbers)) if not math.isnan(squares) else math.nan
    return mean if kind == "mean" else total


def slow_rows(
    frames: list[Frame], spans: list[tuple[int, int]], kinds: tuple[Kind, ...], width: int
) -> tuple[list[list[float]], list[int]]:
    ordered = sorted(frames, key=lambda frame: frame[:2])
    rows, counts = [], []
    for start, length in spans:
        met = [
            values
            for frame_start, frame_length, values in ordered
            if meet(start, start + length, frame_start, frame_start + frame_length)
        ]
        rows.append([number for kind in kinds for number in (slow_pool(kind, met) if met else [0.0] * width)])
        counts.append(len(met))
    return rows, counts


def pooled(
    frames: FrameStream, spans: list[tuple[int, int]], *kinds: Kind, steps: int = 1
) -> tuple[list[list[float]], list[list[int]]]:
    start, end = ns(*(at for at, _ in spans)), ns(*(at + length for at, length in spans))
    found = pool_frames(frames, start, end, kinds, steps)
    return found.values.tolist(), found.frames.tolist()


ONE_TO_FOUR = stream((0, 10, (1,)), (10, 10, (2,)), (20, 10, (3,)), (30, 10, (4,)), width=1)


@pytest.mark.parametrize(
    ("kind", "found"), [("mean", 2.5), ("max", 4), ("min", 1), ("sum", 10), ("last", 4), ("std", 1.25**0.5)]
)
def test_every_frame_that_a_span_meets_counts_once_however_little_of_it_is_inside(
    kind: Kind, found: float
) -> None:
    assert pooled(ONE_TO_FOUR, [(9, 22)], kind) == ([[float(np.float32(found))]], [[4]])


def test_a_frame_that_only_touches_a_span_is_not_in_it() -> None:
    assert pooled(ONE_TO_FOUR, [(10, 10), (9, 11), (10, 11)], "sum") == ([[2], [3], [5]], [[1], [2], [2]])


def test_a_span_without_frames_is_nought_and_says_so() -> None:
    assert pooled(ONE_TO_FOUR, [(40, 5), (-9, 9), (39, 50)], "mean") == ([[0], [0], [4]], [[0], [0], [1]])


def test_a_point_has_the_frame_that_is_there_and_a_frame_without_length_is_in_its_span() -> None:
    assert pooled(ONE_TO_FOUR, [(10, 0), (40, 0)], "last") == ([[2], [0]], [[1], [0]])
    assert pooled(stream((10, 0, (7,)), width=1), [(0, 10), (10, 5)], "last") == ([[0], [7]], [[0], [1]])


def test_spans_may_overlap_and_kinds_stand_side_by_side() -> None:
    rows, _ = pooled(ONE_TO_FOUR, [(0, 20), (10, 20)], "sum", "max")
    assert rows == [[3, 2], [5, 3]]


def test_a_long_frame_is_in_every_span_that_it_outlasts_others_into() -> None:
    uneven = stream((0, 100, (8,)), (0, 10, (1,)), (10, 10, (2,)), width=1)
    assert pooled(uneven, [(0, 10), (15, 5), (50, 1)], "sum") == ([[9], [10], [8]], [[2], [2], [1]])


def test_a_sequence_is_resampled_to_equal_parts_of_the_span() -> None:
    assert pooled(ONE_TO_FOUR, [(0, 40), (5, 20), (30, 40)], "mean", steps=2) == (
        [[1.5, 3.5], [1.5, 2.5], [4, 0]],
        [[2, 2], [2, 2], [1, 0]],
    )


def test_parts_of_a_span_leave_no_nanosecond_out() -> None:
    start, end = split_spans(ns(EPOCH_NS), ns(EPOCH_NS + 10), 4)
    assert ((start - EPOCH_NS).tolist(), (end - EPOCH_NS).tolist()) == ([0, 2, 5, 7], [2, 5, 7, 10])


@pytest.mark.parametrize("kind", KINDS)
def test_without_frames_or_without_spans_there_is_nothing_to_pool(kind: Kind) -> None:
    assert pooled(stream(), [(0, 5)], kind) == ([[0, 0]], [[0]])
    assert pooled(stream((0, 1, (1, 2))), [], kind) == ([], [])


TEXTS = st.lists(st.tuples(st.integers(-3, 9), st.integers(0, 4), st.sampled_from("abc")), max_size=6)


@relaxed
@given(TEXTS, SPANS)
def test_texts_are_joined_in_the_order_they_come_for_every_span_that_they_meet(
    said: list[tuple[int, int, str]], spans: list[tuple[int, int]]
) -> None:
    joined, counts = pool_texts(
        (ns(*(start for start, _, _ in said)), ns(*(start + long for start, long, _ in said))),
        [text for _, _, text in said],
        (ns(*(start for start, _ in spans)), ns(*(start + long for start, long in spans))),
    )
    met = [
        [text for at, lasts, text in said if meet(start, start + long, at, at + lasts)]
        for start, long in spans
    ]
    assert joined == [" ".join(texts) for texts in met]
    assert counts.tolist() == [[len(texts)] for texts in met]


def test_a_sum_is_exact_in_float64_before_it_is_rounded_once() -> None:
    tenth = float(np.float32(0.1))
    many = stream(*((at, 1, (tenth,)) for at in range(1000)), width=1, kind=np.float32)
    assert pooled(many, [(0, 1000)], "sum")[0] == [[float(np.float32(sum([tenth] * 1000)))]]


def test_what_comes_in_float64_keeps_its_digits() -> None:
    latitude = stream((0, 1, (48.137154321,)), width=1, kind=np.float64)
    assert pooled(latitude, [(0, 1)], "mean", "last")[0] == [[48.137154321, 48.137154321]]


def test_a_span_or_a_frame_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an end at or after the start"):
        pooled(ONE_TO_FOUR, [(5, -1)], "mean")
    with pytest.raises(ValueError, match="expected an end at or after the start"):
        pooled(stream((5, -1, (0, 0))), [(0, 9)], "mean")


def test_what_a_float32_cannot_hold_is_infinite() -> None:
    huge = stream((0, 1, (3e38,)), (1, 1, (3e38,)), width=1)
    assert pooled(huge, [(0, 2)], "sum", "mean")[0] == [[math.inf, float(np.float32(3e38))]]


@relaxed
@given(FRAMES, SPANS, st.sampled_from([np.float32, np.float64]))
def test_what_is_pooled_is_that_of_the_obvious_way(
    frames: list[Frame], spans: list[tuple[int, int]], kind: type
) -> None:
    rows, counts = pooled(stream(*frames, kind=kind), spans, *KINDS)
    expected_rows, expected_counts = slow_rows(frames, spans, KINDS, 2)
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite
        expected: Float32s = np.array(expected_rows, np.float64).astype(kind)
    np.testing.assert_array_equal(np.array(rows), expected)
    assert [count for (count,) in counts] == expected_counts


@relaxed
@given(FRAMES, SPANS, st.integers(1, 4))
def test_steps_are_the_parts_of_a_span_pooled_one_by_one(
    frames: list[Frame], spans: list[tuple[int, int]], steps: int
) -> None:
    rows, counts = pooled(stream(*frames), spans, "mean", "last", steps=steps)
    start, end = split_spans(ns(*(at for at, _ in spans)), ns(*(at + long for at, long in spans)), steps)
    parts = list(zip(start.tolist(), (end - start).tolist(), strict=True))
    part_rows, part_counts = pooled(stream(*frames), parts, "mean", "last")
    assert [[count] for row in counts for count in row] == part_counts
    by_part = np.array(part_rows).reshape((len(spans), steps, 2, 2))
    np.testing.assert_array_equal(np.array(rows).reshape((len(spans), 2, steps, 2)), by_part.swapaxes(1, 2))


@relaxed
@given(FRAMES, SPANS, st.integers(-EPOCH_NS, EPOCH_NS))
def test_shifting_frames_and_spans_shifts_nothing_else(
    frames: list[Frame], spans: list[tuple[int, int]], shift: int
) -> None:
    moved = [(start + shift, length, values) for start, length, values in frames]
    moved_spans = [(start + shift, length) for start, length in spans]
    before, after = pooled(stream(*frames), spans, *KINDS), pooled(stream(*moved), moved_spans, *KINDS)
    np.testing.assert_array_equal(np.array(before[0]), np.array(after[0]))
    assert before[1] == after[1]


@relaxed
@given(FRAMES, SPANS, st.randoms(use_true_random=False))
def test_the_order_of_frames_of_different_times_does_not_matter(
    frames: list[Frame], spans: list[tuple[int, int]], random: object
) -> None:
    apart = list({frame[:2]: frame for frame in frames}.values())
    shuffled = list(apart)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a Random
    before, after = pooled(stream(*apart), spans, *KINDS), pooled(stream(*shuffled), spans, *KINDS)
    np.testing.assert_array_equal(np.array(before[0]), np.array(after[0]))
    assert before[1] == after[1]


def test_pooling_leaves_its_input_as_it_was() -> None:
    frames = stream((3, 1, (1, 2)), (0, 1, (3, 4)))
    pooled(frames, [(0, 9)], *KINDS)
    assert (frames.start_ns.tolist(), frames.values.tolist()) == ([3, 0], [[1, 2], [3, 4]])
    assert frames.values.flags.writeable


@relaxed
@given(SPANS, SPANS)
def test_a_frame_that_meets_no_span_is_known(
    frames: list[tuple[int, int]], spans: list[tuple[int, int]]
) -> None:
    frames_ns, spans_ns = (
        (ns(*(start for start, _ in rows)), ns(*(start + length for start, length in rows)))
        for rows in (frames, spans)
    )
    assert meeting_any(frames_ns, spans_ns).tolist() == [
        any(meet(start, start + length, begin, begin + long) for begin, long in spans)
        for start, length in frames
    ]
