"""Tell a drift only where the marks bear it out: a pause between few marks looks like one.

reads   Marks and the RunFit through them
writes  the fit, or one without drift where that explains the marks, too; ClockError where a pause does
rules   The crystals of recorders run true to some 100 ppm. A drift above ORDINARY_DRIFT is believed if, with
        an ordinary one, the marks would miss their lines clearly more: without any, and with a pause in each
        run wherever it serves best. Two marks never exclude a pause, three on one line do.
"""

import numpy as np

from tasks.align.clocks.mark_runs import MOST_DRIFT, Float64s
from tasks.align.clocks.run_fit import Marks, RunFit, fit_runs
from tasks.core.errors import ClockError

ORDINARY_DRIFT = 150e-6
# What the sum of squared misses may grow by, in those of one mark: a line has one parameter less, and chance
# gives a growth of 30 to one in ten million; of few marks even that is not known well.
_CHANCE = 30.0
_FEW_MARKS = 10.0
# Marks are not known better than this part of the tolerance, however well they lie on a line.
_PART_OF_TOLERANCE = 20


def refuse_wild_drift(marks: Marks, fit: RunFit, tolerance_ns: float) -> None:
    """ClockError for a drift that no recorder has, by more than the tolerance over the longest run."""
    if (abs(fit.drift) - MOST_DRIFT) * _longest_ns(marks, fit) > tolerance_ns:
        raise ClockError(
            f"by its marks the clock runs {1 + fit.drift:.7g} times as fast as the reference, and a recorder"
            f" strays by {MOST_DRIFT * 1e6:g} ppm at most. Where it paused, it needs three marks before and"
            " three after; are its rows or columns exchanged? A clock that does run so is given by its offset"
            " and drift_ppm"
        )


def proven_fit(marks: Marks, fit: RunFit, tolerance_ns: float) -> RunFit:
    """The fit, or that without a drift."""
    excess = abs(fit.drift) - ORDINARY_DRIFT
    if excess <= 0:
        return fit
    still = fit_runs(marks, fit.runs, drift=0.0)
    explained = _explained_squares(fit, tolerance_ns)
    if still.misses_ns.max() <= tolerance_ns and still.squares() <= explained:
        return still
    if excess * _longest_ns(marks, fit) > tolerance_ns and _paused_squares(marks, fit) <= explained:
        raise ClockError(
            f"its marks are as near to a line that drifts by {fit.drift * 1e6:.0f} ppm as to one that pauses"
            " between two of them: add marks between"
        )
    return fit


def _explained_squares(fit: RunFit, tolerance_ns: float) -> float:
    """The sum of squared misses up to which other lines explain the marks as well as those of the fit."""
    spare = max(fit.to_spare, 1)
    chance = fit.squares() / spare * _CHANCE * (1 + _FEW_MARKS / spare)
    return float(fit.squares() + chance + fit.used.sum() * (tolerance_ns / _PART_OF_TOLERANCE) ** 2)


def _longest_ns(marks: Marks, fit: RunFit) -> float:
    """How long the longest run is."""
    return max(float(np.ptp(marks.since_ns[fit.runs == run])) for run in range(len(fit.offsets_ns)))


def _paused_squares(marks: Marks, fit: RunFit) -> float:
    """The squares for lines of an ordinary drift, where each run has a pause wherever it serves best."""
    ordinary = float(np.clip(fit.drift, -ORDINARY_DRIFT, ORDINARY_DRIFT))
    levels_ns = marks.offsets_ns - ordinary * marks.since_ns
    return sum(_best_split(levels_ns[fit.runs == run]) for run in range(len(fit.offsets_ns)))


def _best_split(levels_ns: Float64s) -> float:
    """The least sum of squares around the means of a first and a second part."""
    centred_ns = levels_ns - levels_ns.mean()
    count = np.arange(1, len(centred_ns) + 1)
    squares = float(centred_ns @ centred_ns)
    sums_ns = np.cumsum(centred_ns)[:-1]
    if not len(sums_ns):
        return squares
    # The whole sums to 0: what the parts gain is told by the sum of the first.
    gains = sums_ns**2 * (1 / count[:-1] + 1 / (len(centred_ns) - count[:-1]))
    return max(squares - float(gains.max()), 0.0)
