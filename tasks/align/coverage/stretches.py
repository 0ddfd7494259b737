"""Stretches of time that do not meet: what many spans cover together.

reads   starts and stops in int64 ns, in any order
writes  Stretches, in order
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.members import Int64s


@dataclass(frozen=True)
class Stretches:
    """Half-open stretches of the line that do not meet, in order."""

    start_ns: Int64s
    end_ns: Int64s

    def holds(self, moments_ns: Int64s) -> NDArray[np.bool_]:
        """Which of the moments lie in one."""
        place = np.searchsorted(self.start_ns, moments_ns, side="right") - 1
        if not len(self.start_ns):
            return np.zeros(len(moments_ns), np.bool_)
        inside: NDArray[np.bool_] = (place >= 0) & (moments_ns < self.end_ns[place.clip(min=0)])
        return inside


def merged(start_ns: Int64s, stop_ns: Int64s) -> Stretches:
    """The stretches with those that meet or touch made one."""
    if not len(start_ns):
        return Stretches(start_ns, stop_ns)
    order = np.argsort(start_ns, kind="stable")
    start_ns, reach_ns = start_ns[order], np.maximum.accumulate(stop_ns[order])
    first = np.flatnonzero(np.concatenate([[True], start_ns[1:] > reach_ns[:-1]]))
    return Stretches(start_ns[first], reach_ns[np.append(first[1:], len(start_ns)) - 1])


def stops_ns(start_ns: Int64s, end_ns: Int64s) -> Int64s:
    """The ends, a point lasting 1 ns."""
    return np.maximum(end_ns, start_ns + 1)
