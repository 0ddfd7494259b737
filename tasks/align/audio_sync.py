"""Find how one recorder's clock runs on another's, from the sound that both heard, or refuse.

reads   two mono float32 recordings of one event at one sample rate (16 kHz is plenty)
writes  a SoundSync with the line from the other's clock to the reference's, or a SoundRefusal that says why
        there is none; each clock is 0 at the first sample of its recording
rules   First the rough place of the whole recording; then an offset in each of up to 200 windows and a robust
        line through them, twice: the second time along the line, where the windows match best.
        Cost is n log n in the length; beyond the sound itself, memory hardly grows with it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound_evidence import (
    Evidence,
    SoundRefusal,
    SoundRefusedError,
    SyncFigures,
    line_through,
    refuse_doubtful,
    stray_runs,
    weigh_marks,
)
from tasks.align.sound_onsets import Onsets, cut_onsets, find_onsets, rough_offset
from tasks.align.sound_windows import Guess, Recordings, Windows, measure_windows
from tasks.core.clock_line import ClockLine, anchored_at
from tasks.core.errors import ClockError
from tasks.core.sound import read_sound
from tasks.core.times import NS_PER_S

__all__ = ["SoundRefusal", "SoundSync", "read_mono", "synchronise_sound"]

Float32s = NDArray[np.float32]

_SHORTEST_S = 5.0
_ROUGH_ERROR_S = 0.1
_LARGEST_DRIFT = 120e-6
_FINE_SEARCH_S = 0.05
_UNIQUE_CLARITY = 1.1
_CLEARLY_ELSEWHERE = 1.5
_MOST_WINDOWS = 200
_WINDOWS_IN_COMMON = 12
_SHORTEST_WINDOW_S, _LONGEST_WINDOW_S = 1.0, 4.0


@dataclass(frozen=True)
class SoundSync:
    """The line from the other's clock, anchored at 0, and the span of that clock that bears it out."""

    line: ClockLine
    figures: SyncFigures
    heard_from_ns: int
    heard_until_ns: int


def synchronise_sound(reference: Float32s, other: Float32s, sample_rate_hz: int) -> SoundSync | SoundRefusal:
    """The line from the other recording's clock to the reference's, or why it would be doubtful."""
    try:
        return _synchronise(Recordings(reference, other, sample_rate_hz))
    except SoundRefusedError as refused:
        return refused.refusal


def read_mono(payload: bytes, sample_rate_hz: int) -> Float32s:
    """The mean of the channels of a sound file, at another rate; ClockError where it cannot be decoded."""
    from scipy.signal import resample_poly

    try:
        sound = read_sound(payload)
    except ValueError as error:
        raise ClockError(f"the recording cannot be decoded: {error}") from error
    mono: Float32s = sound.samples.mean(axis=1)
    own_rate_hz = sound.sample_rate
    if own_rate_hz == sample_rate_hz or not len(mono):
        return mono
    common_hz = math.gcd(own_rate_hz, sample_rate_hz)
    resampled: Float32s = resample_poly(mono, sample_rate_hz // common_hz, own_rate_hz // common_hz)
    return resampled


def _synchronise(recordings: Recordings) -> SoundSync:
    _refuse_unusable(recordings)
    sample_rate_hz = recordings.sample_rate_hz
    onsets = find_onsets(recordings.reference, sample_rate_hz), find_onsets(recordings.other, sample_rate_hz)
    rough = rough_offset(*onsets, _search_samples(recordings))
    if rough.clarity < _UNIQUE_CLARITY:
        raise SoundRefusedError("no_unique_place", SyncFigures(rough.clarity))
    windows = _lay_windows(recordings, rough.offset_samples)
    wide = measure_windows(recordings, windows, Guess(rough.offset_samples, 0.0, _search_samples(recordings)))
    guess = _guess_along(line_through(wide, rough.clarity), sample_rate_hz)
    fine = measure_windows(recordings, windows, guess)
    evidence = weigh_marks(wide, fine, rough.clarity)
    refuse_doubtful(evidence)
    _refuse_strays(evidence, windows, onsets, recordings)
    heard = windows.starts[evidence.agreeing]
    return SoundSync(
        anchored_at(evidence.line, 0),
        evidence.figures(),
        heard_from_ns=int(heard[0]) * NS_PER_S // sample_rate_hz,
        heard_until_ns=(int(heard[-1]) + windows.samples) * NS_PER_S // sample_rate_hz,
    )


def _refuse_unusable(recordings: Recordings) -> None:
    for sound in (recordings.reference, recordings.other):
        if len(sound) < _SHORTEST_S * recordings.sample_rate_hz:
            raise SoundRefusedError("too_short", SyncFigures())
        # A sum is not finite as soon as one sample is not, and needs no second array.
        if not sound.any() or not np.isfinite(sound.sum(dtype=np.float64)):
            raise SoundRefusedError("silent", SyncFigures())


def _search_samples(recordings: Recordings) -> int:
    """How far from the rough offset the true one may be at any moment: its own error and the drift's."""
    longest = max(len(recordings.reference), len(recordings.other))
    return round(_ROUGH_ERROR_S * recordings.sample_rate_hz + _LARGEST_DRIFT * longest)


def _lay_windows(recordings: Recordings, offset_samples: int) -> Windows:
    """Windows spread evenly over what the two have in common, each over half of the next or less."""
    rate_hz = recordings.sample_rate_hz
    first = max(0, -offset_samples)
    stop = min(len(recordings.other), len(recordings.reference) - offset_samples)
    if stop - first < _SHORTEST_S * rate_hz:
        raise SoundRefusedError("too_short", SyncFigures())
    length_s = (stop - first) / rate_hz / _WINDOWS_IN_COMMON
    samples = round(min(max(length_s, _SHORTEST_WINDOW_S), _LONGEST_WINDOW_S) * rate_hz)
    count = min(2 * ((stop - first) // samples) - 1, _MOST_WINDOWS)
    return Windows(np.linspace(first, stop - samples, count).astype(np.int64), samples)


def _guess_along(line: ClockLine, sample_rate_hz: int) -> Guess:
    offset_samples = anchored_at(line, 0).offset_ns * sample_rate_hz / NS_PER_S
    return Guess(offset_samples, line.drift_ppm / 1e6, round(_FINE_SEARCH_S * sample_rate_hz))


def _refuse_strays(
    evidence: Evidence, windows: Windows, onsets: tuple[Onsets, Onsets], recordings: Recordings
) -> None:
    """SoundRefusedError where windows without a match clearly match off the line: a recorder paused."""
    rate_hz = recordings.sample_rate_hz
    for run in stray_runs(evidence):
        start, stop = int(windows.starts[run][0]), int(windows.starts[run][-1]) + windows.samples
        found = rough_offset(onsets[0], cut_onsets(onsets[1], start, stop), _search_samples(recordings))
        expected = _guess_along(evidence.line, rate_hz)
        distance = found.offset_samples - start - expected.offset_samples - expected.drift * start
        if found.clarity >= _CLEARLY_ELSEWHERE and abs(distance) > _FINE_SEARCH_S * rate_hz:
            raise SoundRefusedError("clock_jumps", evidence.figures())
