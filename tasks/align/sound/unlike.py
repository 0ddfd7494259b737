"""Count how long two recordings sound together, by a line, and yet are not alike.

reads   the two Recordings and the stretches that lie on a line
writes  the number of parts that speak against the two having heard one event
rules   Beside a stretch, its line says where the reference was. A part speaks against it where both are as
        loud there as where they agree (a quarter of the median, so that silence says nothing).
        Between two stretches of which the second lies earlier on the reference, this one paused: of that
        long, nothing can be alike.
"""

from collections.abc import Sequence

import numpy as np

from tasks.align.sound.levels import Float64s, Levels
from tasks.align.sound.samples import Int64s, Recordings, Samples
from tasks.align.sound.support import Stretch, part_samples
from tasks.align.sound.windows import Guess
from tasks.core.times import NS_PER_S

_AS_LOUD = 0.25


def unlike_parts(recordings: Recordings, levels: Levels, found: Sequence[Stretch]) -> list[int]:
    """How many parts are loud in both and lie on no line: before, between and after the stretches."""
    samples = part_samples(recordings)
    starts = np.arange(len(recordings.other) // samples, dtype=np.int64) * samples
    inside = np.zeros(len(starts), np.bool_)
    agreeing = inside.copy()
    for stretch in found:
        inside[stretch.first : stretch.stop] = True
        agreeing[stretch.first : stretch.stop] = stretch.hits
    lines = [stretch.likeness.guess for stretch in found]
    own = _loudness(recordings.other, starts, samples)
    # A part between two stretches may lie on either line: it speaks against both, or against neither.
    there = [_loudness(recordings.reference, _placed(starts, line), samples) for line in lines]
    loud = own >= _AS_LOUD * np.median(own[agreeing])
    unlike = []
    for gap, sides in _gaps(found, len(starts)):
        both = loud[gap].copy()
        for side in sides:
            on_line = found[side].first + np.flatnonzero(found[side].hits)
            both &= there[side][gap] >= _AS_LOUD * np.median(there[side][on_line])
        unlike.append(max(int(both.sum()) - _unheard(recordings, levels, found, sides), 0))
    return unlike


def _gaps(found: Sequence[Stretch], count: int) -> list[tuple[slice, tuple[int, ...]]]:
    """What lies before, between and after the stretches, and which of them it lies beside."""
    gaps: list[tuple[slice, tuple[int, ...]]] = [(slice(0, found[0].first), (0,))]
    for number in range(1, len(found)):
        gaps.append((slice(found[number - 1].stop, found[number].first), (number - 1, number)))
    return [*gaps, (slice(found[-1].stop, count), (len(found) - 1,))]


def _unheard(recordings: Recordings, levels: Levels, found: Sequence[Stretch], sides: tuple[int, ...]) -> int:
    """How many parts the reference paused for between the two stretches."""
    if len(sides) < 2:
        return 0
    before_ns, after_ns = (float(levels.offsets_ns[found[side].level]) for side in sides)
    lost_samples = max(before_ns - after_ns, 0.0) * recordings.sample_rate_hz / NS_PER_S
    return round(lost_samples / part_samples(recordings))


def _placed(starts: Int64s, line: Guess) -> Int64s:
    placed: Int64s = np.rint(starts + line.offset_samples + line.drift * starts).astype(np.int64)
    return placed


def _loudness(sound: Samples, starts: Int64s, samples: int) -> Float64s:
    """The power of each part, 0 where it is not all within the sound."""
    powers = np.zeros(len(starts))
    for row, start in enumerate(starts.tolist()):
        if 0 <= start <= len(sound) - samples:
            part = sound[start : start + samples]
            powers[row] = float(np.dot(part, part))
    return powers
