"""Stretches of time that do not meet: what many spans cover together, and what they leave.

reads   starts and stops in int64 ns, in any order
writes  Stretches, in order
"""

from dataclasses import dataclass

import numpy as np

from tasks.align.members import Int64s


@dataclass(frozen=True)
class Stretches:
    """Half-open stretches of the line that do not meet, in order."""

    start_ns: Int64s
    end_ns: Int64s

    def less(self, inner: "Stretches") -> "Stretches":
        """What is left of these without the inner ones, each of which lies within one of these."""
        # What is left begins where these begin and where an inner one ends. A stable sort merges sorted runs.
        start_ns = np.sort(np.concatenate([self.start_ns, inner.end_ns]), kind="stable")
        end_ns = np.sort(np.concatenate([inner.start_ns, self.end_ns]), kind="stable")
        left = end_ns > start_ns
        return Stretches(start_ns[left], end_ns[left])


def merged(start_ns: Int64s, stop_ns: Int64s) -> Stretches:
    """The stretches with those that meet or touch made one."""
    if not len(start_ns):
        return Stretches(start_ns, stop_ns)
    order = np.argsort(start_ns, kind="stable")
    start_ns, reach_ns = start_ns[order], np.maximum.accumulate(stop_ns[order])
    first = np.flatnonzero(np.concatenate([[True], start_ns[1:] > reach_ns[:-1]]))
    return Stretches(start_ns[first], reach_ns[np.append(first[1:], len(start_ns)) - 1])
