"""Pair two sorted streams of stamps one-to-one, the globally closest pair first, in one walk along the line.

reads   two sorted int64 arrays of nanoseconds
writes  positions of the pairs; stamps of one time stand for each other
rules   Both streams are laid on one line. A left stamp is a step up and a right one a step down. Between two
        stamps that are paired closest first everything else is paired already, so steps up equal steps down
        there: the two are steps between the same levels. The steps between two levels are left and right by
        turns, so each has one neighbour before and one after, and other levels do not concern it. A pair no
        farther apart than either of the two is from its other neighbour can be taken at once: no closer pair
        can claim it later, since neighbours only go farther away. Of equal lags around one stamp the earlier
        pair wins. Every stamp is put on the pile of its level once and taken off at most once.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
# Python is fast on lists, Numba on arrays.
Numbers = list[int] | Int64s
Flags = list[bool] | NDArray[np.bool_]
Piles = tuple[Numbers, Numbers]
Loop = Callable[[Numbers, Flags, int, Numbers, Piles], None]

# To load Numba takes half a second, as long as Python takes for one and a half million stamps.
WORTH_COMPILING = 1_000_000


def closest_pairs(
    left_ns: Int64s, right_ns: Int64s, tolerance_ns: int, worth_compiling: int = WORTH_COMPILING
) -> tuple[Int64s, Int64s]:
    """Positions of the pairs in either stream, by the left; the same whether the walk is compiled or not."""
    merged_ns = np.concatenate([left_ns, right_ns])
    order = np.argsort(merged_ns, kind="stable")
    walk = _compiled_walk if len(order) >= worth_compiling else _plain_walk
    partner_on_line = walk(merged_ns[order], order < len(left_ns), tolerance_ns)
    paired = np.flatnonzero(partner_on_line >= 0)
    partner = np.full(len(order), -1, np.int64)
    partner[order[paired]] = order[partner_on_line[paired]]
    left = np.flatnonzero(partner[: len(left_ns)] >= 0)
    return left, partner[left] - len(left_ns)


def _plain_walk(line_ns: Int64s, is_left: NDArray[np.bool_], tolerance_ns: int) -> Int64s:
    partner = [-1] * len(line_ns)
    piles = [-1] * len(line_ns), [-1] * (2 * len(line_ns) + 1)
    _pair_levels(line_ns.tolist(), is_left.tolist(), tolerance_ns, partner, piles)
    return np.array(partner, np.int64)


def _compiled_walk(line_ns: Int64s, is_left: NDArray[np.bool_], tolerance_ns: int) -> Int64s:
    partner = np.full(len(line_ns), -1, np.int64)
    piles = np.full(len(line_ns), -1, np.int64), np.full(2 * len(line_ns) + 1, -1, np.int64)
    _compiled()(line_ns, is_left, tolerance_ns, partner, piles)
    return partner


@cache
def _compiled() -> Loop:
    """The walk compiled by Numba, which keeps what it compiled beside this file."""
    from tasks.core.machine_code import compiled

    return compiled(_pair_levels)


def _pair_levels(line_ns: Numbers, is_left: Flags, tolerance_ns: int, partner: Numbers, piles: Piles) -> None:
    """Fill in the partner of each place on the line.

    `below[place]` is the place under it on its pile, `top[level]` the one on top of the pile of that level.
    From the bottom of a pile to its top the places come closer and closer together.
    """
    below, top = piles
    level = len(line_ns)
    for place in range(len(line_ns)):
        own = level if is_left[place] else level - 1
        level = own + 1 if is_left[place] else own
        here = top[own]
        while here >= 0:
            before = below[here]
            lag_ns = line_ns[place] - line_ns[here]
            if before >= 0 and line_ns[here] - line_ns[before] <= lag_ns:
                partner[before], partner[here] = here, before
                here = below[before]
            elif lag_ns > tolerance_ns:
                here = -1
            else:
                break
        below[place] = here
        top[own] = place
    for here in top:
        while here >= 0 and below[here] >= 0:
            before = below[here]
            partner[before], partner[here] = here, before
            here = below[before]
