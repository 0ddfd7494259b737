"""Near hashes, beside comparing each with each."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core.near_hashes import MOST_BITS, UInt64s, bands_to_choose, near_pairs, near_pairs_by

HASHES = st.integers(0, 2**64 - 1)
FLIPS = st.lists(st.sets(st.integers(0, 63), max_size=20), max_size=12)


def found(hashes: list[int], most_bits: int) -> list[tuple[int, int]]:
    return to_pairs(near_pairs(np.array(hashes, np.uint64), most_bits))


def to_pairs(parts: Iterable[tuple[UInt64s, UInt64s]]) -> list[tuple[int, int]]:
    return [pair for one, other in parts for pair in zip(one.tolist(), other.tolist(), strict=True)]


def slow_pairs(hashes: list[int], most_bits: int) -> list[tuple[int, int]]:
    ordered = sorted(hashes)
    return [
        (one, other)
        for place, one in enumerate(ordered)
        for other in ordered[place + 1 :]
        if (one ^ other).bit_count() <= most_bits
    ]


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.integers(0, 8), HASHES, FLIPS, st.integers(1, 4))
def test_pairs_are_those_of_comparing_each_with_each_however_many_bands_are_chosen(
    most_bits: int, seen: int, flips: list[set[int]], chosen: int
) -> None:
    hashes = list({seen, *(seen ^ sum(1 << bit for bit in flipped) for flipped in flips)})
    parts = near_pairs_by(np.array(hashes, np.uint64), most_bits, chosen)
    assert sorted(to_pairs(parts)) == slow_pairs(hashes, most_bits)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.integers(0, MOST_BITS), st.sets(HASHES | st.integers(0, 40), max_size=30))
def test_pairs_come_once_whatever_the_order_of_the_hashes(most_bits: int, hashes: set[int]) -> None:
    ordered = sorted(hashes)
    assert found(ordered, most_bits) == found(ordered[::-1], most_bits)
    assert sorted(found(ordered, most_bits)) == slow_pairs(ordered, most_bits)


@pytest.mark.parametrize("hashes", [[], [0], [2**64 - 1]])
def test_none_and_one_have_no_pair(hashes: list[int]) -> None:
    assert found(hashes, 6) == []


def test_all_bits_count_alike() -> None:
    for bit in range(64):
        assert found([0, 1 << bit], 1) == [(0, 1 << bit)]
        assert found([0, 1 << bit], 0) == []


def test_more_bands_are_compared_where_there_are_more_hashes() -> None:
    assert [bands_to_choose(hashes, 6) for hashes in (100, 1_000_000, 100_000_000)] == [1, 2, 4]
