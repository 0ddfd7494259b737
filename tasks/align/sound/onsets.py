"""Find where one recording lies in another, roughly, from when its frequency bands grow louder or softer.

reads   mono float32 sound at one sample rate
writes  the offset of the whole recording, to a few hundredths of a second, and how clear it is
rules   The rise and fall of a band survives noise, and a drift that blurs the correlation of sound itself.
        Cost is n log n in the length; the onsets take one float per 16 samples of a 16 kHz recording.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]

_HOP_S = 0.016
_BANDS = 16
_LOWEST_BIN = 3
_FRAMES_AT_ONCE = 4096
_LARGEST_DEVIATION = 3.0
_FAINTEST = 1e-10


@dataclass(frozen=True)
class Onsets:
    """Change of loudness: a row per band, of mean square about 1, and a column for every `hop` samples."""

    changes: Float32s
    hop: int


@dataclass(frozen=True)
class RoughOffset:
    """Sample t of the other is near sample t + offset of the reference.

    `clarity` is the correlation there over the best at all places that were not found: about 1 where the two
    share nothing. `share` is it over that at the best place.
    """

    offset_samples: int
    clarity: float
    share: float


def find_onsets(sound: Float32s, sample_rate_hz: int) -> Onsets:
    """The onsets of a recording, taken in blocks."""
    from scipy import fft

    hop = max(round(sample_rate_hz * _HOP_S), _BANDS)
    edges = np.unique(np.geomspace(_LOWEST_BIN, 0.9 * hop, _BANDS + 1).astype(np.int64))
    frames = np.lib.stride_tricks.sliding_window_view(sound, 2 * hop)[::hop]
    window = np.hanning(2 * hop).astype(np.float32)
    loudness = np.empty((len(edges) - 1, len(frames)), np.float32)
    for first in range(0, len(frames), _FRAMES_AT_ONCE):
        spectra = fft.rfft(frames[first : first + _FRAMES_AT_ONCE] * window, axis=1)
        powers = np.add.reduceat(spectra.real**2 + spectra.imag**2, edges, axis=1)[:, :-1]
        loudness[:, first : first + _FRAMES_AT_ONCE] = np.log(powers + _FAINTEST).T
    changes = np.diff(loudness, axis=1)
    spread = np.maximum(changes.std(axis=1, keepdims=True), _FAINTEST)
    # A piece of digital silence begins with a change that would outvote everything else.
    return Onsets((changes / spread).clip(-_LARGEST_DEVIATION, _LARGEST_DEVIATION), hop)


def cut_onsets(onsets: Onsets, start: int, stop: int) -> Onsets:
    """The onsets between two samples of the recording; the new first column is that of sample `start`."""
    return Onsets(onsets.changes[:, start // onsets.hop : -(-stop // onsets.hop)], onsets.hop)


def rough_offsets(reference: Onsets, other: Onsets, search_samples: int, most: int) -> list[RoughOffset]:
    """Where the other fits best, best first; places nearer to one than the search count as the same."""
    columns = reference.changes.shape[1]
    agreement = _agreement(reference, other)
    near = search_samples // reference.hop + 2
    found = []
    for _ in range(most):
        best = int(agreement.argmax())
        lag = best if best < columns else best - len(agreement)
        found.append((lag * reference.hop, float(agreement[best])))
        agreement[np.arange(best - near, best + near + 1) % len(agreement)] = 0
    rival = max(float(agreement.max()), _FAINTEST)
    top = max(found[0][1], _FAINTEST)
    return [RoughOffset(offset, peak / rival, peak / top) for offset, peak in found if peak > 0]


def _agreement(reference: Onsets, other: Onsets) -> Float32s:
    """The correlation over all bands, by lag in columns; those below zero are counted from the end."""
    from scipy import fft

    length = fft.next_fast_len(reference.changes.shape[1] + other.changes.shape[1], real=True)
    spectrum = np.zeros(length // 2 + 1, np.complex64)
    for reference_band, other_band in zip(reference.changes, other.changes, strict=True):
        spectrum += fft.rfft(reference_band, length) * fft.rfft(other_band, length).conj()
    agreement: Float32s = fft.irfft(spectrum, length)
    return agreement
