"""All pairs of 64-bit hashes that differ in a few bits at most, exactly, without comparing each with each.

reads   distinct hashes, and how many bits may differ
writes  pairs, each once, some at a time

Cut into b + a bands, hashes that differ in at most b bits are equal in at least a of them (the pigeonhole of
Norouzi, Punjani and Fleet 2012, "Fast search in Hamming space with multi-index hashing", with more bands as in
Manku, Jain and Das Sarma 2007, "Detecting near-duplicates for web crawling"). So for every choice of a bands
the hashes are sorted by these, and only neighbours that are equal there are compared. More chosen bands cost
more sorts and spare more comparisons: the number is chosen for the least of both. Memory is a few numbers per
hash; time is close to linear in their number while they are spread evenly, and grows with the number of pairs
where many look alike.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import comb, log2

import numpy as np
from numpy.typing import NDArray

UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]

MOST_BITS = 16
_HASH_BITS = 64
_MOST_CHOSEN = 4
_SORT_COST = 16.0  # of one hash, in comparisons


def near_pairs(hashes: UInt64s, most_bits: int) -> Iterator[tuple[Int64s, Int64s]]:
    """Places of hashes that differ in at most that many bits, each pair once, the lower place first.

    The hashes are distinct, `most_bits` is at most MOST_BITS.
    """
    chosen = _bands_to_choose(len(hashes), most_bits)
    bands = _bands(most_bits + chosen)
    for choice in combinations(range(len(bands)), chosen):
        keys = hashes & np.uint64(sum(bands[band] for band in choice))
        order = np.argsort(keys, kind="stable")
        for one, other in _equal_neighbours(keys[order]):
            differing = hashes[order[one]] ^ hashes[order[other]]
            near = np.flatnonzero(np.bitwise_count(differing) <= most_bits)
            near = near[_first_choice(differing[near], bands, choice)]
            if len(near):
                pair = order[one[near]], order[other[near]]
                yield np.minimum(*pair), np.maximum(*pair)


def _equal_neighbours(keys: UInt64s) -> Iterator[tuple[Int64s, Int64s]]:
    """Every two places of sorted keys that are equal: first those next to each other, then one further."""
    starts = np.arange(len(keys))
    for step in range(1, len(keys)):
        starts = starts[: np.searchsorted(starts, len(keys) - step)]
        starts = starts[keys[starts] == keys[starts + step]]
        if not len(starts):
            return
        yield starts, starts + step


def _first_choice(differing: UInt64s, bands: list[int], choice: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether the choice is of the first bands that are equal: only there a pair is told."""
    is_first = np.ones(len(differing), np.bool_)
    for band in range(choice[-1]):
        if band not in choice:
            is_first &= (differing & np.uint64(bands[band])) != 0
    return is_first


def _bands(count: int) -> list[int]:
    """The bits of each band, as evenly cut as they can be."""
    edges = [round(_HASH_BITS * band / count) for band in range(count + 1)]
    return [((1 << (high - low)) - 1) << low for low, high in pairwise(edges)]


def _bands_to_choose(hashes: int, most_bits: int) -> int:
    """The number of equal bands that costs the least."""
    spread = log2(max(hashes, 2))

    def cost(chosen: int) -> float:
        key_bits = _HASH_BITS * chosen / (most_bits + chosen)
        return comb(most_bits + chosen, chosen) * (_SORT_COST * spread + 2 ** (spread - key_bits))

    return min(range(1, _MOST_CHOSEN + 1), key=cost)
