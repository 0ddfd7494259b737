"""Find the levels that marks of sound lie on, and which of them holds at each window.

reads   SoundMarks
writes  Levels, and the path through them: for each window the level that holds there
rules   A pause moves a clock and does not change how fast it runs, so the pieces of a recording share its
        drift. The drift is the one without which most pairs of offsets lie together (a vote, as in Hough's
        transform), which neither jumps nor false marks can move. With it taken off, the offsets of a piece
        are one level; which level holds when is the path of least cost (Viterbi 1967) through all windows,
        where each change of level must be paid for by several windows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.drift import Drift
from tasks.align.sound.samples import Int64s
from tasks.align.sound.windows import SoundMarks
from tasks.core.times import NS_PER_MS

Float64s = NDArray[np.float64]

CLEAR = 1.2
AGREEMENT_NS = NS_PER_MS
FEWEST_AGREEING = 5
_MOST_DRIFTS = 200
_CHANGE_COSTS = 3.0
_MOST_LEVELS = 40
_REFINEMENTS = 3


@dataclass(frozen=True)
class Levels:
    """`drift` (a ratio), and per level its offset at the time 0 of the clock, in ns."""

    drift: float
    offsets_ns: Float64s


def find_levels(marks: SoundMarks, rough: Drift) -> Levels | None:
    """The drift near the rough one, and the levels that enough clear windows lie on; None without a level."""
    clear = marks.clarity >= CLEAR
    clock_ns = marks.clock_ns[clear].astype(np.float64)
    offsets_ns = (marks.reference_ns - marks.clock_ns)[clear].astype(np.float64)
    if len(clock_ns) < FEWEST_AGREEING:
        return None
    drift = vote_drift(clock_ns, offsets_ns, rough, AGREEMENT_NS)
    for _ in range(_REFINEMENTS):
        groups = _groups(offsets_ns - drift * clock_ns)
        drift += _common_slope(clock_ns, offsets_ns - drift * clock_ns, groups)
    residuals_ns = offsets_ns - drift * clock_ns
    levels = [float(np.median(residuals_ns[group])) for group in _groups(residuals_ns)]
    return Levels(drift, np.sort(levels)) if levels else None


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


def vote_drift(clock_ns: Float64s, offsets_ns: Float64s, rough: Drift, near_ns: float) -> float:
    """The drift without which most pairs of offsets lie as near, within a distance that is made finer."""
    since_ns = clock_ns - clock_ns.mean()
    span_ns = max(float(np.ptp(clock_ns)), 1.0)
    drift, uncertain, finest = rough.ratio, rough.uncertain, near_ns / 2 / span_ns
    while True:
        step = max(finest, uncertain / _MOST_DRIFTS)
        drifts = drift + np.arange(-round(uncertain / step), round(uncertain / step) + 1) * step
        together = [_pairs_together(offsets_ns - one * since_ns, 2 * step * span_ns) for one in drifts]
        # Of drifts that are as good the middle one, so that none is preferred for its sign.
        best = np.flatnonzero(np.array(together) == max(together))
        drift, uncertain = float(drifts[best[len(best) // 2]]), 3 * step
        if step <= finest:
            return drift


def _pairs_together(residuals_ns: Float64s, near_ns: float) -> int:
    ordered = np.sort(residuals_ns)
    return int((np.searchsorted(ordered, ordered + near_ns) - np.arange(len(ordered))).sum())


def _groups(residuals_ns: Float64s) -> list[Int64s]:
    """Rows whose residuals lie close together, the largest groups first."""
    order = np.argsort(residuals_ns, kind="stable")
    apart = np.flatnonzero(np.diff(residuals_ns[order]) > 2 * AGREEMENT_NS) + 1
    groups = [group for group in np.split(order, apart) if len(group) >= FEWEST_AGREEING]
    return sorted(groups, key=len, reverse=True)[:_MOST_LEVELS]


def _common_slope(clock_ns: Float64s, residuals_ns: Float64s, groups: list[Int64s]) -> float:
    """By how much the largest groups still drift together: least squares, each about its own middle."""
    centred = [
        (clock_ns[group] - clock_ns[group].mean(), residuals_ns[group] - residuals_ns[group].mean())
        for group in groups
    ]
    spread = sum(float(own_ns @ own_ns) for own_ns, _ in centred)
    return sum(float(own_ns @ misses_ns) for own_ns, misses_ns in centred) / spread if spread else 0.0


def _nearness(marks: SoundMarks, levels: Levels) -> Float64s:
    """For each window and level, what it is worth that the window lies on the level: from 0 to 1."""
    offsets_ns = (marks.reference_ns - marks.clock_ns).astype(np.float64)
    misses_ns = np.abs(
        (offsets_ns - levels.drift * marks.clock_ns)[:, np.newaxis] - levels.offsets_ns[np.newaxis]
    )
    worth = np.clip((marks.clarity - 1.0) / (2 * (CLEAR - 1.0)), 0, 1)
    close: Float64s = np.where(misses_ns <= 2 * AGREEMENT_NS, worth[:, np.newaxis], 0.0)
    return close
