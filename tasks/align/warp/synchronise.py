"""Put one recording of a piece on the clock of another one, played at another tempo, or refuse.

reads   the two Recordings of one piece, whole
writes  the pieces of the other's clock on the reference's, end to end, or a WarpRefusal that says why there
        are none; each clock is 0 at the first sample of its recording
rules   Dynamic time warping joins the two (`path.py`), and the beginnings of tones that it joins are
        marks (`marks.py`). Between marks at least half a second apart time runs evenly; before the first
        and after the last mark it runs at the mean tempo of the whole. The marks in between, which are not
        used, tell the residual: what 95 % of them keep, at least the 10 ms that a frame leaves open.
        Recordings belong together when warping costs at most 0.7 of what it costs to warp one onto the other
        played backwards (1 is chance), and their marks span at least half of each. Where between two marks
        2 s or more are played three times as fast as on the whole, or a third as fast, one lacks a part of
        the other, or has it elsewhere: players hardly get past twice, or half, of their tempo.
        Tones are compared as they sound: a transposed performance is refused.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Int64s, Recordings
from tasks.align.warp.features import HOP_NS, hear_tones
from tasks.align.warp.marks import find_marks
from tasks.align.warp.path import coarse_fit, fine_path
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.times import NS_PER_S

Reason = Literal["too_short", "silent", "another_piece", "too_few_marks", "part_missing"]

_MEANINGS: dict[Reason, str] = {
    "too_short": "each recording needs at least 5 s",
    "silent": "one recording is silent, or holds samples that are no numbers",
    "another_piece": "they fit hardly better than one of them does when it is played backwards",
    "too_few_marks": "too few beginnings of tones are found in both, or only in a part of them",
    "part_missing": "a part of one is missing in the other, or comes at another place there",
}
_SHORTEST_S = 5
_WORST_FIT = 0.7
_FEWEST_MARKS = 5
_LEAST_SPAN = 0.5
_APART_NS = NS_PER_S // 2
_PART_FRAMES = 2 * NS_PER_S // HOP_NS
_MOST_UNEVEN = 3.0


@dataclass(frozen=True)
class WarpRefusal:
    """Why two recordings are not warped; a figure that was not reached is None."""

    reason: Reason
    fit: float | None = None
    marks: int | None = None

    def __str__(self) -> str:
        """The reason, what it means, and the figures, for people."""
        fit = "" if self.fit is None else f"; fit {self.fit:.2f}, at most {_WORST_FIT} is needed"
        marks = "" if self.marks is None else f"; {self.marks} marks"
        return f"{self.reason}: {_MEANINGS[self.reason]}{fit}{marks}"


def warp_sound(recordings: Recordings) -> tuple[ClockPiece, ...] | WarpRefusal:
    """The pieces of the other recording's clock on the reference's, or why they would be doubtful."""
    if recordings.shortest_s() < _SHORTEST_S:
        return WarpRefusal("too_short")
    if recordings.say_nothing():
        return WarpRefusal("silent")
    rate_hz = recordings.sample_rate_hz
    tones = hear_tones(recordings.reference, rate_hz), hear_tones(recordings.other, rate_hz)
    coarse, fit, factor = coarse_fit(*tones)
    if fit > _WORST_FIT:
        return WarpRefusal("another_piece", fit)
    marks = find_marks(*tones, fine_path(*tones, coarse, fit, factor))
    doubt = _doubt(marks, (len(tones[0].rises), len(tones[1].rises)))
    if doubt is not None:
        return WarpRefusal(doubt, fit, len(marks[0]))
    end_ns = len(recordings.other) * NS_PER_S // rate_hz
    return to_pieces(marks[1] * HOP_NS, marks[0] * HOP_NS, end_ns)


def _doubt(marks: tuple[Int64s, Int64s], lengths: tuple[int, int]) -> Reason | None:
    """Why the marks do not tell how one recording runs on the other; None where they do."""
    if len(marks[0]) < _FEWEST_MARKS:
        return "too_few_marks"
    spans = (float(np.ptp(frames)) / length for frames, length in zip(marks, lengths, strict=True))
    if min(spans) < _LEAST_SPAN:
        return "too_few_marks"
    return "part_missing" if _lacks_part(*marks) else None


def _lacks_part(reference: Int64s, other: Int64s) -> bool:
    """Whether between two marks so much is played in one, and so little in the other, that it is no tempo."""
    knots = _spread(other * HOP_NS)
    steps = np.diff(reference[knots])
    even = np.diff(other[knots]) * (steps.sum() / np.ptp(other[knots]))
    longer, shorter = np.maximum(steps, even), np.minimum(steps, even)
    return bool(np.any((longer >= _PART_FRAMES) & (longer > _MOST_UNEVEN * shorter)))


def to_pieces(clock_ns: Int64s, reference_ns: Int64s, end_ns: int) -> tuple[ClockPiece, ...]:
    """Pieces through marks that rise on both clocks, end to end from 0 to `end_ns` of the own one."""
    used = _spread(clock_ns)
    knots, images = clock_ns[used], reference_ns[used]
    misses_ns = np.abs(np.interp(clock_ns, knots, images) - reference_ns)[~used]
    residual_ns = round(float(np.quantile(misses_ns, 0.95))) if len(misses_ns) else 0
    tempo = (int(images[-1]) - int(images[0])) / (int(knots[-1]) - int(knots[0]))
    tempos = [tempo, *(np.diff(images) / np.diff(knots)).tolist(), tempo]
    anchors = np.concatenate([knots[:1], knots])
    offsets = np.concatenate([images[:1], images]) - anchors
    bounds = [0, *knots.tolist(), max(end_ns, int(knots[-1]))]
    rows = zip(anchors.tolist(), offsets.tolist(), tempos, bounds[:-1], bounds[1:], strict=True)
    return tuple(
        ClockPiece(
            ClockLine(anchor, offset, (slope - 1) * 1e6, max(residual_ns, HOP_NS // 2), len(clock_ns)),
            start,
            end,
        )
        for anchor, offset, slope, start, end in rows
    )


def _spread(clock_ns: Int64s) -> NDArray[np.bool_]:
    """Marks at least half a second apart from the first on; the last one in place of one too near to it."""
    used = np.zeros(len(clock_ns), np.bool_)
    last_ns: int | None = None
    for row, time_ns in enumerate(clock_ns.tolist()):
        if last_ns is None or time_ns - last_ns >= _APART_NS:
            used[row], last_ns = True, time_ns
    if not used[-1] and np.count_nonzero(used) > 1:
        used[np.flatnonzero(used)[-1]] = False
    used[-1] = True
    return used
