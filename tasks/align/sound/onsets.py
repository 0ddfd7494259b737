"""Find where one recording lies in another, roughly, from when its frequency bands grow louder or softer.

reads   mono float32 sound at one sample rate, block by block
writes  the offset of the whole recording, to a few hundredths of a second, and how clear it is
rules   The rise and fall of a band survives noise, and a drift that blurs the correlation of sound itself.
        Cost is n log n in the length. How loud each band is lies on disk; in memory there is one band at a
        time, and the correlation, together some 8 MB an hour.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Float32s, Samples
from tasks.core.floats_on_disk import FloatsOnDisk

_HOP_S = 0.016
_BANDS = 16
_LOWEST_BIN = 3
_FRAMES_AT_ONCE = 1024
_LARGEST_DEVIATION = 3.0
_FAINTEST = 1e-10


@dataclass(frozen=True)
class Band:
    """How loud it is in each frame, as a logarithm; `spread` is the deviation of its changes."""

    loudness: FloatsOnDisk
    spread: float


@dataclass(frozen=True)
class Onsets:
    """Changes of loudness, one for every `hop` samples of the recording, from the `first` to the `stop`."""

    bands: tuple[Band, ...]
    hop: int
    first: int
    stop: int

    def __len__(self) -> int:
        """How many changes each band has."""
        return max(self.stop - self.first, 0)

    def changes(self, band: Band) -> Float32s:
        """The changes of one band, of mean square about 1."""
        changes = np.diff(band.loudness[self.first : self.stop + 1])
        changes /= band.spread
        # A piece of digital silence begins with a change that would outvote everything else.
        return changes.clip(-_LARGEST_DEVIATION, _LARGEST_DEVIATION, out=changes)

    def cut(self, start: int, stop: int) -> "Onsets":
        """Those between two samples of the recording, both at least 0."""
        last = min(-(-stop // self.hop), self.stop)
        return replace(self, first=start // self.hop, stop=last)

    def stretched(self, drift: float, scratch: Path | None) -> "Onsets":
        """The onsets of a whole recording, had its clock run faster by the drift: on the other's time."""
        count = round(len(self) * (1 + drift))
        place = np.arange(count + 1) / (1 + drift)
        bands = []
        for band in self.bands:
            loudness = FloatsOnDisk(scratch)
            heard = band.loudness[:]
            loudness.append(np.interp(place, np.arange(len(heard)), heard).astype(np.float32))
            bands.append(Band(loudness, band.spread))
        return Onsets(tuple(bands), self.hop, 0, count)


@dataclass(frozen=True)
class RoughOffset:
    """Sample t of the other is near sample t + offset of the reference.

    `clarity` is the correlation there over the best at all places that were not found: about 1 where the two
    share nothing. `share` is it over that at the best place.
    """

    offset_samples: int
    clarity: float
    share: float


def find_onsets(sound: Samples, sample_rate_hz: int, scratch: Path | None) -> Onsets:
    """The onsets of a recording."""
    hop = max(round(sample_rate_hz * _HOP_S), _BANDS)
    edges = np.unique(np.geomspace(_LOWEST_BIN, 0.9 * hop, _BANDS + 1).astype(np.int64))
    loudness = [FloatsOnDisk(scratch) for _ in edges[1:]]
    frames = max(len(sound) // hop - 1, 0)
    for first in range(0, frames, _FRAMES_AT_ONCE):
        stop = min(first + _FRAMES_AT_ONCE, frames)
        block = sound[first * hop : (stop + 1) * hop]
        for band, row in zip(loudness, _band_loudness(block, hop, edges), strict=True):
            band.append(row)
    bands = tuple(Band(band, max(float(np.diff(band[:]).std()), _FAINTEST)) for band in loudness)
    return Onsets(bands, hop, 0, frames - 1)


def rough_offsets(reference: Onsets, other: Onsets, search_samples: int, most: int) -> list[RoughOffset]:
    """Where the other fits best, best first; places nearer to one than the search count as the same."""
    agreement = _agreement(reference, other)
    near = search_samples // reference.hop + 2
    found = []
    for _ in range(most):
        best = int(agreement.argmax())
        lag = best if best < len(reference) else best - len(agreement)
        found.append(((lag + reference.first - other.first) * reference.hop, float(agreement[best])))
        agreement[np.arange(best - near, best + near + 1) % len(agreement)] = 0
    rival = max(float(agreement.max()), _FAINTEST)
    top = max(found[0][1], _FAINTEST)
    return [RoughOffset(offset, peak / rival, peak / top) for offset, peak in found if peak > 0]


def offset_near(reference: Onsets, other: Onsets, offset_samples: int, reach_samples: int) -> int:
    """Where the other fits best within the reach of that offset; the offset where they do not meet there."""
    hop, reach = reference.hop, reach_samples // reference.hop
    first = other.first * hop + offset_samples - reach_samples
    near = reference.cut(max(first, 0), max(first + len(other) * hop + 2 * reach_samples, 0))
    if not len(near) or not len(other):
        return offset_samples
    middle = offset_samples // hop - near.first + other.first
    lags = np.arange(max(middle - reach, 1 - len(other)), min(middle + reach, len(near) - 1) + 1)
    # Parts of a hop may be all by which the two meet.
    if not len(lags):
        return offset_samples
    best = int(lags[_agreement(near, other)[lags].argmax()])
    return (best + near.first - other.first) * hop


def _band_loudness(block: Float32s, hop: int, edges: NDArray[np.int64]) -> Float32s:
    """A row per band, a column per frame of two hops, each half over the next."""
    from scipy import fft

    frames = np.lib.stride_tricks.sliding_window_view(block, 2 * hop)[::hop]
    spectra = fft.rfft(frames * np.hanning(2 * hop).astype(np.float32), axis=1)
    powers = np.add.reduceat(spectra.real**2 + spectra.imag**2, edges, axis=1)[:, :-1]
    loudness: Float32s = np.log(powers + _FAINTEST).T
    return loudness


def _agreement(reference: Onsets, other: Onsets) -> Float32s:
    """The correlation over all bands, by lag in columns; those below zero are counted from the end."""
    from scipy import fft

    length = fft.next_fast_len(len(reference) + len(other), real=True)
    total = np.zeros(length // 2 + 1, np.complex64)
    for reference_band, other_band in zip(reference.bands, other.bands, strict=True):
        product = fft.rfft(other.changes(other_band), length)
        np.conj(product, out=product)
        product *= fft.rfft(reference.changes(reference_band), length)
        total += product
    agreement: Float32s = fft.irfft(total, length, overwrite_x=True)
    return agreement
