"""The key most like another: for names that were mistyped, cut short, or written in another case.

reads   names, and the keys that there are
writes  for each name the place of a key, and how alike the two are
rules   Likeness is what two names share at their beginning and their end, over the length of the longer.
        Upper and lower case are one, and only the first and the last 64 bytes are looked at. The most alike
        key stands beside the name in alphabetical order, forwards or backwards, so only four are compared:
        n log n in the number of names. Equals go to the earlier key.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]
Texts = NDArray[np.bytes_]

_BYTES = 64
_ROWS_AT_ONCE = 65_536


def most_alike(names: Sequence[str], keys: Sequence[str]) -> tuple[Int64s, Float64s]:
    """Places of keys, -1 where none shares a beginning or an end with the name; and likeness, 0 to 1."""
    if not len(names) or not len(keys):
        return np.full(len(names), -1, np.int64), np.zeros(len(names))
    own, others = [name.casefold().encode() for name in names], [key.casefold().encode() for key in keys]
    forwards = _texts(own), _texts(others)
    backwards = _texts([text[::-1] for text in own]), _texts([text[::-1] for text in others])
    candidates = np.column_stack([*_neighbours(*forwards), *_neighbours(*backwards)])
    lengths = np.array([len(text) for text in own]), np.array([len(text) for text in others])
    likeness = np.empty(candidates.shape)
    for column, candidate in enumerate(candidates.T):
        longer = np.maximum(lengths[0], lengths[1][candidate])
        shorter = np.minimum(lengths[0], lengths[1][candidate])
        shared = _shared(forwards[0], forwards[1], candidate) + _shared(backwards[0], backwards[1], candidate)
        likeness[:, column] = np.minimum(shared, shorter) / np.maximum(longer, 1)
    best = likeness.max(axis=1)
    place = np.where(likeness == best[:, None], candidates, len(keys)).min(axis=1)
    return np.where(best > 0, place, -1), best


def _texts(texts: Sequence[bytes]) -> Texts:
    return np.array([text[:_BYTES] for text in texts], f"S{_BYTES}")


def _neighbours(own: Texts, others: Texts) -> tuple[Int64s, Int64s]:
    """The places of the others before and after each text in alphabetical order."""
    order = np.argsort(others, kind="stable")
    after = np.searchsorted(others[order], own)
    return order[(after - 1).clip(min=0)], order[after.clip(max=len(order) - 1)]


def _shared(own: Texts, others: Texts, candidate: Int64s) -> Int64s:
    """How many bytes each text has in common with its candidate, from the first on."""
    shared = np.empty(len(own), np.int64)
    for start in range(0, len(own), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        left = own[rows].view(np.uint8).reshape(-1, _BYTES)
        right = others[candidate[rows]].view(np.uint8).reshape(-1, _BYTES)
        same = (left == right) & (left != 0)
        shared[rows] = np.where(same.all(axis=1), _BYTES, np.argmin(same, axis=1))
    return shared
