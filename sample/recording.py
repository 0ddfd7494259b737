"""Recording: what a device hears of an event, by a clock of its own.

reference time = clock time + offset + clock time * drift, so the offset is what is added to a clock's time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sample.speech import RATE_HZ, Samples

SECOND_NS = 1_000_000_000
MILLION = 1_000_000
OVERSAMPLING = 8


@dataclass(frozen=True)
class Clock:
    """A clock that starts later than the reference (or earlier, when negative), and drifts."""

    offset_ns: int
    drift_ppm: int

    def to_clock_ns(self, reference_ns: int) -> int:
        """What this clock shows at a moment of the reference."""
        return round((reference_ns - self.offset_ns) * MILLION / (MILLION + self.drift_ppm))

    def reference_seconds(self, rate_hz: int, duration_ns: int) -> Samples:
        """The moments on the reference at which a device with this clock takes its samples."""
        count = duration_ns * rate_hz // SECOND_NS
        clock_s = np.arange(count, dtype=np.float64) / rate_hz
        return np.asarray(self.offset_ns / SECOND_NS + clock_s * (1 + self.drift_ppm / MILLION), np.float64)


@dataclass(frozen=True)
class Microphone:
    """What a device does to the sound: its rate, its band, the echo of its place, and its noise."""

    rate_hz: int
    low_hz: float
    high_hz: float
    echo_share: float
    noise_level: float


def record(rng: Generator, event: Samples, clock: Clock, microphone: Microphone, duration_ns: int) -> Samples:
    """The event as the device writes it down; beyond its ends there is only noise."""
    dense = heard(rng, event, microphone)
    moments_s = clock.reference_seconds(microphone.rate_hz, duration_ns)
    places = moments_s * (RATE_HZ * OVERSAMPLING)
    clean = np.interp(places, np.arange(dense.size), dense, left=0.0, right=0.0)
    return np.asarray(clean + microphone.noise_level * hiss(rng, clean.size), dtype=np.float64)


def heard(rng: Generator, event: Samples, microphone: Microphone) -> Samples:
    """The event with echo, within the microphone's band, at eight times its rate."""
    echoing = event + microphone.echo_share * echo(rng, event)
    spectrum = np.fft.rfft(echoing)
    hertz = np.fft.rfftfreq(event.size, 1 / RATE_HZ)
    band = 1 / np.sqrt(1 + (hertz / microphone.high_hz) ** 24)
    if microphone.low_hz:
        band = band / np.sqrt(1 + (microphone.low_hz / np.maximum(hertz, 1e-3)) ** 4)
    return np.asarray(np.fft.irfft(spectrum * band, event.size * OVERSAMPLING) * OVERSAMPLING, np.float64)


def echo(rng: Generator, event: Samples) -> Samples:
    """The room's answer: it comes 12 ms after the sound itself and dies away within a third of a second."""
    since_s = np.arange(RATE_HZ) / RATE_HZ - 0.012
    decay = np.where((since_s >= 0) & (since_s < 0.35), np.exp(-since_s / 0.07), 0.0)
    answer = rng.normal(0, 1, RATE_HZ) * decay
    answer /= np.sqrt(np.sum(answer**2))
    size = event.size + answer.size
    both = np.fft.rfft(event, size) * np.fft.rfft(answer, size)
    return np.asarray(np.fft.irfft(both, size)[: event.size], dtype=np.float64)


def hiss(rng: Generator, count: int) -> Samples:
    """Noise of level one that is stronger in the low tones, as in a room."""
    # Whole thousands: the transform of a length with large prime factors takes many times longer.
    size = count + -count % 1000
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    noise = np.fft.irfft(spectrum / np.sqrt(np.arange(spectrum.size) + size / 100), size)[:count]
    return np.asarray(noise / noise.std(), dtype=np.float64)
