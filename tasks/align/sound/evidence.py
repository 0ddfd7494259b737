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

import numpy as np

from tasks.align.sound.jumps import Stretch, locate_jump
from tasks.align.sound.levels import FEWEST_AGREEING
from tasks.align.sound.pieces import Evidence, line_on, rival_share, runs_of
from tasks.align.sound.refusal import SoundRefusedError, SyncFigures
from tasks.align.sound.samples import Recordings
from tasks.align.sound.windows import Guess, SoundMarks, Windows
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.times import NS_PER_S

_LEAST_SHARE_AGREEING = 0.4
_MOST_SHARE_CONTRADICTING = 0.1
_MOST_SHARE_RIVALS = 0.3
_LONGEST_EDGE_S = 8.0
_FEWEST_EDGE_WINDOWS = 3


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
    spans = _Extent(recordings, windows, evidence).spans_of(found)
    lines = [_line(piece, evidence) for piece in found]
    pieces = [ClockPiece(line, first, last) for line, (first, last) in zip(lines, spans, strict=True)]
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


def _figures(evidence: Evidence) -> SyncFigures:
    agreeing = evidence.agreeing
    residual_ns = round(float(np.quantile(evidence.misses_ns[agreeing], 0.95))) if agreeing.any() else 0
    return SyncFigures(len(agreeing), int(agreeing.sum()), int(evidence.contradicting.sum()), residual_ns)


@dataclass(frozen=True)
class _Extent:
    """Tells how far pieces reach."""

    recordings: Recordings
    windows: Windows
    evidence: Evidence

    def spans_of(self, found: Sequence[_Found]) -> list[tuple[int | None, int | None]]:
        """From and to when each piece is good, in ns of the other's clock."""
        jumps = [self._jump(before, after) for before, after in pairwise(found)]
        firsts = [self._first_sample(found[0]), *(jump.stop for jump in jumps)]
        stops = [*(jump.first for jump in jumps), self._stop_sample(found[-1])]
        return [(self._to_ns(first), self._to_ns(stop)) for first, stop in zip(firsts, stops, strict=True)]

    def _jump(self, before: _Found, after: _Found) -> Stretch:
        stretch = Stretch(self._start_of(before.last), self._stop_of(after.first))
        return locate_jump(self.recordings, self._guess(before), self._guess(after), stretch)

    def _first_sample(self, piece: _Found) -> int | None:
        return self._start_of(piece.first) if self._is_edge(piece, slice(piece.first)) else None

    def _stop_sample(self, piece: _Found) -> int | None:
        return self._stop_of(piece.last) if self._is_edge(piece, slice(piece.last + 1, None)) else None

    def _is_edge(self, piece: _Found, beyond: slice) -> bool:
        """Whether so many windows beyond should match, by the piece's line, that it is known to end there."""
        guess, samples = self._guess(piece), self.windows.samples
        there = self.windows.starts[beyond] * (1 + guess.drift) + guess.offset_samples
        mute = (there >= 0) & (there + samples <= len(self.recordings.reference))
        least = max(_FEWEST_EDGE_WINDOWS, round(_LONGEST_EDGE_S * self.recordings.sample_rate_hz / samples))
        return int(mute.sum()) >= least

    def _guess(self, piece: _Found) -> Guess:
        levels = self.evidence.levels
        offset_ns = float(levels.offsets_ns[piece.level])
        return Guess(offset_ns * self.recordings.sample_rate_hz / NS_PER_S, levels.drift, 0)

    def _start_of(self, window: int) -> int:
        return int(self.windows.starts[window])

    def _stop_of(self, window: int) -> int:
        return self._start_of(window) + self.windows.samples

    def _to_ns(self, sample: int | None) -> int | None:
        return None if sample is None else sample * NS_PER_S // self.recordings.sample_rate_hz
