"""The path of least cost through two recordings of one piece, coarsely first, then finely near that.

reads   Tones of the two
writes  WarpPath: pairs of frames that belong together, and how well the two fit
rules   First both are shortened to at most 2,000 frames by taking means, and librosa warps them as a whole;
        then the frames of 20 ms are warped, within a band about that path; what is longer than 10 minutes is
        warped in means of 16 frames in between (Salvador and Chan 2007), so that the band stays narrow. Cost
        grows with the length, not with its square. Tones and the band are in memory, some 90 MB an hour.
        `fit` is the mean cost of the coarse path by that of warping one recording onto the other played
        backwards: the same tones in another order. Recordings of different pieces fit no better than that.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Float32s, Int64s
from tasks.align.warp.features import Tones

_COARSE_FRAMES = 2000
_MIDDLE_FRAMES = 16
_BAND_COARSE, _BAND_FRAMES = 4, 100
_ONSET_WEIGHT = 1.0
# What costs less backwards says the same in either direction: a hum, a chord that is held.
_LEAST_BACKWARDS = 0.01


@dataclass(frozen=True)
class WarpPath:
    """`left` and `right` are frames that rise together; `fit` is 0 for equal tones and about 1 for others."""

    left: Int64s
    right: Int64s
    fit: float


def coarse_fit(left: Tones, right: Tones) -> tuple[Int64s, float, int]:
    """The coarse path as rows of (left, right), how well it fits, and how many frames it takes as one."""
    factor = -(-max(len(left.chroma), len(right.chroma)) // _COARSE_FRAMES)
    if factor > _MIDDLE_FRAMES:
        factor = -(-factor // _MIDDLE_FRAMES) * _MIDDLE_FRAMES
    own, other = _shortened(left.chroma, factor), _shortened(right.chroma, factor)
    path, cost = _warped(own, other)
    _, backwards = _warped(own, other[::-1])
    return path, cost / backwards if backwards > _LEAST_BACKWARDS else 1.0, factor


def fine_path(left: Tones, right: Tones, coarse: Int64s, fit: float, factor: int) -> WarpPath:
    """The path through the frames themselves, near the coarse one."""
    own, other = left.together(_ONSET_WEIGHT), right.together(_ONSET_WEIGHT)
    path = coarse
    if factor > _MIDDLE_FRAMES:
        middle = [_shortened(frames, _MIDDLE_FRAMES).astype(np.float32) for frames in (own, other)]
        path = _path_near(middle[0], middle[1], coarse, factor // _MIDDLE_FRAMES)
        factor = _MIDDLE_FRAMES
    path = _path_near(own, other, path, factor)
    return WarpPath(path[:, 0], path[:, 1], fit)


def _path_near(own: Float32s, other: Float32s, coarse: Int64s, factor: int) -> Int64s:
    """The path through the frames within a band about one through means of so many of them."""
    from tasks.align.warp.kernels import band_steps, walk_back

    first, last = band(coarse, factor, len(own), len(other))
    places = np.concatenate([[0], np.cumsum(last - first + 1)])
    steps, _ = band_steps(own, other, first, last, places)
    path: Int64s = walk_back(steps, first, places, len(other))
    return path


def band(coarse: Int64s, factor: int, rows: int, columns: int) -> tuple[Int64s, Int64s]:
    """For each row the first and last column within reach of the coarse path; neither ever falls."""
    reach = max(_BAND_COARSE * factor, _BAND_FRAMES)
    coarse_rows = np.unique(coarse[:, 0])
    least = coarse[np.searchsorted(coarse[:, 0], coarse_rows), 1]
    most = coarse[np.searchsorted(coarse[:, 0], coarse_rows, side="right") - 1, 1]
    frames = np.arange(rows)
    # Reaching out along both recordings: a row takes what its neighbours take too.
    early = np.maximum(frames - reach, 0) // factor
    late = np.minimum(frames + reach, rows - 1) // factor
    first = np.maximum(least[early] * factor - reach, 0)
    last = np.minimum((most[late] + 1) * factor - 1 + reach, columns - 1)
    return first, last


def _shortened(frames: Float32s, factor: int) -> NDArray[np.float64]:
    """Means of that many frames each, the last of those that are left."""
    bounds = np.arange(0, len(frames), factor)
    sums = np.add.reduceat(frames.astype(np.float64), bounds, axis=0)
    means: NDArray[np.float64] = sums / np.diff(np.append(bounds, len(frames)))[:, None]
    return means


def _warped(left: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[Int64s, float]:
    """The path from corner to corner, and its mean cost."""
    import librosa

    weights = np.array([2.0, 1.0, 1.0])
    costs, path = librosa.sequence.dtw(X=left.T, Y=right.T, metric="sqeuclidean", weights_mul=weights)
    return path[::-1].astype(np.int64), float(costs[-1, -1]) / (len(left) + len(right))
