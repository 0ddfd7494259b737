"""Find by how much one recording's clock runs faster than another's, roughly, from their onsets.

reads   the onsets of both
writes  a Drift: the ratio, and how far the true one may be from it
rules   A drift blurs the correlation of two whole recordings: 1000 ppm (NTSC's pull-down) move the end of
        two minutes by 120 ms, of an hour by 3.6 s. So every drift up to `LARGEST_DRIFT` is tried, in steps
        so small that what is left blurs the peak by about one block; the one with the highest peak is meant.
        Over hours the blocks grow instead of the number of steps, so that the cost stays n log n.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.onsets import Onsets
from tasks.align.sound.samples import Float32s

LARGEST_DRIFT = 2_000e-6
_BEYOND = 100e-6  # so that a drift of the limit itself is not at the end of what is tried
_LEAST_STEP = 50e-6
_AS_HIGH = 0.7
_LARGEST_DEVIATION = 3.0
_FAINTEST = 1e-10

Float64s = NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """A ratio: second t of the other is `t x ratio` later on the reference; how far it may be off."""

    ratio: float
    uncertain: float


def find_drift(reference: Onsets, other: Onsets) -> Drift:
    """The drift at which the other fits the reference best somewhere."""
    shortest = max(min(len(reference), len(other)), 1)
    step = max(_LEAST_STEP, 1 / shortest)
    block = max(round(shortest * step), 1)
    count = int((LARGEST_DRIFT + _BEYOND) / step)
    drifts: Float64s = np.arange(-count, count + 1, dtype=np.float64) * step
    peaks = _highest_peaks(reference, other, drifts, block)
    best = int(peaks.argmax())
    # Where the overlap is short, neighbours are as good: their middle is meant, and no gap is jumped.
    low = high = best
    while low > 0 and peaks[low - 1] >= _AS_HIGH * peaks[best]:
        low -= 1
    while high < len(peaks) - 1 and peaks[high + 1] >= _AS_HIGH * peaks[best]:
        high += 1
    near = slice(low, high + 1)
    ratio = float((drifts[near] * peaks[near]).sum() / max(float(peaks[near].sum()), _FAINTEST))
    return Drift(ratio, (high - low + 4) / 2 * step)


def _highest_peaks(reference: Onsets, other: Onsets, drifts: Float64s, block: int) -> Float64s:
    """The highest correlation that each drift has at any offset."""
    from scipy import fft

    longest = round(len(other) * (1 + float(np.abs(drifts).max())))
    length = fft.next_fast_len(len(reference) // block + longest // block + 1, real=True)
    totals = np.zeros((len(drifts), length // 2 + 1), np.complex64)
    for own, others in zip(reference.bands, other.bands, strict=True):
        expected = fft.rfft(_changes(np.cumsum(own.loudness[:], dtype=np.float64), 0.0, block), length)
        summed = np.cumsum(others.loudness[:], dtype=np.float64)
        for total, drift in zip(totals, drifts.tolist(), strict=True):
            total += expected * np.conj(fft.rfft(_changes(summed, drift, block), length))
    return np.array([float(fft.irfft(total, length).max()) for total in totals])


def _changes(summed: Float64s, drift: float, block: int) -> Float32s:
    """Changes of loudness from block to block on a clock that is faster by the drift."""
    place = np.arange(0, len(summed) * (1 + drift), block) / (1 + drift)
    changes = np.diff(np.interp(place, np.arange(len(summed)), summed), 2)
    changes /= max(float(changes.std()), _FAINTEST)
    return changes.clip(-_LARGEST_DEVIATION, _LARGEST_DEVIATION).astype(np.float32)
