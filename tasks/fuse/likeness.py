"""Which pictures of the dataset look alike: their 64-bit hashes differ in a few bits at most, exactly.

reads   the perceptual hashes of all pictures
writes  for each hash those near it (in memory: two numbers for every two that are near)
"""

import numpy as np

from tasks.core.near_hashes import UInt64s, near_pairs


class Likeness:
    """The hashes, and which of them are near each other."""

    def __init__(self, hashes: UInt64s, most_bits: int) -> None:
        self._hashes = np.unique(hashes)
        pairs = list(near_pairs(self._hashes, most_bits))
        nothing = np.empty(0, np.uint64)
        one, other = (np.concatenate([nothing, *(pair[side] for pair in pairs)]) for side in (0, 1))
        seen = np.concatenate([self._hashes, one, other])
        near = np.concatenate([self._hashes, other, one])
        order = np.lexsort((near, seen))
        self._near = near[order]
        self._ends = np.cumsum(np.bincount(np.searchsorted(self._hashes, seen), minlength=len(self._hashes)))

    def near(self, seen: int) -> list[int]:
        """The hashes that differ from this one, which is one of them, in at most `most_bits` bits: it too."""
        place = int(np.searchsorted(self._hashes, np.uint64(seen)))
        first = int(self._ends[place - 1]) if place else 0
        found: list[int] = self._near[first : int(self._ends[place])].tolist()
        return found
