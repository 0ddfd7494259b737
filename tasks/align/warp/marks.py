"""Moments that both recordings of a piece mark: a tone begins in each, and the path of warping joins them.

reads   Tones of both and the path
writes  frames of either, strictly rising: the marks
rules   A beginning is a frame where the tones rise more than within 100 ms around it, and by a good part of
        the most that they rise within a second. Two are a mark when the path leads from each of them to
        within 60 ms of the other, and no other one is nearer. Between beginnings a tone that lasts looks the
        same all along: where the path goes through it means nothing, and where it stands still there is no
        mark. A mark that its neighbours put elsewhere, by three tenths of the way between them, is left out.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Float32s, Int64s
from tasks.align.warp.features import HOP_NS, Tones
from tasks.align.warp.path import WarpPath

Float64s = NDArray[np.float64]

_AROUND, _WITHIN = 11, 101
_GOOD_PART, _AUDIBLE = 0.2, 0.1
_NEAR = 3
# How far the path may lie off what it joins: a clock that is told well strays by no more than this.
MARK_REACH_NS = _NEAR * HOP_NS
_STANDSTILL = 2
_LEAP, _LEAP_FRAMES = 0.3, 5
_ROUNDS = 10


def find_marks(left: Tones, right: Tones, path: WarpPath) -> tuple[Int64s, Int64s]:
    """Frames of the left and of the right that are the same moment of the piece."""
    own, other = _beginnings(left.rises), _beginnings(right.rises)
    if not len(own) or not len(other):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    to_other = _nearest(own, path.left, path.right, other)
    to_own = _nearest(other, path.right, path.left, own)
    both = np.flatnonzero((to_other >= 0) & (to_own[to_other] == np.arange(len(own))))
    return _without_leaps(*_rising(own[both], other[to_other[both]]))


def _beginnings(rises: Float32s) -> Int64s:
    """Frames where tones begin."""
    from scipy.ndimage import maximum_filter1d

    if not len(rises):
        return np.empty(0, np.int64)
    highest = rises >= maximum_filter1d(rises, _AROUND)
    strong = rises > _GOOD_PART * maximum_filter1d(rises, _WITHIN)
    return np.flatnonzero(highest & strong & (rises > _AUDIBLE)).astype(np.int64)


def _nearest(frames: Int64s, along: Int64s, across: Int64s, candidates: Int64s) -> Int64s:
    """For each frame the row of the candidate nearest to where the path puts it, -1 where none is near."""
    first = across[np.searchsorted(along, frames)]
    last = across[np.searchsorted(along, frames, side="right") - 1]
    after = np.searchsorted(candidates, first).clip(max=len(candidates) - 1)
    before = (after - 1).clip(min=0)
    away = [_away(candidates[row], first, last) for row in (before, after)]
    nearest = np.where(away[0] < away[1], before, after)
    return np.where((np.minimum(*away) <= _NEAR) & (last - first <= _STANDSTILL), nearest, -1)


def _away(frames: Int64s, first: Int64s, last: Int64s) -> Int64s:
    distance: Int64s = np.maximum(np.maximum(first - frames, frames - last), 0)
    return distance


def _rising(left: Int64s, right: Int64s) -> tuple[Int64s, Int64s]:
    """The pairs without those that go back, or not on, in the right."""
    highest = np.maximum.accumulate(np.concatenate([[-1], right[:-1]])) if len(right) else right
    kept = right > highest
    return left[kept], right[kept]


def _without_leaps(left: Int64s, right: Int64s) -> tuple[Int64s, Int64s]:
    """The marks without those that their neighbours put elsewhere, the worst of each neighbourhood first."""
    for _ in range(_ROUNDS):
        misses = _misses(left, right)
        around = np.pad(misses, 1)
        worst = (misses > 0) & (misses >= around[:-2]) & (misses >= around[2:])
        if not worst.any():
            break
        left, right = left[~worst], right[~worst]
    return left, right


def _misses(left: Int64s, right: Int64s) -> Float64s:
    """By what part of the way between its neighbours a mark lies off their line; 0 where that is little."""
    found = np.zeros(len(left))
    if len(left) > 2:
        way, across = (left[2:] - left[:-2]).astype(np.float64), right[2:] - right[:-2]
        straight = left[:-2] + way * (right[1:-1] - right[:-2]) / across
        frames = np.abs(left[1:-1] - straight)
        found[1:-1] = np.where(frames > np.maximum(_LEAP * way, _LEAP_FRAMES), frames / way, 0)
    return found
