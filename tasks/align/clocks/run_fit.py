"""Lines of one drift through runs of marks: least squares, and which marks they leave out.

reads   Marks in the order of the clock, and for each the number of its run (ON_NO_RUN for none)
writes  RunFit
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.clocks.mark_runs import FEWEST_IN_A_RUN, ON_NO_RUN, Float64s, Int64s

_MOST_REFITS = 8


@dataclass(frozen=True)
class Marks:
    """In the order of the clock: ns since the first mark, and by how much more the reference went on."""

    since_ns: Float64s
    offsets_ns: Float64s


@dataclass(frozen=True)
class RunFit:
    """Per mark its run and the distance from that run's line; per run the offset at the first mark's time.

    `parameters`: how many numbers the marks had to tell.
    """

    runs: Int64s
    drift: float
    offsets_ns: Float64s
    misses_ns: Float64s
    parameters: int

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which marks lie on a run."""
        on_run: NDArray[np.bool_] = self.runs != ON_NO_RUN
        return on_run

    @property
    def to_spare(self) -> int:
        """How many marks there are beyond those that the lines themselves take up."""
        return int(self.used.sum()) - self.parameters

    def squares(self) -> float:
        """The sum of the squared misses."""
        return float(self.misses_ns @ self.misses_ns)


def fit_runs(marks: Marks, runs: Int64s, drift: float | None = None) -> RunFit:
    """The lines of least squares, of the drift given or of the best one; every run has a mark."""
    used = runs != ON_NO_RUN
    since_ns, offsets_ns, own = marks.since_ns[used], marks.offsets_ns[used], runs[used]
    sizes = np.bincount(own)
    middles_ns, means_ns = (np.bincount(own, values) / sizes for values in (since_ns, offsets_ns))
    told = 0
    if drift is None:
        centred_ns = since_ns - middles_ns[own]
        spread = float(centred_ns @ centred_ns)
        drift = float(centred_ns @ (offsets_ns - means_ns[own])) / spread if spread else 0.0
        told = bool(spread)
    lines_ns = means_ns - drift * middles_ns
    misses_ns = np.zeros(len(runs))
    misses_ns[used] = np.abs(offsets_ns - lines_ns[own] - drift * since_ns)
    return RunFit(runs, drift, lines_ns, misses_ns, len(sizes) + told)


def settle_runs(marks: Marks, runs: Int64s, tolerance_ns: float) -> Int64s:
    """The runs with every mark in them that their lines meet within the tolerance, and no other.

    Runs whose lines are that near are one; where there are several, those of too few marks are none.
    """
    for _ in range(_MOST_REFITS):
        fit = fit_runs(marks, runs)
        settled = _numbered(_without_small(_assigned(marks, fit, tolerance_ns)))
        if not (settled != ON_NO_RUN).any() or np.array_equal(settled, runs):
            break
        runs = settled
    return runs


def _assigned(marks: Marks, fit: RunFit, tolerance_ns: float) -> Int64s:
    """Each mark to the nearer of the runs around it, if that is near; runs of one line have one number."""
    places = np.flatnonzero(fit.used)
    after = np.searchsorted(places, np.arange(len(fit.runs)))
    around = [fit.runs[places[np.clip(near, 0, len(places) - 1)]] for near in (after - ~fit.used, after)]
    levels_ns = marks.offsets_ns - fit.drift * marks.since_ns
    misses_ns = np.stack([np.abs(levels_ns - fit.offsets_ns[run]) for run in around])
    nearer = np.where(misses_ns[0] <= misses_ns[1], around[0], around[1])
    # Two lines nearer than the tolerance are one: the number of each run is that of the first of its line.
    firsts = np.cumsum(np.abs(np.diff(fit.offsets_ns, prepend=fit.offsets_ns[0])) > tolerance_ns)
    runs = np.where(misses_ns.min(axis=0) <= tolerance_ns, firsts[nearer], ON_NO_RUN)
    # A mark of an earlier run behind one of a later run belongs to neither.
    return np.where(runs < np.maximum.accumulate(runs), ON_NO_RUN, runs)


def _without_small(runs: Int64s) -> Int64s:
    numbers, counts = np.unique(runs[runs != ON_NO_RUN], return_counts=True)
    if len(numbers) < 2:
        return runs
    return np.where(np.isin(runs, numbers[counts < FEWEST_IN_A_RUN]), ON_NO_RUN, runs)


def _numbered(runs: Int64s) -> Int64s:
    """The same runs, numbered from 0 without a gap."""
    numbers = np.unique(runs[runs != ON_NO_RUN])
    return np.where(runs == ON_NO_RUN, ON_NO_RUN, np.searchsorted(numbers, runs))
