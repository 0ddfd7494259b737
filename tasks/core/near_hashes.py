"""All pairs of 64-bit hashes that differ in a few bits at most, exactly, without comparing each with each.

reads   distinct hashes, and how many bits may differ
writes  pairs of hashes, each once, some at a time

Cut into b + a bands, hashes that differ in at most b bits are equal in at least a of them (the pigeonhole of
Norouzi, Punjani and Fleet 2012, "Fast search in Hamming space with multi-index hashing", with more bands as
in Manku, Jain and Das Sarma 2007, "Detecting near-duplicates for web crawling"). So for every choice of a
bands their bits are moved to the front and the hashes sorted; only those that are equal there are compared.
More bands to choose cost more sorts and spare comparisons: their number is what costs the least. Memory is a
few numbers per hash. Time is close to linear while the hashes are spread evenly; where many are equal in the
chosen bands it grows with the number of such pairs.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]
Band = tuple[int, int]  # from this bit up to, without, that one

MOST_BITS = 16
_HASH_BITS = 64
_MOST_CHOSEN = 4
_SORT_COST = 10  # of moving and sorting one hash, in comparisons of two
_SPARSE = 4  # where one start in so many is left, they are picked out


def near_pairs(hashes: UInt64s, most_bits: int) -> Iterator[tuple[UInt64s, UInt64s]]:
    """Hashes that differ in at most that many bits, each pair once, the smaller hash first.

    The hashes are distinct; `most_bits` is at most MOST_BITS.
    """
    yield from near_pairs_by(hashes, most_bits, bands_to_choose(len(hashes), most_bits))


def near_pairs_by(hashes: UInt64s, most_bits: int, chosen: int) -> Iterator[tuple[UInt64s, UInt64s]]:
    """The same pairs whatever number of bands is chosen."""
    edges = [round(_HASH_BITS * band / (most_bits + chosen)) for band in range(most_bits + chosen + 1)]
    bands = list(pairwise(edges))
    for choice in combinations(bands, chosen):
        order = [*choice, *(band for band in bands if band not in choice)]
        turned = np.sort(_move_bits(hashes, order))
        key_bits = sum(high - low for low, high in choice)
        for one, other in _near_in_buckets(turned, key_bits, most_bits):
            pair = _move_back(one, order), _move_back(other, order)
            first = _is_first_choice(pair[0] ^ pair[1], bands, choice)
            if first.any():
                yield np.minimum(*pair)[first], np.maximum(*pair)[first]


def _near_in_buckets(turned: UInt64s, key_bits: int, most_bits: int) -> Iterator[tuple[UInt64s, UInt64s]]:
    """Near ones among sorted numbers whose first bits are equal, each with the next, the one after, ..."""
    followers = _followers(turned, key_bits)
    starts = np.arange(len(turned))
    for step in range(1, int(followers.max(initial=0)) + 1):
        if len(starts) == len(turned) and np.count_nonzero(followers >= step) * _SPARSE > len(turned):
            differing = turned[:-step] ^ turned[step:]
            one = np.flatnonzero(np.bitwise_count(differing) <= most_bits)
            one = one[followers[one] >= step]
        else:
            starts = starts[followers[starts] >= step]
            one = starts[np.bitwise_count(turned[starts] ^ turned[starts + step]) <= most_bits]
        if len(one):
            yield turned[one], turned[one + step]


def _followers(turned: UInt64s, key_bits: int) -> Int64s:
    """How many of the numbers after each one have the same first bits."""
    keys = turned >> np.uint64(_HASH_BITS - key_bits)
    ends = np.append(np.flatnonzero(keys[1:] != keys[:-1]), len(keys) - 1)
    return np.repeat(ends, np.diff(ends, prepend=-1)) - np.arange(len(keys))


def _is_first_choice(differing: UInt64s, bands: list[Band], choice: tuple[Band, ...]) -> NDArray[np.bool_]:
    """Whether these are the first bands without a difference: only there a pair is told."""
    is_first = np.ones(len(differing), np.bool_)
    for low, high in bands[: bands.index(choice[-1])]:
        if (low, high) not in choice:
            is_first &= _bits(differing, low, high) != 0
    return is_first


def _move_bits(hashes: UInt64s, order: list[Band]) -> UInt64s:
    """The bands one after the other, the first in the highest bits."""
    moved = np.zeros(len(hashes), np.uint64)
    for low, high in order:
        moved = moved << np.uint64(high - low) | _bits(hashes, low, high)
    return moved


def _move_back(moved: UInt64s, order: list[Band]) -> UInt64s:
    """What `_move_bits` was given."""
    hashes = np.zeros(len(moved), np.uint64)
    place = 0
    for low, high in reversed(order):
        hashes |= _bits(moved, place, place + high - low) << np.uint64(low)
        place += high - low
    return hashes


def _bits(hashes: UInt64s, low: int, high: int) -> UInt64s:
    return hashes >> np.uint64(low) & np.uint64((1 << (high - low)) - 1)


def bands_to_choose(hashes: int, most_bits: int) -> int:
    """The number of equal bands that costs the least."""

    def cost(chosen: int) -> float:
        key_bits = _HASH_BITS * chosen / (most_bits + chosen)
        return comb(most_bits + chosen, chosen) * (_SORT_COST + hashes / 2 / 2**key_bits)

    return min(range(1, _MOST_CHOSEN + 1), key=cost)
