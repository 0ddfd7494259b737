"""Measure by how much one recording runs ahead of another, window by window.

reads   the two Recordings, windows of the other, and a Guess of how they lie
writes  SoundMarks: the middle of each window on either clock, and how clear the match is
rules   Generalised cross-correlation (Knapp & Carter 1976). The phase transform (GCC-PHAT) gives every
        frequency the same weight, also those that hold only noise; so the cross-spectrum is averaged over the
        short frames of a window first and divided by the averaged powers: a frequency counts by its coherence
        (the smoothed coherence transform of the same paper).
        Each frame lies where the guess says, so that a known drift does not blur a long window.
        The peak is refined by a parabola. Windows come one by one: memory does not grow with their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Float32s, Int64s, Recordings, excerpts
from tasks.core.times import NS_PER_S

Float64s = NDArray[np.float64]
Complex64s = NDArray[np.complex64]

_FRAMES_IN_WINDOW = 15  # each half over the next
_LOWEST_HZ = 80.0
_HIGHEST_SHARE_OF_RATE = 0.45
_PEAK_WIDTH_S = 0.002
_FINE_SEARCH_S = 0.06
_FAINTEST = 1e-20


@dataclass(frozen=True)
class Windows:
    """Stretches of the other recording, all of one length."""

    starts: Int64s
    samples: int


@dataclass(frozen=True)
class Guess:
    """Sample t of the other is within the search of sample t + offset + drift * t of the reference."""

    offset_samples: float
    drift: float
    search_samples: int


@dataclass(frozen=True)
class SoundMarks:
    """Middles of windows on both clocks, each clock 0 at its first sample.

    `height` is that of the best peak, to be compared with those of other searches in the same window.
    `clarity` is it over the next best: about 1 where nothing matches, 0 where the best lies at the end of the
    search.
    """

    clock_ns: Int64s
    reference_ns: Int64s
    clarity: Float64s
    height: Float64s


def measure_windows(recordings: Recordings, windows: Windows, guess: Guess) -> SoundMarks:
    """One mark per window, in their order."""
    frame_samples = 2 * windows.samples // (_FRAMES_IN_WINDOW + 1)
    in_window = np.arange(_FRAMES_IN_WINDOW) * (frame_samples // 2)
    peaks = [
        _window_peak(recordings, start + in_window, frame_samples, guess) for start in windows.starts.tolist()
    ]
    lags, clarity, height = np.array(peaks, np.float64).reshape(-1, 3).T
    middles = windows.starts + (in_window[-1] + frame_samples) / 2
    there = middles + guess.offset_samples + guess.drift * middles + lags
    return SoundMarks(
        _samples_to_ns(middles, recordings.sample_rate_hz),
        _samples_to_ns(there, recordings.sample_rate_hz),
        clarity,
        height,
    )


def joined_marks(count: int, parts: Sequence[tuple[Int64s, SoundMarks]]) -> SoundMarks:
    """Marks of some windows each (by their rows) as marks of all; a window that no part has is unclear."""
    joined = SoundMarks(
        np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
    )
    for rows, marks in parts:
        for column in fields(marks):
            getattr(joined, column.name)[rows] = getattr(marks, column.name)
    return joined


def _window_peak(
    recordings: Recordings, frame_starts: Int64s, frame_samples: int, guess: Guess
) -> tuple[float, float, float]:
    """How many samples later than guessed the window is heard, how clearly, and the height of the peak."""
    from scipy import fft

    search = guess.search_samples
    there = frame_starts + guess.offset_samples + guess.drift * (frame_starts + frame_samples / 2)
    nearest = np.rint(there).astype(np.int64)
    length = fft.next_fast_len(frame_samples + 2 * search, real=True)
    taper = np.hanning(frame_samples).astype(np.float32)
    frames = excerpts(recordings.other, frame_starts, frame_samples)
    search_room = excerpts(recordings.reference, nearest - search, frame_samples + 2 * search)
    cycles_per_sample = fft.rfftfreq(length)
    spectra = fft.rfft(search_room, length)
    if search <= _FINE_SEARCH_S * recordings.sample_rate_hz:
        # The dearest step of all; a wide look, to which half a sample is nothing, goes without.
        turns = np.outer(there - nearest, 2 * np.pi * cycles_per_sample).astype(np.float32)
        spectra *= np.exp(1j * turns)
    weighted = _coherence(spectra, fft.rfft(frames * taper, length))
    weighted[cycles_per_sample < _LOWEST_HZ / recordings.sample_rate_hz] = 0
    weighted[cycles_per_sample > _HIGHEST_SHARE_OF_RATE] = 0
    # A microphone wired the other way round turns the peak upside down.
    heights = np.abs(fft.irfft(weighted, length)[: 2 * search + 1])
    place, clarity, height = _peak(heights, max(round(_PEAK_WIDTH_S * recordings.sample_rate_hz), 1))
    return place - search, clarity, height


def _coherence(reference: Complex64s, other: Complex64s) -> Complex64s:
    """Cross-spectrum over the frames (rows) by their powers: of size 1 where all frames say the same."""
    cross: Complex64s = (reference * np.conj(other)).sum(axis=0)
    powers = _powers(reference) * _powers(other) + _FAINTEST
    return (cross / np.sqrt(powers)).astype(np.complex64)


def _powers(spectra: Complex64s) -> Float64s:
    powers: Float64s = (spectra.real**2 + spectra.imag**2).sum(axis=0, dtype=np.float64)
    return powers


def _peak(heights: Float32s, peak_width: int) -> tuple[float, float, float]:
    """Place of the highest point, between the samples, its height over the best outside its width, and it."""
    best = int(heights.argmax())
    if not 0 < best < len(heights) - 1:
        return float(best), 0.0, 0.0
    elsewhere = np.concatenate([heights[: max(best - peak_width, 0)], heights[best + peak_width + 1 :]])
    before, top, after = heights[best - 1 : best + 2].tolist()
    curvature = before - 2 * top + after
    shift = 0.5 * (before - after) / curvature if curvature else 0.0
    return best + shift, top / max(float(elsewhere.max(initial=0.0)), _FAINTEST), top


def _samples_to_ns(samples: Float64s, sample_rate_hz: int) -> Int64s:
    return np.rint(samples * (NS_PER_S / sample_rate_hz)).astype(np.int64)
