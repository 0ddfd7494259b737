"""Find where the sound of a stretch ceases to lie on its line, to some hundredths of a second.

reads   how alike the two are along a line, and the parts that bear it out
writes  the first sample of the other recording that surely lies on the line, and before which one it ends
rules   Less half of its mean, the likeness of the frames sums up to what rises as long as the line holds, and
        falls after (CUSUM, Page 1954). After the true end the sum is a random walk that falls by `slope` and
        scatters by `spread` a frame; it exceeds its height at the end by more than
        `log(1 / _DOUBT) x spread^2 / (2 x slope)` with the probability `_DOUBT`. So the end is told as the
        earliest frame whose sum is within that of the highest: it is early, and hardly ever late.
"""

import math
from dataclasses import dataclass

import numpy as np

from tasks.align.sound.levels import Float64s
from tasks.align.sound.likeness import Likeness, frame_samples
from tasks.align.sound.samples import Int64s, excerpts

_WITHIN_S, _BEYOND_S = 6.0, 1.5
_DOUBT = 1 / 5000
_GUARD_FRAMES = 2
_TAIL_S = 0.1
_QUIET_TAIL_S = 1.0
_PAUSES = 0.1


@dataclass(frozen=True)
class Ends:
    """Samples of the other that lie on the line, and whether it holds up to the recording's own ends."""

    first: int
    stop: int
    from_begin: bool
    to_end: bool


def find_ends(
    likeness: Likeness, span: tuple[int, int], before: Likeness | None, after: Likeness | None
) -> Ends:
    """The ends of a stretch that parts bear out from the first sample to before the stop of the span.

    Where the line before, or after, fits as well (a held tone is like itself 50 ms later), neither is told.
    """
    first, stop = span
    recordings = likeness.recordings
    rate_hz, count, frame = recordings.sample_rate_hz, len(recordings.other), frame_samples(recordings)
    within, beyond = round(_WITHIN_S * rate_hz), round(_BEYOND_S * rate_hz)
    head = np.arange(max(first - beyond, 0), min(first + within, stop) - frame + 1, frame, dtype=np.int64)
    last = min(stop + beyond, count)
    tail = np.arange(last - frame, max(stop - within, first) - 1, -frame, dtype=np.int64)[::-1]
    lead, from_begin = _kept(likeness, head[::-1], before)
    rest, to_end = _kept(likeness, tail, after)
    # A frame may lie on the line by its greater part.
    lead, rest = (max(frames - _GUARD_FRAMES, 0) for frames in (lead, rest))
    return Ends(
        int(head[-1]) + frame - lead * frame,
        int(tail[0]) + rest * frame,
        from_begin and int(head[0]) == 0,
        to_end and last == count,
    )


def _kept(likeness: Likeness, starts: Int64s, rival: Likeness | None) -> tuple[int, bool]:
    """How many of the frames, from within outwards, surely lie on the line, and whether all of them may."""
    alike, power, spread = likeness.of(starts), _power(likeness, starts), likeness.frame_spread
    if rival is not None:
        alike, spread = alike - rival.of(starts).clip(0), math.hypot(spread, rival.frame_spread)
    slope = float(alike[: max(len(alike) // 2, 1)].mean()) / 2
    if slope <= 0:
        return 0, False
    sums = np.concatenate([[0.0], np.cumsum(alike - slope)])
    doubt = math.log(1 / _DOUBT) * spread**2 / (2 * slope)
    highest = int(sums.argmax())
    surely = int(np.flatnonzero(sums >= sums[highest] - doubt)[0])
    return surely, _may_go_on(power[:highest], power[highest:], likeness)


def _may_go_on(on_line: Float64s, left: Float64s, likeness: Likeness) -> bool:
    """Whether what is left is too short, or short and too quiet, to say that the line does not hold there."""
    most_s = _QUIET_TAIL_S if _is_quiet(on_line, left) else _TAIL_S
    return len(left) * frame_samples(likeness.recordings) <= most_s * likeness.recordings.sample_rate_hz


def _is_quiet(on_line: Float64s, left: Float64s) -> bool:
    """Whether what is left is as quiet as the pauses of what is on the line, if that has any."""
    if not len(on_line) or not len(left):
        return False
    pauses = float(np.quantile(on_line, _PAUSES))
    return bool(float(on_line.mean()) >= 2 * pauses and float(left.max()) <= 1.5 * pauses)


def _power(likeness: Likeness, starts: Int64s) -> Float64s:
    heard = excerpts(likeness.recordings.other, starts, frame_samples(likeness.recordings))
    power: Float64s = np.einsum("ij,ij->i", heard, heard, dtype=np.float64)
    return power
