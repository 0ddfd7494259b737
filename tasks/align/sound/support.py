"""Look closely where lines hold: half a second after the other, does the sound lie just there or not?

reads   the two Recordings, and lines that share one drift, each with the stretch in which it may hold
writes  Supported stretches of the other recording, in order, each on one line
rules   What a part of half a second scores by chance is known from beside the line: the mean is 0, with some
        spread. On the line the mean is `typical`. The logarithm of the odds, of a normal distribution each,
        says how much the part speaks for the line; it is bounded, since one loud part proves nothing.
        The likeliest course of lines and of "no line" is the path of least cost (Viterbi 1967). A stretch
        needs odds of e to the `_LEAST_WORTH`: a line was sought out among many thousand places.
        Two stretches on one line are one: only a recorder that went on is back on it to the millisecond.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.levels import Float64s, Levels
from tasks.align.sound.likeness import FRAMES_IN_PART, Likeness, frame_samples, learn_likeness
from tasks.align.sound.pieces import runs_of
from tasks.align.sound.samples import Int64s, Recordings
from tasks.align.sound.windows import Guess
from tasks.core.times import NS_PER_S

Bools = NDArray[np.bool_]

_MOST_TYPICAL = 3.0
_MOST_FOR, _MOST_AGAINST = 3.0, -1.0
_CHANGE_COSTS = 6.0
_LEAST_WORTH = 15.0


@dataclass(frozen=True)
class Reach:
    """A level, between which parts it may hold (before the stop), and the parts that it was found by."""

    level: int
    first: int
    stop: int
    found_by: Int64s


@dataclass(frozen=True)
class Stretch:
    """Parts on one level, from the first to before the stop; `hits` says of each whether it bears it out."""

    level: int
    first: int
    stop: int
    hits: Bools
    likeness: Likeness


def part_samples(recordings: Recordings) -> int:
    """How long a part is: half a second."""
    return FRAMES_IN_PART * frame_samples(recordings)


def guess_of(levels: Levels, level: int, sample_rate_hz: int) -> Guess:
    """The line of a level, in samples."""
    return Guess(float(levels.offsets_ns[level]) * sample_rate_hz / NS_PER_S, levels.drift, 0)


def find_support(recordings: Recordings, levels: Levels, reaches: Sequence[Reach]) -> list[Stretch]:
    """The stretches that some line holds in."""
    count = len(recordings.other) // part_samples(recordings)
    worth = np.full((len(reaches), count), -np.inf)
    learned: list[Likeness | None] = []
    for row, reach in enumerate(reaches):
        guess = guess_of(levels, reach.level, recordings.sample_rate_hz)
        likeness = learn_likeness(recordings, guess, reach.found_by * part_samples(recordings))
        if likeness is not None:
            worth[row, reach.first : reach.stop] = _worth(likeness, reach)
        learned.append(likeness)
    found = [
        Stretch(reaches[row].level, run.start, run.stop, worth[row, run] > 0, likeness)
        for run, row in _runs_on_lines(worth)
        if (likeness := learned[row]) is not None and worth[row, run].sum() >= _LEAST_WORTH
    ]
    rows = {reach.level: row for row, reach in enumerate(reaches)}
    return list(_joined(found, {level: worth[row] > 0 for level, row in rows.items()}))


def _worth(likeness: Likeness, reach: Reach) -> Float64s:
    """How much each part speaks for the line."""
    frame = frame_samples(likeness.recordings)
    starts = np.arange(reach.first * FRAMES_IN_PART, reach.stop * FRAMES_IN_PART, dtype=np.int64) * frame
    parts = likeness.of(starts).reshape(-1, FRAMES_IN_PART).mean(axis=1) / likeness.part_spread
    typical = min(likeness.typical, _MOST_TYPICAL)
    worth: Float64s = (typical * parts - typical**2 / 2).clip(_MOST_AGAINST, _MOST_FOR)
    return worth


def _runs_on_lines(worth: Float64s) -> Iterator[tuple[slice, int]]:
    """Runs of the best path that lie on a line, and on which; each begins and ends with a hit."""
    path = _best_path(np.vstack([np.zeros(worth.shape[1]), worth]))
    for run, state in runs_of(path):
        if not state:
            continue
        hits = np.flatnonzero(worth[state - 1, run] > 0) + run.start
        if len(hits):
            yield slice(int(hits[0]), int(hits[-1]) + 1), state - 1


def _best_path(worth: Float64s) -> Int64s:
    """For each part the state (0 is no line) of the path that is worth most, less what its changes cost."""
    states, count = worth.shape
    came_from = np.empty((count, states), np.int64)
    best = np.where(np.arange(states) == 0, 0.0, -_CHANGE_COSTS) + worth[:, 0]
    for part in range(1, count):
        top = int(best.argmax())
        moves = best < best[top] - _CHANGE_COSTS
        came_from[part] = np.where(moves, top, np.arange(states))
        best = np.maximum(best, best[top] - _CHANGE_COSTS) + worth[:, part]
    path = np.empty(count, np.int64)
    path[-1] = int(best.argmax())
    for part in range(count - 1, 0, -1):
        path[part - 1] = came_from[part, path[part]]
    return path


def _joined(found: Sequence[Stretch], hits: dict[int, Bools]) -> Iterator[Stretch]:
    """The stretches, with neighbours on one line made one."""
    held: Stretch | None = None
    for stretch in found:
        if held is not None and held.level == stretch.level:
            own = hits[held.level][held.first : stretch.stop]
            stretch = Stretch(held.level, held.first, stretch.stop, own, held.likeness)
        elif held is not None:
            yield held
        held = stretch
    if held is not None:
        yield held
