"""How alike two recordings are along a line, frame by frame of 16 ms.

reads   the two Recordings, a line, and frames of the other that are said to lie on it
writes  a Likeness, which says of any frames how alike they are, in units in which chance has mean 0; None
        where even those frames are not more alike on the line than beside it
rules   A frame is compared with the reference on the line, and some milliseconds about it: in a room a sound
        comes by several ways, and a microphone may turn its sign. At which lags, and how strongly, is learned
        from the frames on the line: the peaks of their mean correlation that stand out (`_STANDS_OUT`) from
        the same mean 60 to 210 ms beside the line, where only chance and the nature of the sound (a held note
        is like itself) make them alike. What half a second scores beside the line is what chance does.
"""

from dataclasses import dataclass

import numpy as np

from tasks.align.sound.levels import Float64s
from tasks.align.sound.samples import Int64s, Recordings, excerpts
from tasks.align.sound.windows import Guess

FRAMES_IN_PART = 32
_FRAME_S = 0.016
_LAGS_S = (-0.004, 0.006)
_BESIDE_S = (-0.211, -0.097, 0.061, 0.151)
_STANDS_OUT, _STANDS_OUT_OF_MANY = 5.0, 3.5
_MANY_PARTS = 60
_AS_HIGH = 0.3
_MOST_LAGS = 6
_MOST_LEARNED = 2048
_FRAMES_AT_ONCE = 1024
_FAINTEST = 1e-12


@dataclass(frozen=True)
class Likeness:
    """`part_spread`: by how much chance scatters the mean of a part; `frame_spread` a frame.

    Frames of a held note go astray together: a sum of frames scatters as those of whole parts do.
    `typical` is the mean of the parts that it was learned from, in `part_spread`.
    """

    recordings: Recordings
    guess: Guess
    lags: Int64s
    weights: Float64s
    frame_spread: float = 1.0
    part_spread: float = 1.0
    typical: float = 0.0

    def of(self, starts: Int64s, beside_s: float = 0.0) -> Float64s:
        """How alike each frame is to the reference on the line, or so many seconds beside it."""
        shift = round(beside_s * self.recordings.sample_rate_hz)
        found = np.zeros(len(starts))
        for first in range(0, len(starts), _FRAMES_AT_ONCE):
            some = slice(first, first + _FRAMES_AT_ONCE)
            rows = _correlations(self.recordings, self.guess, starts[some], self.lags + shift)
            found[some] = self.weights @ rows
        return found


def frame_samples(recordings: Recordings) -> int:
    """How long a frame is."""
    return max(round(_FRAME_S * recordings.sample_rate_hz), 1)


def learn_likeness(recordings: Recordings, guess: Guess, parts: Int64s) -> Likeness | None:
    """What frames on the line have in common with the reference; `parts` are where parts on it begin."""
    frame = frame_samples(recordings)
    count, most = len(parts), max(_MOST_LEARNED // FRAMES_IN_PART, 1)
    parts = parts[np.unique(np.linspace(0, len(parts) - 1, most).round().astype(np.int64))]
    starts = (parts[:, np.newaxis] + np.arange(FRAMES_IN_PART) * frame).ravel()
    first, last = (round(lag_s * recordings.sample_rate_hz) for lag_s in _LAGS_S)
    lags = np.arange(first, last + 1)
    mean = _mean_correlation(recordings, guess, starts, lags)
    beside = [
        _mean_correlation(recordings, guess, starts, lags + round(shift_s * recordings.sample_rate_hz))
        for shift_s in _BESIDE_S
    ]
    # Windows over half a minute do not lie on one line by chance: their peaks need to stand out by less.
    stands_out = _STANDS_OUT if count < _MANY_PARTS else _STANDS_OUT_OF_MANY
    chosen = _peaks(mean, stands_out * float(np.sqrt(np.mean(np.square(beside)))))
    if not len(chosen):
        return None
    weights = mean[chosen] / np.sqrt((mean[chosen] ** 2).sum())
    likeness = Likeness(recordings, guess, lags[chosen], weights)
    return _with_chance(likeness, starts)


def _with_chance(likeness: Likeness, starts: Int64s) -> Likeness:
    """The same with what chance does, and how far above it the frames are that it was learned from."""
    # Part by part: they may lie hours apart, and all between the frames of one look is read.
    looks = np.split(starts, range(FRAMES_IN_PART, len(starts), FRAMES_IN_PART))
    own, *beside = (
        np.concatenate([likeness.of(look, beside_s) for look in looks]) for beside_s in (0.0, *_BESIDE_S)
    )
    chance = np.stack(beside)
    parts = chance.reshape(len(_BESIDE_S), -1, FRAMES_IN_PART).mean(axis=2)
    part_spread = max(float(np.sqrt(np.mean(parts**2))), _FAINTEST)
    on_line = own.reshape(-1, FRAMES_IN_PART).mean(axis=1)
    return Likeness(
        likeness.recordings,
        likeness.guess,
        likeness.lags,
        likeness.weights,
        max(float(np.sqrt(np.mean(chance**2))), part_spread * FRAMES_IN_PART**0.5),
        part_spread,
        float(np.median(on_line)) / part_spread,
    )


def _peaks(mean: Float64s, least: float) -> Int64s:
    """The lags at which the mean correlation has its highest peaks, either way up."""
    size = np.abs(mean)
    inner = size[1:-1]
    is_peak = (inner >= size[:-2]) & (inner > size[2:])
    least = max(least, _AS_HIGH * float(size.max()))
    peaks = np.flatnonzero(is_peak & (inner >= least)) + 1
    return np.sort(peaks[np.argsort(-size[peaks], kind="stable")][:_MOST_LAGS])


def _mean_correlation(recordings: Recordings, guess: Guess, starts: Int64s, lags: Int64s) -> Float64s:
    total = np.zeros(len(lags))
    for first in range(0, len(starts), FRAMES_IN_PART):
        total += _correlations(recordings, guess, starts[first : first + FRAMES_IN_PART], lags).sum(axis=1)
    return total / len(starts)


def _correlations(recordings: Recordings, guess: Guess, starts: Int64s, lags: Int64s) -> Float64s:
    """A row per lag, a column per frame: from -1 to 1. All lags at once, by their spectra."""
    from scipy import fft

    frame = frame_samples(recordings)
    first, stop = int(lags.min()), int(lags.max()) + 1
    heard = excerpts(recordings.other, starts, frame)
    there = np.rint(starts + guess.offset_samples + guess.drift * (starts + frame / 2)).astype(np.int64)
    room = excerpts(recordings.reference, there + first, frame + stop - first - 1)
    length = fft.next_fast_len(room.shape[1], real=True)
    spectra = fft.rfft(room, length) * np.conj(fft.rfft(heard, length))
    products = fft.irfft(spectra, length)[:, : stop - first]
    summed = np.cumsum(np.pad(np.square(room, dtype=np.float64), ((0, 0), (1, 0))), axis=1)
    powers = summed[:, frame:] - summed[:, :-frame]
    powers *= np.einsum("ij,ij->i", heard, heard, dtype=np.float64)[:, np.newaxis]
    # A difference of sums may be 0 but for its last digits: what is silent is like nothing.
    silent = powers <= _FAINTEST
    rows: Float64s = np.where(silent, 0.0, products / np.sqrt(np.where(silent, 1.0, powers)))
    return rows[:, lags - first].T
