"""Find which marks of two clocks lie on one line, piece by piece: a recorder that paused has several.

reads   marks in the order of the clock: seconds since the first one, and what the reference is ahead by (ns)
writes  for each mark the number of its run; ON_NO_RUN where it lies on none
rules   A pause moves a clock and does not change how fast it runs, so all runs share one drift. With a drift
        taken off, two marks of one run differ by `radius_ns` at most. Of all chains of marks the best has the
        most marks, less _RUN_COSTS for each run after the first (dynamic programming, as in Viterbi 1967):
        marks are false rather than a run of their own until there are three of them. The drift is one of
        those that near marks have between them, which a few false marks and pauses cannot change; of equally
        good ones it is the smallest.
"""

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

ON_NO_RUN = -1
MOST_DRIFT = 2000e-6
FEWEST_IN_A_RUN = 3
_RUN_COSTS = FEWEST_IN_A_RUN - 1
_NEIGHBOURS = 4
_MOST_DRIFTS = 32
# A chain looks back over this many marks: no more false ones lie side by side in it.
_REACH = 32


def find_runs(since_ns: Float64s, offsets_ns: Float64s, radius_ns: float) -> Int64s:
    """The number of the run of each mark, counted from 0 in the order of the clock."""
    drifts = _likely_drifts(since_ns, offsets_ns, radius_ns)
    levels_ns = offsets_ns - drifts[:, None] * since_ns
    scores, came_from = _chain(levels_ns, radius_ns)
    best = int(scores.max(axis=1).argmax())
    return _runs_of_chain(levels_ns[best], int(scores[best].argmax()), came_from[best], radius_ns)


def _likely_drifts(since_ns: Float64s, offsets_ns: Float64s, radius_ns: float) -> Float64s:
    """Drifts between near marks, evenly chosen of all that are possible, the smallest first."""
    found = [np.zeros(1)]
    for apart in range(1, min(_NEIGHBOURS + 1, len(since_ns))):
        run_ns = since_ns[apart:] - since_ns[:-apart]
        rise_ns = offsets_ns[apart:] - offsets_ns[:-apart]
        possible = (run_ns > 0) & (np.abs(rise_ns) <= MOST_DRIFT * run_ns + 2 * radius_ns)
        found.append(np.clip(rise_ns[possible] / run_ns[possible], -MOST_DRIFT, MOST_DRIFT))
    drifts = np.sort(np.concatenate(found))
    chosen = np.linspace(0, len(drifts) - 1, _MOST_DRIFTS).round().astype(np.int64)
    few = np.unique(np.append(drifts[chosen], 0.0))
    return few[np.argsort(np.abs(few), kind="stable")]


def _chain(levels_ns: Float64s, radius_ns: float) -> tuple[Int64s, Int64s]:
    """For each drift and mark the best score of a chain that ends there, and the mark before it, or -1."""
    drifts, marks = levels_ns.shape
    scores, came_from = np.zeros((drifts, marks), np.int64), np.full((drifts, marks), -1)
    every, best, best_at = np.arange(drifts), np.zeros(drifts, np.int64), np.full(drifts, -1)
    for mark in range(marks):
        first = max(0, mark - _REACH)
        near = np.abs(levels_ns[:, first:mark] - levels_ns[:, mark, None]) <= radius_ns
        # The nearest mark first, so that it is the one taken among equals.
        linked = np.where(near, scores[:, first:mark], 0)[:, ::-1]
        if mark:
            before = linked.argmax(axis=1)
            stays, jumps = linked[every, before], best - _RUN_COSTS
            moved = jumps > stays
            came_from[:, mark] = np.where(moved, best_at, np.where(stays > 0, mark - 1 - before, -1))
            scores[:, mark] = np.maximum(np.maximum(stays, jumps), 0)
        scores[:, mark] += 1
        better = scores[:, mark] > best
        best, best_at = np.where(better, scores[:, mark], best), np.where(better, mark, best_at)
    return scores, came_from


def _runs_of_chain(levels_ns: Float64s, last: int, came_from: Int64s, radius_ns: float) -> Int64s:
    """The runs of the chain that ends at that mark."""
    chain = [last]
    while came_from[chain[-1]] >= 0:
        chain.append(int(came_from[chain[-1]]))
    marks = np.array(chain[::-1])
    runs = np.full(len(levels_ns), ON_NO_RUN, np.int64)
    runs[marks] = np.cumsum(np.abs(np.diff(levels_ns[marks], prepend=levels_ns[marks[0]])) > radius_ns)
    return runs
