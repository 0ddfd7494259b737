"""Put one clock on another by marks that both clocks saw: one straight line, or several where it paused.

reads   marks: the same moments in int64 nanoseconds on the clock and on the reference, in any order
writes  MarkFit: ClockPieces of one drift, and which marks lie on them
rules   Runs of marks (see mark_runs.py) are looked for within a quarter of the tolerance, then within the
        whole; least squares goes through them, and what misses it by more than the tolerance lies on none.
        Where most marks are coarser than that, one robust line (Theil 1950; Sen 1968) goes through those
        within three of their own standard deviations, and its residual says how coarse they are.
        The marks on runs are clearly more than those on none, and each of several runs has three at least.
        A piece reaches from its first mark to its last. The first one reaches back, and the last one on, for
        ever: unless a mark on no run lies beyond, which may be that of a pause.
        The residual is what 95 % of the marks of a piece keep, widened by what the lines themselves took up
        of the marks; None where that leaves nothing to judge them by.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.clocks.drift_evidence import proven_fit, refuse_wild_drift
from tasks.align.clocks.mark_runs import ON_NO_RUN, Float64s, find_runs
from tasks.align.clocks.run_fit import Marks, RunFit, fit_runs, settle_runs
from tasks.core.clock_line import ClockLine, ClockPiece, Int64s
from tasks.core.errors import ClockError

# Slopes between all of m marks cost m * m / 2; with more marks than this, an even choice of them votes.
_MOST_VOTING_MARKS = 1000
_MOST_REFITS = 5
# Three standard deviations of a normal spread, by the median of its distances from the middle.
_SCATTER = 3 * 1.4826
_MARKS_BEYOND_DOUBT = 2
# Marks are whole nanoseconds: between two of one line there is up to this.
_ROUNDING_NS = 2.0


@dataclass(frozen=True)
class MarkFit:
    """The pieces in the order of the clock; `used` says of each mark, as it came in, whether it is on one.

    `misses_ns`: how far those on none are from the nearest piece.
    """

    pieces: tuple[ClockPiece, ...]
    used: NDArray[np.bool_]
    misses_ns: Int64s


def fit_clock_pieces(clock_ns: Int64s, reference_ns: Int64s, tolerance_ns: int) -> MarkFit:
    """The lines through the marks, each anchored at its first; ClockError where the marks tell none.

    Marks at one single time give an offset and no drift.
    """
    if len(clock_ns) != len(reference_ns) or not len(clock_ns):
        raise ClockError(
            f"expected at least one mark with a time on both clocks, "
            f"got {len(clock_ns)} times on the clock and {len(reference_ns)} on the reference"
        )
    order = np.lexsort((reference_ns, clock_ns))
    anchor_ns, offset_ns = int(clock_ns[order[0]]), int((reference_ns - clock_ns)[order[0]])
    # Differences first: a float would lose the last digits of an epoch-sized time.
    marks = Marks(
        (clock_ns[order] - anchor_ns).astype(np.float64),
        (reference_ns - clock_ns - offset_ns)[order].astype(np.float64),
    )
    tolerance = max(float(tolerance_ns), _ROUNDING_NS)
    fit = fit_runs(marks, _runs(marks, tolerance))
    refuse_wild_drift(marks, fit, tolerance)
    fit = proven_fit(marks, fit, tolerance)
    used, misses_ns = np.zeros(len(order), np.bool_), np.zeros(len(order), np.int64)
    used[order], misses_ns[order] = fit.used, _nearest_ns(marks, fit)
    return MarkFit(tuple(_pieces(marks, fit, anchor_ns, offset_ns)), used, misses_ns)


def _runs(marks: Marks, tolerance_ns: float) -> Int64s:
    """The run of each mark: of fine marks, or else one of coarse ones."""
    for radius_ns in (max(tolerance_ns / 4, _ROUNDING_NS), tolerance_ns):
        found = find_runs(marks.since_ns, marks.offsets_ns, radius_ns)
        found = settle_runs(marks, found, tolerance_ns)
        if _are_enough(found):
            return found
    coarse = np.where(_robust_line(marks, tolerance_ns), 0, ON_NO_RUN)
    if not _are_enough(coarse):
        used = int((coarse != ON_NO_RUN).sum())
        raise ClockError(
            f"only {used} marks lie on one line, and {len(coarse) - used} do not; correct the others, or add"
            " marks: where the clock paused, three before and three after"
        )
    return coarse


def _are_enough(runs: Int64s) -> bool:
    """Whether the marks on a run are clearly more than those on none: any two make a line."""
    used = int((runs != ON_NO_RUN).sum())
    return used == len(runs) or used >= len(runs) - used + _MARKS_BEYOND_DOUBT


def _pieces(marks: Marks, fit: RunFit, anchor_ns: int, offset_ns: int) -> list[ClockPiece]:
    places = np.flatnonzero(fit.used)
    owners = fit.runs[
        places[np.clip(np.searchsorted(places, np.arange(len(fit.runs)), "right") - 1, 0, None)]
    ]
    widened = np.sqrt(len(places) / fit.to_spare) if fit.to_spare > 0 else None
    pieces = []
    for run, line_ns in enumerate(fit.offsets_ns.tolist()):
        own = np.flatnonzero(fit.runs == run)
        since_ns = round(marks.since_ns[own[0]])
        line = ClockLine(
            anchor_ns=anchor_ns + since_ns,
            offset_ns=offset_ns + round(line_ns + fit.drift * since_ns),
            drift_ppm=fit.drift * 1e6,
            residual_ns=widened and round(float(np.quantile(fit.misses_ns[own], 0.95)) * widened),
            marks_used=len(own),
            marks_rejected=int(np.sum((owners == run) & ~fit.used)),
        )
        ends = (
            None if place is None else anchor_ns + round(marks.since_ns[place])
            for place in _ends(own, fit.used)
        )
        pieces.append(ClockPiece(line, *ends))
    return pieces


def _ends(own: Int64s, used: NDArray[np.bool_]) -> tuple[int | None, int | None]:
    """The marks of a run from which on and to which its line is good; None where it goes on for ever.

    Where some marks are false, one at an end of a run may lie on its line by chance: there the run reaches to
    the second of two of its marks that follow each other, and on if those are the outermost marks of all.
    """
    first, last, count = int(own[0]), int(own[-1]), len(used)
    if used.all():
        return (first if first else None), (last if last < count - 1 else None)
    follows = own[np.flatnonzero(np.diff(own) == 1)]
    if not len(follows):
        middle = int(own[len(own) // 2])
        return middle, middle
    first, last = int(follows[0]), int(follows[-1])
    return (first + 1 if first else None), (last if last < count - 2 else None)


def _nearest_ns(marks: Marks, fit: RunFit) -> Int64s:
    """How far each mark is from the nearest of the lines."""
    levels_ns = marks.offsets_ns - fit.drift * marks.since_ns
    after = np.clip(np.searchsorted(np.sort(fit.offsets_ns), levels_ns), 0, len(fit.offsets_ns) - 1)
    lines_ns = np.sort(fit.offsets_ns)
    nearest = np.minimum(*(np.abs(levels_ns - lines_ns[np.maximum(line, 0)]) for line in (after, after - 1)))
    return np.rint(nearest).astype(np.int64)


def _robust_line(marks: Marks, tolerance_ns: float) -> NDArray[np.bool_]:
    """Which marks lie on one line, by the tolerance or by how most of them scatter."""
    drift = _median_slope(marks)
    offset_ns = float(np.median(marks.offsets_ns - drift * marks.since_ns))
    used = _marks_near(marks, (offset_ns, drift), tolerance_ns)
    for _ in range(_MOST_REFITS):
        fit = fit_runs(marks, np.where(used, 0, ON_NO_RUN))
        near = _marks_near(marks, (float(fit.offsets_ns[0]), fit.drift), tolerance_ns)
        if bool((near == used).all()) or not near.any():
            break
        used = near
    return used


def _median_slope(marks: Marks) -> float:
    """The median of the slopes between any two marks of different times; 0 where there are none."""
    count = len(marks.since_ns)
    voting = np.unique(np.linspace(0, count - 1, _MOST_VOTING_MARKS).round().astype(np.int64))
    first, second = np.triu_indices(len(voting), k=1)
    run_ns = marks.since_ns[voting[second]] - marks.since_ns[voting[first]]
    rise_ns = marks.offsets_ns[voting[second]] - marks.offsets_ns[voting[first]]
    apart = run_ns != 0
    return float(np.median(rise_ns[apart] / run_ns[apart])) if apart.any() else 0.0


def _marks_near(marks: Marks, line: tuple[float, float], tolerance_ns: float) -> NDArray[np.bool_]:
    """Which marks the line misses by the tolerance at most, or by no more than most marks scatter."""
    misses_ns: Float64s = np.abs(marks.offsets_ns - line[0] - line[1] * marks.since_ns)
    return misses_ns <= max(tolerance_ns, _SCATTER * float(np.median(misses_ns)))
