"""Judge the lines of a synchronisation by sound: from when to when each holds, or why none does.

reads   Evidence: for each window the line that holds there, and whether the window bears it out
writes  a SoundSync with the pieces and the figures they rest on; SoundRefusedError where there is doubt
rules   A wrong answer costs more than none. A piece begins and ends where its evidence does; it is open only
        where that reaches an end of the recording. Where the two sound together for longer, loud as where
        they agree and yet not alike, they did not hear one event: a jingle that two events share is no
        ground to lay the one on the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tasks.align.sound.ends import Ends, find_ends
from tasks.align.sound.levels import FEWEST_AGREEING
from tasks.align.sound.pieces import Evidence, line_on, rival_share
from tasks.align.sound.refusal import SoundRefusedError, SyncFigures
from tasks.align.sound.samples import Recordings
from tasks.align.sound.support import Reach, Stretch, find_support, part_samples
from tasks.align.sound.unlike import unlike_parts
from tasks.align.sound.windows import SoundMarks, Windows
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.times import NS_PER_S

_MOST_SHARE_RIVALS = 0.3
_MOST_UNLIKE = 0.25
_UNLIKE_PARTS = 2
_LONG_UNLIKE_S, _SHORT_UNLIKE_S = 15.0, 4.0
_REACH_S = 15.0
_SHORTEST_PIECE_S = 1.0


@dataclass(frozen=True)
class SoundSync:
    """The pieces of the other's clock, in order, their lines anchored at 0, and what they rest on."""

    pieces: tuple[ClockPiece, ...]
    figures: SyncFigures


def refuse_rivals(places: Sequence[SoundMarks], evidence: Evidence) -> None:
    """SoundRefusedError where many windows match another place as well."""
    if rival_share(places, evidence) > _MOST_SHARE_RIVALS:
        raise SoundRefusedError("no_unique_place", _figures(evidence))


def to_sync(recordings: Recordings, windows: Windows, evidence: Evidence) -> SoundSync:
    """The pieces that the evidence bears out, from and to when each is good."""
    levels = evidence.levels
    found = find_support(recordings, levels, _reaches(recordings, windows, evidence))
    _refuse_unlike(recordings, found, evidence)
    part = part_samples(recordings)
    lines = [None, *(stretch.likeness for stretch in found), None]
    ends = [
        find_ends(stretch.likeness, (stretch.first * part, stretch.stop * part), before, after)
        for stretch, before, after in zip(found, lines, lines[2:], strict=False)
    ]
    kept = [
        (stretch, end)
        for stretch, end in zip(found, ends, strict=True)
        if end.stop - end.first >= _SHORTEST_PIECE_S * recordings.sample_rate_hz
    ]
    if not kept:
        raise SoundRefusedError("too_few_windows_agree", _figures(evidence))
    return SoundSync(tuple(_pieces(recordings, windows, evidence, kept)), _figures(evidence))


def _reaches(recordings: Recordings, windows: Windows, evidence: Evidence) -> list[Reach]:
    """The lines that enough windows lie on, and some way beyond these windows."""
    part = part_samples(recordings)
    count = len(recordings.other) // part
    around = round(_REACH_S * recordings.sample_rate_hz / part)
    found = []
    for level in range(len(evidence.levels.offsets_ns)):
        rows = np.flatnonzero(evidence.agreeing & (evidence.path == level))
        if len(rows) < FEWEST_AGREEING:
            continue
        firsts = -(-windows.starts[rows] // part)
        within = firsts[:, np.newaxis] + np.arange(max(windows.samples // part, 1))
        found_by = np.unique(within[within < count])
        first, stop = int(found_by[0]) - around, int(found_by[-1]) + 1 + around
        found.append(Reach(level, max(first, 0), min(stop, count), found_by))
    return found


def _refuse_unlike(recordings: Recordings, found: Sequence[Stretch], evidence: Evidence) -> None:
    """SoundRefusedError where the two are alike for a while, and not beside it.

    A pause leaves a stretch on one side of another that may be too short to be found; a jingle that two
    events share leaves either a long one, or one on both sides.
    """
    alike = sum(stretch.stop - stretch.first for stretch in found)
    if not alike:
        raise SoundRefusedError("too_few_windows_agree", _figures(evidence))
    gaps = sorted(unlike_parts(recordings, evidence.levels, found), reverse=True)
    part_s = part_samples(recordings) / recordings.sample_rate_hz
    is_no_pause = gaps[0] * part_s >= _LONG_UNLIKE_S or gaps[1] * part_s >= _SHORT_UNLIKE_S
    if is_no_pause and sum(gaps) > _MOST_UNLIKE * alike + _UNLIKE_PARTS:
        raise SoundRefusedError("unlike", _figures(evidence, alike * part_s, sum(gaps) * part_s))


def _pieces(
    recordings: Recordings, windows: Windows, evidence: Evidence, kept: Sequence[tuple[Stretch, Ends]]
) -> list[ClockPiece]:
    """Pieces that do not meet; the first and the last are open where they reach the recording's ends."""
    # What two lines may both hold for is told by neither.
    stops = [min(end.stop, after.first) for (_, end), (_, after) in pairwise(kept)] + [kept[-1][1].stop]
    firsts = [kept[0][1].first] + [max(end.first, before.stop) for (_, before), (_, end) in pairwise(kept)]
    pieces = []
    for number, (stretch, end) in enumerate(kept):
        first, stop = firsts[number], stops[number]
        is_open = end.from_begin and number == 0, end.to_end and number == len(kept) - 1
        first_ns, stop_ns = (
            None if opened else sample * NS_PER_S // recordings.sample_rate_hz
            for sample, opened in zip((first, stop), is_open, strict=True)
        )
        if stop > first:
            line = _line(windows, evidence, stretch.level, (first, stop))
            pieces.append(ClockPiece(line, first_ns, stop_ns))
    return pieces


def _line(windows: Windows, evidence: Evidence, level: int, span: tuple[int, int]) -> ClockLine:
    on_level = evidence.path == level
    used = evidence.agreeing & on_level
    residual_ns = round(float(np.quantile(evidence.misses_ns[used], 0.95)))
    within = (windows.starts >= span[0]) & (windows.starts + windows.samples <= span[1])
    return line_on(evidence.levels, level, residual_ns, int(used.sum()), int((within & ~used).sum()))


def _figures(evidence: Evidence, alike_s: float = 0.0, unlike_s: float = 0.0) -> SyncFigures:
    agreeing = evidence.agreeing
    residual_ns = round(float(np.quantile(evidence.misses_ns[agreeing], 0.95))) if agreeing.any() else 0
    return SyncFigures(len(agreeing), int(agreeing.sum()), residual_ns, alike_s, unlike_s)
