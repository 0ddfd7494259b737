"""Judge the marks of a synchronisation by sound: do they bear out one line, or is there reason to doubt it?

reads   the marks of a wide and of a fine search in the same windows
writes  Evidence, and the SyncFigures that go with every answer; SoundRefusedError where there is doubt
rules   A wrong answer costs more than none. Few windows on the line, or clear ones off it, are reason enough
        to refuse; runs of windows without a match are named, for another search.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.align.clock_fit import fit_clock_line
from tasks.align.sound_windows import SoundMarks
from tasks.core.clock_line import ClockLine, to_reference_ns
from tasks.core.errors import ClockError
from tasks.core.times import NS_PER_MS

Bools = NDArray[np.bool_]
Int64s = NDArray[np.int64]
Reason = Literal["too_short", "silent", "no_unique_place", "too_few_windows_agree", "clock_jumps"]

_MEANINGS: dict[Reason, str] = {
    "too_short": "the two recordings need at least 5 s in common",
    "silent": "one recording is silent, or holds samples that are no numbers",
    "no_unique_place": "one fits no single place of the other: unrelated sound, or sound that repeats itself",
    "too_few_windows_agree": "too few windows of the recordings lie on one line",
    "clock_jumps": "parts of them lie off the line: a recorder paused, lost samples, or ran unevenly",
}
_CLEAR = 1.2
_CLEARLY_ELSEWHERE = 1.5
_AGREEMENT_NS = NS_PER_MS
_FEWEST_AGREEING = 5
_LEAST_SHARE_AGREEING = 0.4
_MOST_SHARE_CONTRADICTING = 0.1


@dataclass(frozen=True)
class SyncFigures:
    """What a synchronisation rests on; a figure that was not reached is 0.

    `clarity` tells how much better the rough place fits than the next best; 1 would be no better.
    """

    clarity: float = 0.0
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
class Evidence:
    """A line, and for each window whether it bears the line out or clearly says something else."""

    line: ClockLine
    agreeing: Bools
    contradicting: Bools
    clarity: float

    def figures(self) -> SyncFigures:
        agreeing, contradicting = int(self.agreeing.sum()), int(self.contradicting.sum())
        return SyncFigures(self.clarity, len(self.agreeing), agreeing, contradicting, self.line.residual_ns)


def line_through(marks: SoundMarks, clarity: float) -> ClockLine:
    """The robust line through the clear marks."""
    clear = marks.clarity >= _CLEAR
    if np.count_nonzero(clear) < _FEWEST_AGREEING:
        raise SoundRefusedError("too_few_windows_agree", SyncFigures(clarity, len(clear)))
    return fit_clock_line(marks.clock_ns[clear], marks.reference_ns[clear], _AGREEMENT_NS)


def weigh_marks(wide: SoundMarks, fine: SoundMarks, clarity: float) -> Evidence:
    """The line through the fine marks, which agree or not; only a wide search can find where else to be."""
    line = line_through(fine, clarity)
    agreeing = _near_line(fine, line) & (fine.clarity >= _CLEAR)
    elsewhere = ~_near_line(wide, line) & (wide.clarity >= _CLEARLY_ELSEWHERE)
    return Evidence(line, agreeing, elsewhere & ~agreeing, clarity)


def refuse_doubtful(evidence: Evidence) -> None:
    """SoundRefusedError for evidence that is thin or contradicts itself."""
    figures = evidence.figures()
    if figures.contradicting > _MOST_SHARE_CONTRADICTING * figures.windows:
        raise SoundRefusedError("clock_jumps", figures)
    if figures.agreeing < max(_FEWEST_AGREEING, _LEAST_SHARE_AGREEING * figures.windows):
        raise SoundRefusedError("too_few_windows_agree", figures)


def stray_runs(evidence: Evidence) -> Iterator[slice]:
    """Runs of windows that do not bear the line out: silence, a missing piece, or another place."""
    bounds = np.flatnonzero(np.diff(evidence.agreeing, prepend=True, append=True))
    for first, stop in bounds.reshape(-1, 2).tolist():
        yield slice(first, stop)


def _near_line(marks: SoundMarks, line: ClockLine) -> Bools:
    misses_ns: Int64s = np.abs(to_reference_ns(marks.clock_ns, line) - marks.reference_ns)
    return misses_ns <= _AGREEMENT_NS
