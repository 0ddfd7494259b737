"""Which things have codes in common that are nearly the same, in time that is linear in the number of codes.

reads   64-bit codes, each of a thing; things are numbered in the order of the dataset
writes  pairs of things (in memory), the later one first, and how many of their codes are near each other
rules   Codes are sorted by some of their bits, again and again by others (locality-sensitive hashing: Indyk
        and Motwani 1998), and each is compared with the few before it that are equal there. So a pair may be
        missed, which is why things have many codes. Things are compared with earlier ones only, and of those
        a bounded number: what comes later changes nothing among what was there, and the pairs of many things
        that look alike do not grow with the square of their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]

_SORTS = 28
_KEY_BITS = 18
_COMPARED = 24  # codes before each, per sort
_SEED = 20261130


@dataclass(frozen=True)
class Search:
    """In how many bits near codes may differ, and with how many earlier things one is paired at most."""

    most_bits: int
    most_pairs: int
    key_from: Sequence[int]  # the steadiest bits, of which sorts take some


def near_things(codes: UInt64s, things: Int64s, search: Search) -> Int64s:
    """Rows of (later thing, earlier thing), sorted; of too many those with the most near codes."""
    if len(codes) < 2:
        return np.empty((0, 2), np.int64)
    order = np.argsort(things, kind="stable")
    codes, things = codes[order], things[order]
    hits = [_hits(codes, things, bits, search.most_bits) for bits in _key_choices(search.key_from)]
    # A pair of codes that several sorts find is one hit.
    pairs = np.unique(np.concatenate(hits), axis=0)
    both, counts = np.unique(things[pairs], axis=0, return_counts=True)
    return _strongest(both, counts, search.most_pairs)


def _key_choices(key_from: Sequence[int]) -> list[list[int]]:
    rng = np.random.default_rng(_SEED)
    return [sorted(rng.permutation(np.array(key_from))[:_KEY_BITS].tolist()) for _ in range(_SORTS)]


def _hits(codes: UInt64s, things: Int64s, bits: list[int], most_bits: int) -> Int64s:
    """Rows of (code, code) whose things differ, by their places, the later one first."""
    keys = np.zeros(len(codes), np.uint64)
    for place, bit in enumerate(bits):
        keys |= (codes >> np.uint64(bit) & np.uint64(1)) << np.uint64(place)
    order = np.argsort(keys, kind="stable")
    keys, turned, owners = keys[order], codes[order], things[order]
    found = [np.empty((0, 2), np.int64)]
    for step in range(1, _COMPARED + 1):
        near = keys[step:] == keys[:-step]
        if not near.any():
            break
        near &= np.bitwise_count(turned[step:] ^ turned[:-step]) <= most_bits
        near &= owners[step:] != owners[:-step]
        places = np.flatnonzero(near)
        found.append(np.stack([order[places + step], order[places]], axis=1))
    return np.concatenate(found)


def _strongest(pairs: Int64s, counts: Int64s, most: int) -> Int64s:
    order = np.lexsort((pairs[:, 1], -counts, pairs[:, 0]))
    pairs = pairs[order]
    firsts = np.flatnonzero(np.diff(pairs[:, 0], prepend=-1))
    rank = np.arange(len(pairs)) - np.repeat(firsts, np.diff(firsts, append=len(pairs)))
    kept = pairs[rank < most]
    return kept[np.lexsort((kept[:, 1], kept[:, 0]))]
