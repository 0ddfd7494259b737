"""Melodies that are played at tempi of their own, so that every note's true time is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]

RATE_HZ = 8000
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_RING_S = 0.15


@dataclass(frozen=True)
class Melody:
    """Pitches (MIDI numbers) and lengths in beats; no pitch is repeated at once."""

    pitches: NDArray[np.int64]
    beats: Float64s


@dataclass(frozen=True)
class Performance:
    """A recording, and where each note begins in it, in seconds."""

    sound: Float32s
    starts_s: Float64s


def compose(notes: int, seed: int) -> Melody:
    """A walk over a major scale."""
    random = np.random.default_rng(seed)
    steps = random.choice([-3, -2, -1, 1, 2, 3], notes)
    places = [30]
    for step in steps[1:].tolist():
        places.append(places[-1] + (step if 22 <= places[-1] + step <= 41 else -step))
    key = int(random.integers(12))
    pitches = [48 + key + 12 * (place // 7 - 3) + _SCALE[place % 7] for place in places]
    return Melody(np.array(pitches), random.choice([0.25, 0.25, 0.5, 0.5, 1.0], notes))


def perform(melody: Melody, tempo: float, rubato: float, seed: int) -> Performance:
    """The melody at that many beats a second, faster and slower by that share, after a second of silence."""
    random = np.random.default_rng(seed)
    place = np.arange(len(melody.beats))
    swing = np.sin(2 * np.pi * place / 23 + random.uniform(0, 6)) + 0.5 * np.sin(2 * np.pi * place / 7)
    lengths = melody.beats / (tempo * (1 + rubato * swing))
    starts = 1 + np.concatenate([[0], np.cumsum(lengths)[:-1]])
    sound = np.zeros(int((starts[-1] + lengths[-1] + 1) * RATE_HZ))
    for pitch, start, length in zip(melody.pitches.tolist(), starts, lengths, strict=True):
        note = random.uniform(0.5, 1) * _note(440 * 2 ** ((pitch - 69) / 12), length, random)
        first = round(start * RATE_HZ)
        sound[first : first + len(note)] += note[: len(sound) - first]
    sound += 0.003 * random.standard_normal(len(sound))
    return Performance(sound.astype(np.float32), starts)


def _note(pitch_hz: float, length_s: float, random: np.random.Generator) -> Float64s:
    time_s = np.arange(int((length_s + _RING_S) * RATE_HZ)) / RATE_HZ
    partials = [n for n in range(1, 6) if n * pitch_hz < RATE_HZ / 2]
    phases = random.uniform(0, 2 * np.pi, len(partials))
    waves = [
        0.6**n * np.sin(2 * np.pi * n * pitch_hz * time_s + phase)
        for n, phase in zip(partials, phases, strict=True)
    ]
    envelope = np.exp(-2 * time_s) * np.minimum(time_s / 0.01, 1)
    end = np.clip((length_s + _RING_S - time_s) / _RING_S, 0, 1)
    played: Float64s = np.sum(waves, axis=0) * envelope * end
    return played
