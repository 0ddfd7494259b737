"""The recordings of the reference clock as reels: what followed each other, as one long sound with its gaps.

reads   the recordings of the reference clock that say when they start
writes  Reels; within one nothing is kept in memory
rules   Of recordings that run side by side the longest counts. Where nothing was recorded for longer than
        `_LONGEST_GAP_S` another reel begins. One recording without a start begins its clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tasks.align.sound.hearing import HeardRecording, Hearing
from tasks.align.sound.samples import Float32s, Samples
from tasks.core.times import NS_PER_S

_LONGEST_GAP_S = 60
_SIDE_BY_SIDE_S = 1


@dataclass(frozen=True)
class Reel:
    """Sound that is silent where nothing was recorded, and when its first sample is on the clock."""

    sound: Samples
    start_ns: int


@dataclass(frozen=True)
class _Joined:
    """Sounds one after the other, each from its first sample on; they may lie on each other by a little."""

    parts: tuple[tuple[int, Samples], ...]

    def __len__(self) -> int:
        return max(first + len(sound) for first, sound in self.parts)

    def __getitem__(self, part: slice, /) -> Float32s:
        begin, stop, _ = part.indices(len(self))
        found = np.zeros(max(stop - begin, 0), np.float32)
        for first, sound in self.parts:
            low, high = max(begin, first), min(stop, first + len(sound))
            if low < high:
                found[low - begin : high - begin] = sound[low - first : high - first]
        return found


def reels_of(rows: Sequence[dict[str, Any]], hearing: Hearing) -> list[Reel]:
    """The reels of these recordings, which come the longest first."""
    started = [row for row in rows if row["start_ns"] is not None] or list(rows[:1])
    apart: list[HeardRecording] = []
    for row in started:
        heard = hearing.hear(row)
        if all(_is_apart(heard, other, hearing.sample_rate_hz) for other in apart):
            apart.append(heard)
    apart.sort(key=lambda heard: heard.start_ns)
    groups: list[list[HeardRecording]] = []
    for heard in apart:
        if groups and heard.start_ns - _end_ns(groups[-1][-1], hearing.sample_rate_hz) <= (
            _LONGEST_GAP_S * NS_PER_S
        ):
            groups[-1].append(heard)
        else:
            groups.append([heard])
    return [_reel(group, hearing.sample_rate_hz) for group in groups]


def _reel(group: Sequence[HeardRecording], rate_hz: int) -> Reel:
    start_ns = group[0].start_ns
    if len(group) == 1:
        return Reel(group[0].samples, start_ns)
    parts = tuple((round((heard.start_ns - start_ns) * rate_hz / NS_PER_S), heard.samples) for heard in group)
    return Reel(_Joined(parts), start_ns)


def _is_apart(one: HeardRecording, other: HeardRecording, rate_hz: int) -> bool:
    common_ns = min(_end_ns(one, rate_hz), _end_ns(other, rate_hz)) - max(one.start_ns, other.start_ns)
    return common_ns <= _SIDE_BY_SIDE_S * NS_PER_S


def _end_ns(heard: HeardRecording, rate_hz: int) -> int:
    return heard.start_ns + len(heard.samples) * NS_PER_S // rate_hz
