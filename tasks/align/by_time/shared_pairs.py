"""Match stamps where one may serve several: a value that is held, the nearest of each.

reads   stamps (`left_ns` of samples, `right_ns` of members), in any order, with duplicates
writes  Pairs
rules   For a sample exactly what `pandas.merge_asof(samples, members)` gives, backward or nearest: a tie goes
        to the earlier time; of members of one time to the last row, or to the first where they come after.
"""

import numpy as np

from tasks.align.by_time.matching import Int64s, Pairs, in_time_order, nearest_index


def previous_pairs(left_ns: Int64s, right_ns: Int64s, tolerance_ns: int) -> Pairs:
    """Each left stamp with the last right one at or before it, if that is at most `tolerance_ns` older."""
    order, sorted_ns = in_time_order(right_ns)
    place = np.searchsorted(sorted_ns, left_ns, side="right") - 1
    return _in_reach(left_ns, sorted_ns, order, (place, place >= 0), tolerance_ns)


def pairs_per_left(left_ns: Int64s, right_ns: Int64s, tolerance_ns: int) -> Pairs:
    """Each left stamp with its nearest right one, which may serve several."""
    order, sorted_ns = in_time_order(right_ns)
    before = np.searchsorted(sorted_ns, left_ns, side="right") - 1
    after = np.searchsorted(sorted_ns, left_ns, side="left")
    last = max(len(right_ns) - 1, 0)
    gaps_ns = [
        np.abs(sorted_ns[np.clip(place, 0, last)] - left_ns) if len(right_ns) else left_ns
        for place in (before, after)
    ]
    take_after = (before < 0) | ((after <= last) & (gaps_ns[1] < gaps_ns[0]))
    place = np.where(take_after, after, before)
    return _in_reach(left_ns, sorted_ns, order, (place, (place >= 0) & (place < len(right_ns))), tolerance_ns)


def pairs_per_right(left_ns: Int64s, right_ns: Int64s, tolerance_ns: int) -> Pairs:
    """Each right stamp with its nearest left one, which may have several; by left row, then by right row."""
    left_index, _ = nearest_index(right_ns, left_ns)
    right_index = np.flatnonzero(left_index >= 0)
    left_index = left_index[right_index]
    near = np.abs(right_ns[right_index] - left_ns[left_index]) <= tolerance_ns
    left_index, right_index = left_index[near], right_index[near]
    by_row = np.argsort(left_index, kind="stable")
    left_index, right_index = left_index[by_row], right_index[by_row]
    return Pairs(left_index, right_index, right_ns[right_index] - left_ns[left_index])


def _in_reach(
    left_ns: Int64s,
    sorted_ns: Int64s,
    order: Int64s,
    found: tuple[Int64s, np.typing.NDArray[np.bool_]],
    tolerance_ns: int,
) -> Pairs:
    """The pairs of left rows and places in the sorted stamps that there are, and are near enough."""
    place, exists = found
    left_index = np.flatnonzero(exists)
    place = place[left_index]
    near = np.abs(sorted_ns[place] - left_ns[left_index]) <= tolerance_ns
    left_index, place = left_index[near], place[near]
    return Pairs(left_index, order[place], sorted_ns[place] - left_ns[left_index])
