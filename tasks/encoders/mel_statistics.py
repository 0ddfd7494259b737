"""Sound by its timbre: MFCC, loudness, zero crossings and brightness, as statistics and as a sequence.

reads   an encoded sound of any format that `tasks/core/sound.py` knows; its channels are averaged, at 16 kHz
writes  46 float32: the means, then the standard deviations, of these over columns of 64 ms every 25 ms:
           20  MFCC 1 to 20, of 40 mel bands in dB, divided by 100 (Davis and Mermelstein 1980); number 0
               is left out, since it is the loudness
            1  the root mean square of the samples
            1  zero crossings per sample
            1  the spectral centroid as a share of 8 kHz
        frames: 21 float32 every 100 ms from the start of the sound, the means of MFCC and root mean square
        over the four columns that start in them
        ValueError for bytes that are no sound, or have no sample or one that cannot be meant
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tasks.core.encoder import Encoder
from tasks.core.sound import read_sound
from tasks.core.times import NS_PER_MS
from tasks.core.vectors import Frames, Matrix

_RATE_HZ = 16_000
_COLUMN_SAMPLES = 1024
_HOP_SAMPLES = 400
_COLUMNS_PER_STEP = 4
_STEP_SAMPLES = _HOP_SAMPLES * _COLUMNS_PER_STEP
_STEP_NS = 100 * NS_PER_MS
_BLOCK_STEPS = 600  # a minute: a spectrogram of hours would not fit in memory
_BANDS = 40
_MFCC = 20
_FEATURES = _MFCC + 3
_FRAME_FEATURES = _MFCC + 1


def encode(payloads: Sequence[bytes]) -> Matrix:
    """One row per sound."""
    matrix = np.empty((len(payloads), 2 * _FEATURES), np.float32)
    for row, payload in enumerate(payloads):
        columns = _columns(payload)
        matrix[row] = np.concatenate([columns.mean(axis=0), columns.std(axis=0)])
    return matrix


def frames(payload: bytes) -> Frames:
    """The sequence within one sound; its last step may reach beyond the end."""
    columns = _columns(payload)[:, :_FRAME_FEATURES]
    steps = columns.reshape(-1, _COLUMNS_PER_STEP, _FRAME_FEATURES).mean(axis=1)
    return Frames(0, _STEP_NS, np.asarray(steps, np.float32))


@lru_cache(maxsize=1)  # encode and frames of one sound, asked for in turn, decode it once
def _columns(payload: bytes) -> Matrix:
    """Features of every column, a whole number of steps, silence beyond the end: (columns, features)."""
    sound = _read_sound(payload)
    steps = -(-len(sound) // _STEP_SAMPLES)
    overhang = _COLUMN_SAMPLES - _HOP_SAMPLES
    padded = np.pad(sound, (0, steps * _STEP_SAMPLES - len(sound) + overhang))
    blocks = []
    for first in range(0, steps, _BLOCK_STEPS):
        stop = min(first + _BLOCK_STEPS, steps) * _STEP_SAMPLES + overhang
        blocks.append(_block_features(padded[first * _STEP_SAMPLES : stop]))
    return np.concatenate(blocks)


def _read_sound(payload: bytes) -> Matrix:
    """The samples at 16 kHz, one channel."""
    import librosa

    try:
        sound = read_sound(payload)
    except ValueError as error:
        raise ValueError(f"expected a sound, got {error}") from error
    samples, rate_hz = sound.samples, sound.sample_rate
    if not len(samples):
        raise ValueError("expected samples, got none")
    mono = samples.mean(axis=1)
    if rate_hz == _RATE_HZ:
        return np.asarray(mono)
    return np.asarray(librosa.resample(mono, orig_sr=rate_hz, target_sr=_RATE_HZ))


def _block_features(sound: Matrix) -> Matrix:
    """One short-time Fourier transform, and everything from it: (columns, features)."""
    from librosa import feature, power_to_db, stft

    magnitude = np.abs(stft(sound, n_fft=_COLUMN_SAMPLES, hop_length=_HOP_SAMPLES, center=False))
    mel = feature.melspectrogram(S=magnitude**2, sr=_RATE_HZ, n_mels=_BANDS)
    mfcc = feature.mfcc(S=power_to_db(mel, top_db=None), n_mfcc=_MFCC + 1)[1:] / 100
    centroid = feature.spectral_centroid(S=magnitude, sr=_RATE_HZ) / (_RATE_HZ / 2)
    rms, crossings = _wave_features(sound)
    return np.vstack([mfcc, rms, crossings, centroid]).T.astype(np.float32)


def _wave_features(sound: Matrix) -> tuple[Matrix, Matrix]:
    """Root mean square and zero crossings per sample of every column."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, _COLUMN_SAMPLES)[::_HOP_SAMPLES]
    rms = np.sqrt(np.mean(windows**2, axis=1))
    crossings = np.mean(np.diff(windows < 0, axis=1), axis=1)
    return rms, crossings.astype(np.float32)


ENCODER = Encoder(
    "mel_statistics", "audio", 2 * _FEATURES, encode, frames=frames, frame_dimensions=_FRAME_FEATURES
)
