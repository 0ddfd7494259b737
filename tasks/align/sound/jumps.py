"""Find when a recorder paused: between two windows, up to when the one line holds, and from when the other.

reads   the two Recordings, the lines before and after a jump, and a stretch that the jump is in
writes  the last sample of the other recording that surely lies on the first line, and the first on the second
rules   In frames of 16 ms, the sound is as like the reference on the first line before the jump, and on the
        second after it, as can be; every place that is nearly as good (`_AS_GOOD` frames of perfect likeness)
        is left out, so that where there is only silence, or the reference paused, no time is told.
        A stretch may be long (hours without a match): its frames are compared some hundred at a time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.samples import Int64s, Recordings, excerpts
from tasks.align.sound.windows import Guess

Float64s = NDArray[np.float64]

_FRAME_S = 0.016
_AS_GOOD = 2.0
_GUARD_FRAMES = 2
_FRAMES_AT_ONCE = 1024
_FAINTEST = 1e-12


@dataclass(frozen=True)
class Stretch:
    """Samples of the other recording, from the first to before the stop."""

    first: int
    stop: int


def locate_jump(recordings: Recordings, before: Guess, after: Guess, stretch: Stretch) -> Stretch:
    """The part of the stretch whose times are not known: from where the first line may end, to the second."""
    frame = max(round(_FRAME_S * recordings.sample_rate_hz), 1)
    starts = np.arange(stretch.first, stretch.stop - frame + 1, frame, dtype=np.int64)
    # Where the clock falls behind the reference's, the reference paused: that stretch is on neither line.
    lost = (
        max(0.0, before.offset_samples - after.offset_samples) + (before.drift - after.drift) * stretch.first
    )
    lost_frames = int(np.ceil(max(lost, 0.0) / frame))
    places = len(starts) - lost_frames
    if places <= 0:
        return stretch
    on_first = _summed_likeness(recordings, starts, frame, before)
    on_second = _summed_likeness(recordings, starts, frame, after)
    ends = np.arange(places + 1)
    total = on_first[ends] + on_second[-1] - on_second[ends + lost_frames]
    as_good = np.flatnonzero(total >= total.max() - _AS_GOOD)
    first = stretch.first + (int(as_good[0]) - _GUARD_FRAMES) * frame
    stop = stretch.first + (int(as_good[-1]) + lost_frames + _GUARD_FRAMES) * frame
    return Stretch(max(first, stretch.first), min(stop, stretch.stop))


def _summed_likeness(recordings: Recordings, starts: Int64s, frame: int, guess: Guess) -> Float64s:
    """What the frames before each, and before the end, have in common with the reference on that line."""
    parts = [
        _likeness(recordings, starts[first : first + _FRAMES_AT_ONCE], frame, guess)
        for first in range(0, len(starts), _FRAMES_AT_ONCE)
    ]
    return np.cumsum(np.concatenate([[0.0], *parts]))


def _likeness(recordings: Recordings, starts: Int64s, frame: int, guess: Guess) -> Float64s:
    """For each frame its correlation with the reference where the line puts it: from 0 to 1."""
    heard = excerpts(recordings.other, starts, frame)
    there = np.rint(starts + guess.offset_samples + guess.drift * starts).astype(np.int64)
    expected = excerpts(recordings.reference, there, frame)
    products = np.einsum("ij,ij->i", heard, expected, dtype=np.float64)
    powers = np.einsum("ij,ij->i", heard, heard, dtype=np.float64)
    powers *= np.einsum("ij,ij->i", expected, expected, dtype=np.float64)
    # A microphone wired the other way round turns the sign.
    likeness: Float64s = np.abs(products) / np.sqrt(powers + _FAINTEST)
    return likeness
