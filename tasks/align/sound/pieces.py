"""Put marks of sound on lines that share one drift: one line, or several where a recorder paused.

reads   SoundMarks of the same windows at every place where the recordings may meet, and the level of each
writes  Evidence: the lines by least squares, and which windows bear them out
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.drift import Drift
from tasks.align.sound.levels import AGREEMENT_NS, CLEAR, Float64s, Levels, vote_drift
from tasks.align.sound.samples import Int64s
from tasks.align.sound.windows import SoundMarks
from tasks.core.clock_line import ClockLine
from tasks.core.times import NS_PER_MS

Bools = NDArray[np.bool_]

_AS_HIGH = 0.9
_REFITS = 4
_WAYS_APART_NS = 3 * NS_PER_MS
_ONE_WAY_NS = NS_PER_MS / 5


@dataclass(frozen=True)
class Evidence:
    """Per window the level that holds there, how far its mark is from it, and what the mark says of it."""

    levels: Levels
    path: Int64s
    misses_ns: Float64s
    agreeing: Bools

    def path_ns(self, clock_ns: Int64s) -> Float64s:
        """Where the lines put the windows on the reference clock."""
        offsets_ns: Float64s = self.levels.offsets_ns[self.path] + self.levels.drift * clock_ns
        return clock_ns + offsets_ns


def best_marks(places: Sequence[SoundMarks]) -> SoundMarks:
    """For each window its highest mark."""
    rows = np.arange(len(places[0].height))
    best = np.stack([marks.height for marks in places]).argmax(axis=0)
    columns = [
        np.stack([getattr(marks, name) for marks in places])[best, rows]
        for name in ("clock_ns", "reference_ns", "clarity", "height")
    ]
    return SoundMarks(*columns)


def rival_share(places: Sequence[SoundMarks], evidence: Evidence) -> float:
    """The share of the windows on a line that match a place off it nearly as well."""
    own_ns = evidence.path_ns(places[0].clock_ns)
    heights = np.stack([np.where(marks.clarity >= CLEAR, marks.height, 0) for marks in places])
    on_line = np.abs(np.stack([marks.reference_ns for marks in places]) - own_ns) <= 2 * AGREEMENT_NS
    own = np.where(on_line, heights, 0).max(axis=0)
    rival = np.where(on_line, 0, heights).max(axis=0)
    known = evidence.agreeing & (own > 0)
    return float(np.mean(rival[known] > _AS_HIGH * own[known])) if known.any() else 0.0


def bear_out(fine: SoundMarks, path: Int64s, levels: Levels) -> Evidence:
    """The lines through the fine marks, which agree or not."""
    levels, agreeing = _refit(fine, path, levels)
    return Evidence(levels, path, _misses_ns(fine, path, levels), agreeing)


def runs_of(values: Int64s) -> Iterator[tuple[slice, int]]:
    """Runs of equal values, and the value of each."""
    bounds = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    for first, stop in pairwise(bounds):
        yield slice(first, stop), int(values[first])


def line_on(levels: Levels, level: int, residual_ns: int, used: int, rejected: int) -> ClockLine:
    """The line of one level, anchored at the time 0 of the clock."""
    offset_ns = round(float(levels.offsets_ns[level]))
    return ClockLine(0, offset_ns, levels.drift * 1e6, residual_ns, used, rejected)


def _refit(marks: SoundMarks, path: Int64s, levels: Levels) -> tuple[Levels, Bools]:
    """Least squares, with one drift and an offset per level, through the clear marks on their level.

    In a room a sound comes by several ways, some milliseconds apart, and each is a line of marks: those that
    most marks lie on are voted for, or least squares would run from the one way to the other.
    """
    clear = marks.clarity >= CLEAR
    used = clear & (_misses_ns(marks, path, levels) <= _WAYS_APART_NS)
    if used.any():
        levels = _most_voted(marks, path, levels, used)
    clock_ns = marks.clock_ns.astype(np.float64)
    offsets_ns = (marks.reference_ns - marks.clock_ns).astype(np.float64)
    for _ in range(_REFITS):
        used = clear & (_misses_ns(marks, path, levels) <= 2 * _ONE_WAY_NS)
        levels = _fit(clock_ns[used], offsets_ns[used], path[used], levels)
    return levels, clear & (_misses_ns(marks, path, levels) <= AGREEMENT_NS)


def _most_voted(marks: SoundMarks, path: Int64s, levels: Levels, used: Bools) -> Levels:
    """The drift, and for each level the offset, that most marks share to a fraction of a millisecond."""
    clock_ns, level = marks.clock_ns[used].astype(np.float64), path[used]
    offsets_ns = (marks.reference_ns - marks.clock_ns)[used].astype(np.float64)
    uncertain = 2 * _WAYS_APART_NS / max(float(np.ptp(clock_ns)), 1.0)
    beside_ns = offsets_ns - levels.offsets_ns[level]
    drift = vote_drift(clock_ns, beside_ns, Drift(levels.drift, uncertain), _ONE_WAY_NS)
    residuals_ns = offsets_ns - drift * clock_ns
    offsets = levels.offsets_ns.copy()
    for number in np.unique(level).tolist():
        own_ns = np.sort(residuals_ns[level == number])
        count = np.searchsorted(own_ns, own_ns + 2 * _ONE_WAY_NS, side="right") - np.arange(len(own_ns))
        best = int(count.argmax())
        offsets[number] = np.median(own_ns[best : best + int(count[best])])
    return Levels(drift, offsets)


def _misses_ns(marks: SoundMarks, path: Int64s, levels: Levels) -> Float64s:
    offsets_ns = (marks.reference_ns - marks.clock_ns).astype(np.float64)
    misses: Float64s = np.abs(offsets_ns - levels.drift * marks.clock_ns - levels.offsets_ns[path])
    return misses


def _fit(clock_ns: Float64s, offsets_ns: Float64s, path: Int64s, levels: Levels) -> Levels:
    count = len(levels.offsets_ns)
    sizes = np.bincount(path, minlength=count)
    if not sizes.any():
        return levels
    divisor = np.maximum(sizes, 1)
    middle_ns = np.bincount(path, clock_ns, count) / divisor
    mean_ns = np.bincount(path, offsets_ns, count) / divisor
    centred_ns = clock_ns - middle_ns[path]
    spread = float(centred_ns @ centred_ns)
    drift = float(centred_ns @ (offsets_ns - mean_ns[path])) / spread if spread else levels.drift
    offsets = np.where(sizes > 0, mean_ns - drift * middle_ns, levels.offsets_ns)
    return Levels(drift, offsets)
