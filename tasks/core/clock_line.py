"""A clock's line: how its times become times on the reference clock, and back.

reads   int64 nanoseconds on one clock
writes  int64 nanoseconds on the other; the drift's share is rounded to the nearest nanosecond, half to even,
        so there and back again differs by 1 ns at most
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


@dataclass(frozen=True)
class ClockLine:
    """reference = t + offset_ns + (t - anchor_ns) * drift_ppm / 1e6.

    Where it was fitted, `residual_ns` is the distance from the line that 95 % of the used marks keep.
    """

    anchor_ns: int
    offset_ns: int
    drift_ppm: float
    residual_ns: int = 0
    marks_used: int = 0
    marks_rejected: int = 0


def to_reference_ns(times_ns: Int64s, line: ClockLine) -> Int64s:
    """Times of the clock on the reference clock."""
    since_ns = times_ns - line.anchor_ns
    return times_ns + line.offset_ns + _rounded_ns(since_ns, line.drift_ppm / 1e6)


def from_reference_ns(times_ns: Int64s, line: ClockLine) -> Int64s:
    """Times of the reference clock on the clock."""
    drift = line.drift_ppm / 1e6
    drifted_since_ns = times_ns - line.offset_ns - line.anchor_ns
    return times_ns - line.offset_ns - _rounded_ns(drifted_since_ns, drift / (1 + drift))


def anchored_at(line: ClockLine, anchor_ns: int) -> ClockLine:
    """The same line with its offset told at another time of the clock, rounded to the nanosecond."""
    offset_ns = line.offset_ns + round((anchor_ns - line.anchor_ns) * line.drift_ppm / 1e6)
    return replace(line, anchor_ns=anchor_ns, offset_ns=offset_ns)


def line_of(row: Mapping[str, Any]) -> ClockLine:
    """The line that a row of the table `clocks` tells."""
    return ClockLine(row["anchor_ns"], row["offset_ns"], row["drift_ppm"])


def own_time_ns(reference_ns: int, line: ClockLine) -> int:
    """One time of the reference clock on the clock."""
    return int(from_reference_ns(np.array([reference_ns], np.int64), line)[0])


def _rounded_ns(since_ns: Int64s, drift: float) -> Int64s:
    drifted: NDArray[np.float64] = np.rint(since_ns * drift)
    return drifted.astype(np.int64)
