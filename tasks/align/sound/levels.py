"""Find the levels that marks of sound lie on, and which of them holds at each window.

reads   SoundMarks
writes  Levels, and the path through them: for each window the level that holds there
rules   A pause moves a clock and does not change how fast it runs, so the pieces of a recording share its
        drift. The drift is the median of the slopes between near windows, which few jumps cannot move. With
        it taken off, the offsets of a piece are one level; which level holds when is the path of least cost
        (Viterbi 1967) through all windows, where each change of level must be paid for by several windows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Int64s
from tasks.align.sound.windows import SoundMarks
from tasks.core.times import NS_PER_MS

Float64s = NDArray[np.float64]

CLEAR = 1.2
AGREEMENT_NS = NS_PER_MS
FEWEST_AGREEING = 5
_LARGEST_DRIFT = 150e-6
_NEAR_WINDOWS = 6
_CHANGE_COSTS = 3.0
_MOST_LEVELS = 40


@dataclass(frozen=True)
class Levels:
    """`drift` (a ratio), and per level its offset at the time 0 of the clock, in ns."""

    drift: float
    offsets_ns: Float64s


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
