"""A fingerprint of sound that stays when it is louder or quieter, compressed, resampled or noisy.

reads   mono samples and their rate
writes  16 bits every 10 ms, as little-endian bytes; None where there is too little sound to tell one by
rules   Sub-fingerprints as Haitsma and Kalker make them ("A highly robust audio fingerprinting system",
        2002), with shorter windows, since a spoken word lasts 0.4 s: at 8 kHz, the energies of 17 bands
        from 200 to 3,600 Hz in windows of 64 ms, and of each two neighbours whether their difference grew
        within 40 ms. Energies are told from a floor 50 dB below the loudest, and what lies below it at
        both ends is cut off: neither gain nor padding counts. Levels are rounded to 0.001 dB before they
        are compared, which makes it rare that another library or processor turns a bit.
"""

import numpy as np
from numpy.typing import NDArray

LONGEST_S = 60  # so much of a recording is told by
BITS = 16
_RATE_HZ = 8_000
_WINDOW, _HOP = 512, 80
_LOWEST_HZ, _HIGHEST_HZ = 200.0, 3_600.0
_LAG = 4
_FLOOR = 1e-5
_FEWEST = 8  # of 10 ms each


def sound_print(mono: NDArray[np.float32], rate_hz: int) -> bytes | None:
    """The fingerprint of the samples."""
    energies = _band_energies(_at_rate(mono, rate_hz))
    loudest = energies.sum(axis=1).max(initial=0.0)
    if not np.isfinite(loudest) or loudest <= 0:
        return None
    heard = np.flatnonzero(energies.sum(axis=1) > _FLOOR * loudest)
    own = energies[heard[0] : heard[-1] + 1]
    if len(own) < _FEWEST + _LAG:
        return None
    levels = np.round(10 * np.log10(own + _FLOOR * loudest / (BITS + 1)), 3)
    slopes = np.diff(levels, axis=1)
    bits = slopes[_LAG:] - slopes[:-_LAG] > 0
    return np.asarray(bits @ (1 << np.arange(BITS)), "<u2").tobytes()


def _at_rate(mono: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    if rate_hz == _RATE_HZ:
        return mono
    import soxr

    return np.asarray(soxr.resample(mono, rate_hz, _RATE_HZ, quality="HQ"))


def _band_energies(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """The energy in each band of each window, (windows, BITS + 1)."""
    if len(samples) < _WINDOW:
        return np.zeros((0, BITS + 1))
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
    powers = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BITS + 2) * _WINDOW / _RATE_HZ
    starts = np.round(edges).astype(np.int64)
    return np.asarray(np.add.reduceat(powers[:, : starts[-1]], starts[:-1], axis=1))
