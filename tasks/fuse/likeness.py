"""All 64-bit hashes that differ from one in a few bits at most, exactly: multi-index hashing.

Hashes that differ in at most b bits are equal in at least one of b + 1 bands (Norouzi, Punjani and Fleet
2012, "Fast search in Hamming space with multi-index hashing"), so only those that share a band are compared.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

_HASH_BITS = 64


class LikenessIndex:
    """Hashes seen so far."""

    def __init__(self, most_bits: int) -> None:
        self._most_bits = most_bits
        edges = [round(_HASH_BITS * band / (most_bits + 1)) for band in range(most_bits + 2)]
        self._bands = [(low, (1 << (high - low)) - 1) for low, high in pairwise(edges)]
        self._buckets: list[defaultdict[int, list[int]]] = [defaultdict(list) for _ in self._bands]
        self._known: set[int] = set()

    def add(self, seen: int) -> None:
        """Remember the hash."""
        if seen in self._known:
            return
        self._known.add(seen)
        for buckets, bits in self._parts_of(seen):
            buckets[bits].append(seen)

    def near(self, seen: int) -> set[int]:
        """The remembered hashes that differ from this one in at most `most_bits` bits."""
        return {
            known
            for buckets, bits in self._parts_of(seen)
            for known in buckets.get(bits, ())
            if (known ^ seen).bit_count() <= self._most_bits
        }

    def _parts_of(self, seen: int) -> Iterator[tuple[defaultdict[int, list[int]], int]]:
        """Per band its buckets, and the bits of the hash there."""
        for buckets, (low, mask) in zip(self._buckets, self._bands, strict=True):
            yield buckets, seen >> low & mask
