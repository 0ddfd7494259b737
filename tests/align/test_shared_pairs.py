"""Stamps where one may serve several: compared with pandas, row by row."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.by_time.matching import Int64s, Pairs
from tasks.align.by_time.shared_pairs import pairs_per_left, pairs_per_right, previous_pairs
from tasks.core.times import NS_PER_MS, NS_PER_S

Direction = Literal["backward", "nearest"]
# Few distinct times, so that ties and duplicates are common.
STAMPS = st.lists(st.integers(-12, 12), max_size=10)
relaxed = settings(deadline=None, derandomize=True, max_examples=300)


def by_pandas(
    left: list[int], right: list[int], tolerance: int, direction: Direction
) -> list[tuple[int, int, int]]:
    """The rows that `merge_asof` joins; it asks for sorted stamps."""
    samples = pd.DataFrame({"at": sorted(left), "left": np.argsort(left, kind="stable")})
    members = pd.DataFrame({"at": sorted(right), "right": np.argsort(right, kind="stable")})
    samples, members = samples.astype("int64"), members.astype("int64")
    members["there"] = members["at"]
    found = pd.merge_asof(samples, members, on="at", tolerance=tolerance, direction=direction).dropna()
    lags = found["there"] - found["at"]
    columns = (found["left"], found["right"], lags)
    return sorted(zip(*(column.astype("int64").tolist() for column in columns), strict=True))


def triples(pairs: Pairs) -> list[tuple[int, int, int]]:
    columns = (pairs.left_index, pairs.right_index, pairs.lag_ns)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("match", "direction"),
    [(previous_pairs, "backward"), (pairs_per_left, "nearest")],
    ids=["held", "nearest"],
)
@relaxed
@given(left=STAMPS, right=STAMPS, tolerance=st.integers(0, 9))
def test_each_sample_takes_what_merge_asof_gives_it(
    match: Callable[[Int64s, Int64s, int], Pairs],
    direction: Direction,
    left: list[int],
    right: list[int],
    tolerance: int,
) -> None:
    found = match(np.array(left, np.int64), np.array(right, np.int64), tolerance)
    assert triples(found) == by_pandas(left, right, tolerance, direction)


@relaxed
@given(left=STAMPS, right=STAMPS, tolerance=st.integers(0, 9))
def test_each_member_goes_to_the_nearest_sample(left: list[int], right: list[int], tolerance: int) -> None:
    found = pairs_per_right(np.array(left, np.int64), np.array(right, np.int64), tolerance)
    expected = []
    for row, there in enumerate(right):
        nearest = min(
            range(len(left)), key=lambda own: (abs(there - left[own]), left[own], own), default=None
        )
        if nearest is not None and abs(there - left[nearest]) <= tolerance:
            expected.append((nearest, row, there - left[nearest]))
    assert triples(found) == sorted(expected)


def test_a_slow_receiver_is_held_over_the_frames_of_a_camera() -> None:
    frames = np.arange(0, 60 * NS_PER_S, NS_PER_S // 20)
    fixes = np.rint(np.arange(0, 60, 1 / 9.7) * NS_PER_S).astype(np.int64)
    found = previous_pairs(frames, fixes, 200 * NS_PER_MS)
    assert triples(found) == by_pandas(frames.tolist(), fixes.tolist(), 200 * NS_PER_MS, "backward")
    assert len(found.left_index) == len(frames)
