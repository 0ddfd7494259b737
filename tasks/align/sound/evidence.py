"""Judge the marks of a synchronisation by sound: which pieces of a clock they bear out, or why none.

reads   Evidence: for each window the line that holds there, and whether the window bears it out
writes  a SoundSync with the pieces and the figures they rest on; SoundRefusedError where there is doubt
rules   A wrong answer costs more than none. A piece needs several windows, many of those between its first
        and its last, and hardly any that clearly say something else. Beyond them it is told as far as nothing
        speaks against it: up to a jump, up to a run of windows without a match, else without end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.jumps import Stretch, locate_jump
from tasks.align.sound.pieces import FEWEST_AGREEING, Evidence, line_on, rival_share, runs_of
from tasks.align.sound.samples import Recordings
from tasks.align.sound.windows import Guess, SoundMarks, Windows
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.errors import ClockError
from tasks.core.times import NS_PER_S

Reason = Literal["too_short", "silent", "no_unique_place", "too_few_windows_agree", "clock_jumps"]

_MEANINGS: dict[Reason, str] = {
    "too_short": "the two recordings need at least 5 s in common",
    "silent": "one recording is silent, or holds samples that are no numbers",
    "no_unique_place": "one fits no single place of the other: sound that repeats itself",
    "too_few_windows_agree": "too few windows of them lie on one line: unrelated sound, or too noisy",
    "clock_jumps": "parts of them lie off the line: a recorder lost samples, or ran unevenly",
}
_LEAST_SHARE_AGREEING = 0.4
_MOST_SHARE_CONTRADICTING = 0.1
_MOST_SHARE_RIVALS = 0.3
_LONGEST_EDGE_S = 8.0
_FEWEST_EDGE_WINDOWS = 3


@dataclass(frozen=True)
class SyncFigures:
    """What a synchronisation rests on; a figure that was not reached is 0."""

    windows: int = 0
    agreeing: int = 0
    contradicting: int = 0
    residual_ns: int = 0


@dataclass(frozen=True)
class SoundRefusal:
    """Why two recordings are not put on one clock, as a fixed word, and what that rests on."""

    reason: Reason
    figures: SyncFigures

    def __str__(self) -> str:
        """The reason, what it means, and the figures, for people."""
        return f"{self.reason}: {_MEANINGS[self.reason]} ({self.figures})"


class SoundRefusedError(ClockError):
    """Carries a refusal out of the midst of a synchronisation."""

    def __init__(self, reason: Reason, figures: SyncFigures) -> None:
        self.refusal = SoundRefusal(reason, figures)
        super().__init__(str(self.refusal))


@dataclass(frozen=True)
class SoundSync:
    """The pieces of the other's clock, in order, their lines anchored at 0, and what they rest on."""

    pieces: tuple[ClockPiece, ...]
    figures: SyncFigures


@dataclass(frozen=True)
class _Found:
    """A piece in the making: its windows from the first to the last that bear it out."""

    level: int
    first: int
    last: int


def refuse_rivals(places: Sequence[SoundMarks], evidence: Evidence) -> None:
    """SoundRefusedError where many windows match another place as well."""
    if rival_share(places, evidence) > _MOST_SHARE_RIVALS:
        raise SoundRefusedError("no_unique_place", _figures(evidence))


def to_sync(recordings: Recordings, windows: Windows, evidence: Evidence) -> SoundSync:
    """The pieces that the evidence bears out, from and to when each is good."""
    found = _pieces(evidence)
    if not found:
        raise SoundRefusedError("too_few_windows_agree", _figures(evidence))
    for piece in found:
        _refuse_doubtful(piece, evidence)
    ends = _ends(recordings, windows, evidence, found)
    lines = [_line(piece, evidence) for piece in found]
    pieces = [ClockPiece(line, first, last) for line, (first, last) in zip(lines, ends, strict=True)]
    return SoundSync(tuple(pieces), _figures(evidence))


def _pieces(evidence: Evidence) -> list[_Found]:
    """Runs of windows of one level that enough of them bear out."""
    found = []
    for run, level in runs_of(evidence.path):
        agreeing = np.flatnonzero(evidence.agreeing[run]) + run.start
        if len(agreeing) >= FEWEST_AGREEING:
            found.append(_Found(level, int(agreeing[0]), int(agreeing[-1])))
    return found


def _refuse_doubtful(piece: _Found, evidence: Evidence) -> None:
    run = slice(piece.first, piece.last + 1)
    agreeing, contradicting = evidence.agreeing[run], evidence.contradicting[run]
    if contradicting.sum() > _MOST_SHARE_CONTRADICTING * len(agreeing):
        raise SoundRefusedError("clock_jumps", _figures(evidence))
    if agreeing.sum() < _LEAST_SHARE_AGREEING * len(agreeing):
        raise SoundRefusedError("too_few_windows_agree", _figures(evidence))


def _line(piece: _Found, evidence: Evidence) -> ClockLine:
    run = slice(piece.first, piece.last + 1)
    used = evidence.agreeing[run]
    residual_ns = round(float(np.quantile(evidence.misses_ns[run][used], 0.95)))
    return line_on(evidence.levels, piece.level, residual_ns, int(used.sum()), int((~used).sum()))


def _ends(
    recordings: Recordings, windows: Windows, evidence: Evidence, found: list[_Found]
) -> list[tuple[int | None, int | None]]:
    """From and to when each piece is good, in ns of the other's clock."""
    rate_hz = recordings.sample_rate_hz
    edge = max(_FEWEST_EDGE_WINDOWS, round(_LONGEST_EDGE_S * rate_hz / windows.samples))
    begins, ends = found[0], found[-1]
    mute = _in_reference(recordings, windows, _guess(begins, evidence, rate_hz))[: begins.first]
    firsts = [int(windows.starts[begins.first]) if mute.sum() >= edge else None]
    lasts: list[int | None] = []
    for before, after in pairwise(found):
        stretch = Stretch(
            int(windows.starts[before.last]), int(windows.starts[after.first]) + windows.samples
        )
        guesses = [_guess(piece, evidence, rate_hz) for piece in (before, after)]
        unknown = locate_jump(recordings, guesses[0], guesses[1], stretch)
        lasts.append(unknown.first)
        firsts.append(unknown.stop)
    mute = _in_reference(recordings, windows, _guess(ends, evidence, rate_hz))[ends.last + 1 :]
    lasts.append(int(windows.starts[ends.last]) + windows.samples if mute.sum() >= edge else None)
    return [
        (_to_ns(first, rate_hz), _to_ns(last, rate_hz)) for first, last in zip(firsts, lasts, strict=True)
    ]


def _in_reference(recordings: Recordings, windows: Windows, guess: Guess) -> NDArray[np.bool_]:
    """Which windows the line puts where the reference recorded."""
    there = windows.starts * (1 + guess.drift) + guess.offset_samples
    inside: NDArray[np.bool_] = (there >= 0) & (there + windows.samples <= len(recordings.reference))
    return inside


def _guess(piece: _Found, evidence: Evidence, rate_hz: int) -> Guess:
    levels = evidence.levels
    return Guess(float(levels.offsets_ns[piece.level]) * rate_hz / NS_PER_S, levels.drift, 0)


def _to_ns(sample: int | None, rate_hz: int) -> int | None:
    return None if sample is None else sample * NS_PER_S // rate_hz


def _figures(evidence: Evidence) -> SyncFigures:
    agreeing = evidence.agreeing
    residual_ns = round(float(np.quantile(evidence.misses_ns[agreeing], 0.95))) if agreeing.any() else 0
    return SyncFigures(len(agreeing), int(agreeing.sum()), int(evidence.contradicting.sum()), residual_ns)
