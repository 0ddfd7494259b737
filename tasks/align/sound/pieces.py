"""Put marks of sound on lines that share one drift: one line, or several where a recorder paused.

reads   SoundMarks of the same windows at every place where the recordings may meet
writes  for each window the line that it lies on, if any, and the lines
rules   A pause moves a clock and does not change how fast it runs, so the pieces of a recording share its
        drift. The drift is the median of the slopes between near windows, which few jumps cannot move. With
        it taken off, the offsets of a piece are one level; which level holds when is the path of least cost
        (Viterbi 1967) through all windows, where each change of level must be paid for by several windows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.windows import SoundMarks
from tasks.core.clock_line import ClockLine
from tasks.core.times import NS_PER_MS

Bools = NDArray[np.bool_]
Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]

CLEAR = 1.2
AGREEMENT_NS = NS_PER_MS
FEWEST_AGREEING = 5
_LARGEST_DRIFT = 150e-6
_NEAR_WINDOWS = 6
_CHANGE_COSTS = 3.0
_MOST_LEVELS = 40
_CLEARLY_ELSEWHERE = 1.5
_AS_HIGH = 0.9
_REFITS = 4


@dataclass(frozen=True)
class Levels:
    """`drift` (a ratio), and per level its offset at the time 0 of the clock, in ns."""

    drift: float
    offsets_ns: Float64s


@dataclass(frozen=True)
class Evidence:
    """Per window the level that holds there, how far its mark is from it, and what the mark says of it."""

    levels: Levels
    path: Int64s
    misses_ns: Float64s
    agreeing: Bools
    contradicting: Bools

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


def bear_out(wide: SoundMarks, fine: SoundMarks, path: Int64s, levels: Levels) -> Evidence:
    """The lines through the fine marks, which agree or not; only a wide search can find where else to be."""
    levels, agreeing = _refit(fine, path, levels)
    misses_ns = _misses_ns(fine, path, levels)
    elsewhere = (_misses_ns(wide, path, levels) > AGREEMENT_NS) & (wide.clarity >= _CLEARLY_ELSEWHERE)
    return Evidence(levels, path, misses_ns, agreeing, elsewhere & ~agreeing)


def runs_of(values: Int64s) -> Iterator[tuple[slice, int]]:
    """Runs of equal values, and the value of each."""
    bounds = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    for first, stop in pairwise(bounds):
        yield slice(first, stop), int(values[first])


def find_levels(marks: SoundMarks) -> Levels | None:
    """The drift and the levels that enough clear windows lie on; None where there is no such level."""
    clear = marks.clarity >= CLEAR
    clock_ns = marks.clock_ns[clear].astype(np.float64)
    offsets_ns = (marks.reference_ns - marks.clock_ns)[clear].astype(np.float64)
    if len(clock_ns) < FEWEST_AGREEING:
        return None
    drift = _common_drift(clock_ns, offsets_ns)
    levels = _cluster(offsets_ns - drift * clock_ns, 2.0 * AGREEMENT_NS)
    return Levels(drift, levels) if len(levels) else None


def lay(marks: SoundMarks, levels: Levels) -> Int64s:
    """The level that holds at each window: the cheapest path through all of them."""
    near = _nearness(marks, levels)
    count = len(levels.offsets_ns)
    cost = -near[0]
    came_from = np.empty((len(near), count), np.int64)
    for row in range(len(near)):
        cheapest = int(cost.argmin())
        stays = cost <= cost[cheapest] + _CHANGE_COSTS
        came_from[row] = np.where(stays, np.arange(count), cheapest)
        cost = np.minimum(cost, cost[cheapest] + _CHANGE_COSTS) - (near[row] if row else 0)
    path = np.empty(len(near), np.int64)
    path[-1] = int(cost.argmin())
    for row in range(len(near) - 1, 0, -1):
        path[row - 1] = came_from[row, path[row]]
    return path


def line_on(levels: Levels, level: int, residual_ns: int, used: int, rejected: int) -> ClockLine:
    """The line of one level, anchored at the time 0 of the clock."""
    offset_ns = round(float(levels.offsets_ns[level]))
    return ClockLine(0, offset_ns, levels.drift * 1e6, residual_ns, used, rejected)


def _refit(marks: SoundMarks, path: Int64s, levels: Levels) -> tuple[Levels, Bools]:
    """Least squares, with one drift and an offset per level, through the clear marks on their level."""
    clock_ns = marks.clock_ns.astype(np.float64)
    offsets_ns = (marks.reference_ns - marks.clock_ns).astype(np.float64)
    clear = marks.clarity >= CLEAR
    for _ in range(_REFITS):
        used = clear & (_misses_ns(marks, path, levels) <= AGREEMENT_NS)
        levels = _fit(clock_ns[used], offsets_ns[used], path[used], levels)
    return levels, clear & (_misses_ns(marks, path, levels) <= AGREEMENT_NS)


def _misses_ns(marks: SoundMarks, path: Int64s, levels: Levels) -> Float64s:
    offsets_ns = (marks.reference_ns - marks.clock_ns).astype(np.float64)
    misses: Float64s = np.abs(offsets_ns - levels.drift * marks.clock_ns - levels.offsets_ns[path])
    return misses


def _common_drift(clock_ns: Float64s, offsets_ns: Float64s) -> float:
    """The median of the possible slopes between windows that are near each other, weighed by how far."""
    slopes, weights = [], []
    for apart in range(1, min(_NEAR_WINDOWS + 1, len(clock_ns))):
        run_ns = clock_ns[apart:] - clock_ns[:-apart]
        slope = (offsets_ns[apart:] - offsets_ns[:-apart]) / np.maximum(run_ns, 1)
        possible = np.abs(slope) <= _LARGEST_DRIFT
        slopes.append(slope[possible])
        weights.append(run_ns[possible])
    slope, weight = np.concatenate(slopes), np.concatenate(weights)
    if not len(slope):
        return 0.0
    order = np.argsort(slope, kind="stable")
    half = np.cumsum(weight[order])
    return float(slope[order][np.searchsorted(half, half[-1] / 2)])


def _cluster(residuals_ns: Float64s, apart_ns: float) -> Float64s:
    """The medians of groups of residuals that lie close together, the largest groups, in rising order."""
    ordered = np.sort(residuals_ns)
    groups = np.split(ordered, np.flatnonzero(np.diff(ordered) > apart_ns) + 1)
    groups = sorted((group for group in groups if len(group) >= FEWEST_AGREEING), key=len, reverse=True)
    return np.sort([float(np.median(group)) for group in groups[:_MOST_LEVELS]])


def _nearness(marks: SoundMarks, levels: Levels) -> Float64s:
    """For each window and level, what it is worth that the window lies on the level: from 0 to 1."""
    offsets_ns = (marks.reference_ns - marks.clock_ns).astype(np.float64)
    misses_ns = np.abs(
        (offsets_ns - levels.drift * marks.clock_ns)[:, np.newaxis] - levels.offsets_ns[np.newaxis]
    )
    worth = np.clip((marks.clarity - 1.0) / (2 * (CLEAR - 1.0)), 0, 1)
    close: Float64s = np.where(misses_ns <= 2 * AGREEMENT_NS, worth[:, np.newaxis], 0.0)
    return close


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
