"""What is played at each moment of a recording: its pitch classes, and which of them begin.

reads   a mono recording, block by block
writes  Tones: a frame every 20 ms, frame k about the moment k x 20 ms
rules   The energy of the twelve pitch classes (librosa's chroma filters, a' = 440 Hz) in windows of 128 ms,
        as the logarithm of how loud it is for the recording; of length 1, so that loudness does not count.
        What is silent has all twelve alike. `onsets` is by how much each of them has just risen, fading over
        200 ms (Ewert, Müller and Grosche 2009): long notes look the same all along, their beginnings do not.
        Sound is taken in blocks of 20 s; what is kept is 6 kB a second.
"""

from dataclasses import dataclass

import numpy as np

from tasks.align.sound.samples import Float32s, Samples, excerpts
from tasks.core.times import NS_PER_S

HOP_NS = NS_PER_S // 50
CLASSES = 12
_WINDOW_S = 0.128
_FRAMES_AT_ONCE = 1000
_FADING = 10
_LOUD, _FINENESS, _SILENT = 0.95, 100.0, 1e-3


@dataclass(frozen=True)
class Tones:
    """(frames, 12) each; rows of `chroma` have length 1, `rises` is the sum of what begins in a frame."""

    chroma: Float32s
    onsets: Float32s
    rises: Float32s

    def together(self, weight: float) -> Float32s:
        """Both side by side, the onsets with that weight."""
        return np.ascontiguousarray(np.hstack([self.chroma, weight * self.onsets]))


def hear_tones(sound: Samples, sample_rate_hz: int) -> Tones:
    """The tones of a recording."""
    energy = _chroma_energy(sound, sample_rate_hz)
    loud = float(np.quantile(energy.max(axis=1), _LOUD)) if len(energy) else 0.0
    level = np.log1p(_FINENESS * energy / loud) if loud > 0 else np.zeros_like(energy)
    lengths = np.linalg.norm(level, axis=1, keepdims=True)
    even = np.full(CLASSES, CLASSES**-0.5, np.float32)
    chroma = np.where(lengths > _SILENT, level / np.maximum(lengths, _SILENT), even)
    rising = np.maximum(np.diff(level, axis=0, prepend=np.zeros((1, CLASSES), np.float32)), 0)
    return Tones(chroma.astype(np.float32), _fading(rising), rising.sum(axis=1, dtype=np.float32))


def _chroma_energy(sound: Samples, sample_rate_hz: int) -> Float32s:
    """(frames, 12): the energy of the pitch classes about the moments of the frames."""
    import librosa

    hop = sample_rate_hz * HOP_NS // NS_PER_S
    window = 1 << round(np.log2(_WINDOW_S * sample_rate_hz))
    filters = librosa.filters.chroma(sr=sample_rate_hz, n_fft=window, tuning=0.0)
    frames = 1 + len(sound) // hop
    energy = np.empty((frames, CLASSES), np.float32)
    for first in range(0, frames, _FRAMES_AT_ONCE):
        stop = min(first + _FRAMES_AT_ONCE, frames)
        span = np.array([first * hop - window // 2])
        block = excerpts(sound, span, (stop - 1 - first) * hop + window)[0]
        spectrum = np.abs(librosa.stft(block, n_fft=window, hop_length=hop, center=False))
        energy[first:stop] = (filters @ (spectrum * spectrum)).T
    return energy


def _fading(rising: Float32s) -> Float32s:
    """Each rise by the strongest ones around, and after it for a while ever less of it."""
    from scipy.ndimage import maximum_filter1d

    strength = np.linalg.norm(rising, axis=1)
    around = maximum_filter1d(strength, 100) if len(strength) else strength
    scaled = rising / np.maximum(around, _SILENT)[:, None]
    faded = scaled.copy()
    for late in range(1, min(_FADING, len(scaled))):
        np.maximum(faded[late:], (1 - late / _FADING) * scaled[:-late], out=faded[late:])
    return np.asarray(faded, np.float32)
