"""Anchors: runs of words that both texts have once, in the one order that keeps the most of them.

reads   two rows of word ids
writes  rows of the first and of the second, rising in both
rules   As in patience sorting for differences of texts (Cohen 2010): what is said once in either text is said
        of one thing. Cost is n log n.
"""

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


def find_anchors(left: Int64s, right: Int64s, run: int) -> tuple[Int64s, Int64s]:
    """Where runs of that many words begin that are met once on either side and stand in one order."""
    if min(len(left), len(right)) < run:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    codes = _run_codes(np.concatenate([left, right]), run)
    own, other = codes[: len(left) - run + 1], codes[len(left) :]
    left_code, left_place = _met_once(own)
    right_code, right_place = _met_once(other)
    _, in_left, in_right = np.intersect1d(left_code, right_code, assume_unique=True, return_indices=True)
    order = np.argsort(left_place[in_left])
    left_place, right_place = left_place[in_left][order], right_place[in_right][order]
    rising = _longest_rising(right_place)
    return left_place[rising], right_place[rising]


def _run_codes(ids: Int64s, run: int) -> Int64s:
    """A number for each run of words, equal where the runs are; ranks keep the numbers small."""
    codes = ids
    for further in range(1, run):
        longer = codes[:-1] * (int(ids.max()) + 1) + ids[further:]
        _, codes = np.unique(longer, return_inverse=True)
    return codes.astype(np.int64)


def _met_once(codes: Int64s) -> tuple[Int64s, Int64s]:
    values, first, counts = np.unique(codes, return_index=True, return_counts=True)
    return values[counts == 1], first[counts == 1].astype(np.int64)


def _longest_rising(places: Int64s) -> Int64s:
    """Rows of the longest strictly rising subsequence (Schensted 1961); every place is another one."""
    tails: list[int] = []
    last: list[int] = []
    before = np.full(len(places), -1, np.int64)
    for row, place in enumerate(places.tolist()):
        height = bisect_left(tails, place)
        before[row] = last[height - 1] if height else -1
        tails[height : height + 1] = [place]
        last[height : height + 1] = [row]
    rising = []
    row = last[-1] if last else -1
    while row >= 0:
        rising.append(row)
        row = int(before[row])
    return np.array(rising[::-1], np.int64)
