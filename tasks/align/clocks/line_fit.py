"""Put one clock on another: a robust straight line through marks that both clocks saw.

reads   marks: the same moments in int64 nanoseconds on the clock and on the reference, in any order
writes  a ClockLine
rules   The slope is the median of the slopes between marks (Theil 1950; Sen 1968), which up to 29 % of
        false marks cannot move; then least squares through the marks within the tolerance of that line, or,
        where marks are coarser than that, within three of their own standard deviations (by their median):
        coarse marks are no false ones, and the residual says how coarse they are.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.core.clock_line import ClockLine, Int64s
from tasks.core.errors import ClockError

Float64s = NDArray[np.float64]

# Slopes between all of m marks cost m * m / 2; with more marks than this, an even choice of them votes.
_MOST_VOTING_MARKS = 1000
_MOST_REFITS = 5
# Three standard deviations of a normal spread, by the median of its distances from the middle.
_SCATTER = 3 * 1.4826


def fit_clock_line(clock_ns: Int64s, reference_ns: Int64s, tolerance_ns: int) -> ClockLine:
    """The line through the marks, anchored at the first; marks far from it are rejected.

    Marks at one single time give an offset and no drift. ClockError where there is no mark.
    """
    if len(clock_ns) != len(reference_ns) or not len(clock_ns):
        raise ClockError(
            f"expected at least one mark with a time on both clocks, "
            f"got {len(clock_ns)} times on the clock and {len(reference_ns)} on the reference"
        )
    order = np.lexsort((reference_ns, clock_ns))
    anchor_ns = int(clock_ns[order[0]])
    nearby_offset_ns = int(reference_ns[order[0]]) - anchor_ns
    # Differences first: a float would lose the last digits of an epoch-sized time.
    since_ns = (clock_ns[order] - anchor_ns).astype(np.float64)
    offsets_ns = (reference_ns - clock_ns - nearby_offset_ns)[order].astype(np.float64)
    offset_ns, drift, used = _robust_line(since_ns, offsets_ns, tolerance_ns)
    residuals_ns = np.abs(offsets_ns - offset_ns - drift * since_ns)[used]
    return ClockLine(
        anchor_ns=anchor_ns,
        offset_ns=nearby_offset_ns + round(offset_ns),
        drift_ppm=drift * 1e6,
        residual_ns=round(float(np.quantile(residuals_ns, 0.95))),
        marks_used=int(used.sum()),
        marks_rejected=int((~used).sum()),
    )


def _robust_line(
    since_ns: Float64s, offsets_ns: Float64s, tolerance_ns: int
) -> tuple[float, float, NDArray[np.bool_]]:
    """Offset at 0, drift as a ratio, and which marks lie on the line."""
    drift = _median_slope(since_ns, offsets_ns)
    offset_ns = float(np.median(offsets_ns - drift * since_ns))
    used = _marks_near(since_ns, offsets_ns, (offset_ns, drift), tolerance_ns)
    for _ in range(_MOST_REFITS):
        offset_ns, drift = _least_squares(since_ns[used], offsets_ns[used])
        near = _marks_near(since_ns, offsets_ns, (offset_ns, drift), tolerance_ns)
        if bool((near == used).all()) or not near.any():
            break
        used = near
    return offset_ns, drift, used


def _median_slope(since_ns: Float64s, offsets_ns: Float64s) -> float:
    """The median of the slopes between any two marks of different times; 0 where there are none."""
    voting = np.unique(np.linspace(0, len(since_ns) - 1, _MOST_VOTING_MARKS).round().astype(np.int64))
    first, second = np.triu_indices(len(voting), k=1)
    run_ns = since_ns[voting[second]] - since_ns[voting[first]]
    rise_ns = offsets_ns[voting[second]] - offsets_ns[voting[first]]
    apart = run_ns != 0
    return float(np.median(rise_ns[apart] / run_ns[apart])) if apart.any() else 0.0


def _marks_near(
    since_ns: Float64s, offsets_ns: Float64s, line: tuple[float, float], tolerance_ns: int
) -> NDArray[np.bool_]:
    """Which marks the line misses by the tolerance at most, or by no more than most marks scatter."""
    misses_ns = np.abs(offsets_ns - line[0] - line[1] * since_ns)
    return misses_ns <= max(tolerance_ns, _SCATTER * float(np.median(misses_ns)))


def _least_squares(since_ns: Float64s, offsets_ns: Float64s) -> tuple[float, float]:
    """Offset at 0 and slope of the line with the least squared misses; flat through marks of one time."""
    middle_ns = float(since_ns.mean())
    centred_ns = since_ns - middle_ns
    spread = float(centred_ns @ centred_ns)
    slope = float(centred_ns @ offsets_ns) / spread if spread else 0.0
    return float(offsets_ns.mean()) - slope * middle_ns, slope
