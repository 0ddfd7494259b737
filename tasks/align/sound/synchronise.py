"""Find how one recorder's clock runs on another's, from the sound that both heard, or refuse.

reads   the two Recordings of one event (8 kHz is plenty)
writes  a SoundSync with the pieces of the other's clock on the reference's, or a SoundRefusal that says why
        there are none; each clock is 0 at the first sample of its recording
rules   First the rough places of the whole recording (several, where a recorder paused); then an offset in
        each of many windows, and lines of one drift through them; then again along the lines, where windows
        match best. Windows that match nothing are looked for elsewhere. A time is told only where windows
        bear it out. Cost is n log n in the length. Sound is read in parts: of recordings that lie on disk
        nothing is kept in memory but some 8 MB an hour while their onsets are correlated.
"""

import numpy as np

from tasks.align.sound.drift import Drift
from tasks.align.sound.evidence import SoundSync, refuse_rivals, to_sync
from tasks.align.sound.levels import Levels, find_levels, lay
from tasks.align.sound.pieces import Evidence, bear_out, best_marks
from tasks.align.sound.refusal import SoundRefusal, SoundRefusedError, SyncFigures
from tasks.align.sound.samples import Int64s, Recordings
from tasks.align.sound.search import Search, search_in
from tasks.align.sound.windows import Guess, SoundMarks, Windows, joined_marks, measure_windows
from tasks.core.times import NS_PER_S

_SHORTEST_S = 5.0
_FINE_SEARCH_S = 0.05
_FEWEST_WINDOWS = 200
_WINDOW_EVERY_S = 8.0
_WINDOWS_IN_COMMON = 60
_WINDOWS_OVER_ONE_PLACE = 4
_SHORTEST_WINDOW_S, _LONGEST_WINDOW_S = 1.0, 4.0
_ROUNDS = 2


def synchronise_sound(recordings: Recordings) -> SoundSync | SoundRefusal:
    """The pieces of the other recording's clock on the reference's, or why they would be doubtful."""
    try:
        return _synchronise(recordings)
    except SoundRefusedError as refused:
        return refused.refusal


def _synchronise(recordings: Recordings) -> SoundSync:
    _refuse_unusable(recordings)
    search = search_in(recordings)
    offsets = search.likely_offsets()
    if not offsets:
        raise SoundRefusedError("silent", SyncFigures())
    windows = _lay_windows(recordings, search, offsets)
    places = [search.measure(windows, np.arange(len(windows.starts)), offset) for offset in offsets]
    evidence = _weigh(recordings, windows, places, search.drift)
    for _ in range(_ROUNDS):
        found = search.look_elsewhere(windows, evidence)
        if not found:
            break
        places += found
        evidence = _weigh(recordings, windows, places, search.drift)
    refuse_rivals(places, evidence)
    return to_sync(recordings, windows, evidence)


def _refuse_unusable(recordings: Recordings) -> None:
    if recordings.shortest_s() < _SHORTEST_S:
        raise SoundRefusedError("too_short", SyncFigures())
    if recordings.say_nothing():
        raise SoundRefusedError("silent", SyncFigures())


def _lay_windows(recordings: Recordings, search: Search, offsets: list[int]) -> Windows:
    """Windows spread evenly over what the two have in common at any of the offsets."""
    rate_hz, stretch = recordings.sample_rate_hz, 1 + search.drift.ratio
    first = min(max(0, round(-offset / stretch)) for offset in offsets)
    stop = max(
        min(len(recordings.other), round((len(recordings.reference) - offset) / stretch))
        for offset in offsets
    )
    if stop - first < _SHORTEST_S * rate_hz:
        raise SoundRefusedError("too_short", SyncFigures())
    length_s = (stop - first) / rate_hz / _WINDOWS_IN_COMMON
    samples = round(min(max(length_s, _SHORTEST_WINDOW_S), _LONGEST_WINDOW_S) * rate_hz)
    enough = max(_FEWEST_WINDOWS, round((stop - first) / rate_hz / _WINDOW_EVERY_S))
    count = min(_WINDOWS_OVER_ONE_PLACE * ((stop - first) // samples) - 1, enough)
    return Windows(np.linspace(first, stop - samples, count).astype(np.int64), samples)


def _weigh(recordings: Recordings, windows: Windows, places: list[SoundMarks], drift: Drift) -> Evidence:
    """What holds at each window after a second, finer look along the lines that the first one gave."""
    wide = best_marks(places)
    levels = find_levels(wide, drift)
    if levels is None:
        raise SoundRefusedError("too_few_windows_agree", SyncFigures(len(windows.starts)))
    path = lay(wide, levels)
    fine = _measure_along(recordings, windows, levels, path)
    return bear_out(fine, path, levels)


def _measure_along(recordings: Recordings, windows: Windows, levels: Levels, path: Int64s) -> SoundMarks:
    """Every window measured near the line that holds there."""
    rate_hz = recordings.sample_rate_hz
    parts = []
    for level in np.unique(path).tolist():
        rows = np.flatnonzero(path == level)
        offset_samples = levels.offsets_ns[level] * rate_hz / NS_PER_S
        guess = Guess(offset_samples, levels.drift, round(_FINE_SEARCH_S * rate_hz))
        cut = Windows(windows.starts[rows], windows.samples)
        parts.append((rows, measure_windows(recordings, cut, guess)))
    return joined_marks(len(windows.starts), parts)
