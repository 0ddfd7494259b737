"""Sounds to record: speech, music and noises that are made up. Same seed, same sound."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from tests.align.playing import RATE_HZ, compose, perform

Float32s = npt.NDArray[np.float32]


def speech(seconds: float, seed: int) -> Float32s:
    """Syllables in phrases, hummed or hissed, with a breath of up to 2 s between phrases."""
    random = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE_HZ) + RATE_HZ, np.float32)
    start = 0
    while start < len(sound) - RATE_HZ:
        voice = random.uniform(90, 220)
        for _ in range(int(random.integers(4, 16))):
            size = int(random.uniform(0.08, 0.3) * RATE_HZ)
            pitch = voice * np.exp(random.normal(0, 0.08) + np.cumsum(random.normal(0, 0.0006, size)))
            phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
            centre, width = random.uniform(2, 12), random.uniform(2, 5)
            hum = sum(
                np.cos(n * phase + n * n) * np.exp(-(((n - centre) / width) ** 2)) for n in range(1, 17)
            )
            hiss = ndimage.gaussian_filter1d(random.standard_normal(size), random.uniform(0.4, 1.5))
            syllable = np.hanning(size) * (hum if random.random() < 0.75 else 1.5 * hiss)
            stop = min(start + size, len(sound))
            sound[start:stop] += syllable[: stop - start]
            start += int(size * random.uniform(0.8, 1.3))
            if start >= len(sound) - RATE_HZ // 2:
                break
        start += int(random.exponential(0.5) * RATE_HZ) if random.random() < 0.95 else 2 * RATE_HZ
    return sound[: round(seconds * RATE_HZ)]


def music(seconds: float, seed: int) -> Float32s:
    """A melody that somebody plays, with a drum."""
    random = np.random.default_rng(seed)
    played = perform(compose(round(seconds * 5) + 20, seed), random.uniform(1.5, 3), 0.08, seed).sound
    sound = np.resize(played, round(seconds * RATE_HZ) + RATE_HZ)[RATE_HZ:]
    hit = np.exp(-np.arange(800) / 120)
    start = 0
    while start < len(sound) - 900:
        sound[start : start + 800] += 0.3 * hit * random.standard_normal(800)
        start += int(RATE_HZ * random.uniform(0.28, 0.36))
    played_with_drum: Float32s = sound.astype(np.float32)
    return played_with_drum


def noise_bursts(seconds: float, seed: int) -> Float32s:
    """Steps, doors and cloth: coloured noise that is loud now and soft then."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    sound = ndimage.gaussian_filter1d(random.standard_normal(count), random.uniform(0.3, 1.5))
    loudness = np.repeat(random.gamma(0.5, 1.0, count // 1200 + 1), 1200)[:count]
    bursts: Float32s = (sound * ndimage.gaussian_filter1d(loudness, 200)).astype(np.float32)
    return bursts
