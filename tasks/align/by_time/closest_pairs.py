"""Pair two sorted streams of stamps one-to-one, the globally closest pair first, in n log n.

reads   two sorted int64 arrays of nanoseconds
writes  positions of the pairs; stamps of one time stand for each other
rules   Both streams are laid on one line, where the closest free pair always are neighbours. A pair closer to
        each other than to anything else can be taken at once, wherever it stands: no closer pair can claim
        either: so whole rounds of mutual neighbours go together, and only chains of conflicts one by one.
        Of equal lags around one stamp the earlier pair wins.
"""

import heapq
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]

# A round costs some nanoseconds a free stamp, the heap some microseconds a pair. A round that pairs less than
# this share of the free stamps has met a chain of conflicts, where each pair waits for the one before it.
_WORTHWHILE_SHARE = 1 / 256


def closest_pairs(left_ns: Int64s, right_ns: Int64s, tolerance_ns: int) -> tuple[Int64s, Int64s]:
    """Positions of the pairs in either stream, by the left."""
    merged_ns = np.concatenate([left_ns, right_ns])
    free = np.argsort(merged_ns, kind="stable")
    line_ns, is_left = merged_ns[free], free < len(left_ns)
    partner = np.full(len(merged_ns), -1, np.int64)
    while True:
        before = _mutually_nearest(line_ns, is_left, tolerance_ns)
        if len(before) < _WORTHWHILE_SHARE * len(free) or not len(before):
            break
        _pair_up(partner, free[before], free[before + 1])
        is_free = np.ones(len(free), np.bool_)
        is_free[before] = is_free[before + 1] = False
        still = np.flatnonzero(is_free)
        free, line_ns, is_left = free[still], line_ns[still], is_left[still]
    chained = np.array(list(_chained_pairs(line_ns, is_left, tolerance_ns)), np.int64).reshape(-1, 2)
    _pair_up(partner, free[chained[:, 0]], free[chained[:, 1]])
    left = np.flatnonzero(partner[: len(left_ns)] >= 0)
    return left, partner[left] - len(left_ns)


def _pair_up(partner: Int64s, before: Int64s, after: Int64s) -> None:
    partner[before], partner[after] = after, before


def _mutually_nearest(line_ns: Int64s, is_left: NDArray[np.bool_], tolerance_ns: int) -> Int64s:
    """Positions p on the line where p and p + 1 are of two sides, and each is the nearest to the other."""
    edges = np.flatnonzero(is_left[1:] != is_left[:-1])
    before_ns, after_ns = line_ns[edges], line_ns[edges + 1]
    lag_ns = after_ns - before_ns
    nearest = lag_ns <= tolerance_ns
    # A stamp's nearest rival on its other side is the near end of the next run; equals go to the earlier.
    nearest[1:] &= lag_ns[1:] < before_ns[1:] - before_ns[:-1]
    nearest[:-1] &= lag_ns[:-1] <= after_ns[1:] - after_ns[:-1]
    return edges[nearest]


def _chained_pairs(
    line_ns: Int64s, is_left: NDArray[np.bool_], tolerance_ns: int
) -> Iterator[tuple[int, int]]:
    """The same pairs one by one, closest first, closing the gap in the line that each leaves behind."""
    edges = np.flatnonzero((is_left[1:] != is_left[:-1]) & (np.diff(line_ns) <= tolerance_ns))
    lags_ns = line_ns[edges + 1] - line_ns[edges]
    waiting = list(zip(lags_ns.tolist(), edges.tolist(), (edges + 1).tolist(), strict=True))
    heapq.heapify(waiting)
    # Neighbours on the line, where they are no longer those at its next position.
    previous, following = dict[int, int](), dict[int, int]()
    taken: set[int] = set()
    while waiting:
        _, before, after = heapq.heappop(waiting)
        if before in taken or after in taken:
            continue
        taken |= {before, after}
        yield before, after
        before, after = previous.pop(before, before - 1), following.pop(after, after + 1)
        following[before], previous[after] = after, before
        if before >= 0 and after < len(line_ns) and is_left[before] != is_left[after]:
            lag_ns = int(line_ns[after] - line_ns[before])
            if lag_ns <= tolerance_ns:
                heapq.heappush(waiting, (lag_ns, before, after))
