"""Find how one recorder's clock runs on another's, from the sound that both heard, or refuse.

reads   two mono float32 recordings of one event at one sample rate (16 kHz is plenty)
writes  a SoundSync with the pieces of the other's clock on the reference's, or a SoundRefusal that says why
        there are none; each clock is 0 at the first sample of its recording
rules   First the rough places of the whole recording (several, where a recorder paused); then an offset in
        each of many windows, and lines of one drift through them; then again along the lines, where windows
        match best. Windows that match nothing are looked for elsewhere. A time is told only where windows
        bear it out. Cost is n log n in the length; beyond the sound itself, memory hardly grows with it.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.align.sound.evidence import (
    SoundRefusal,
    SoundRefusedError,
    SoundSync,
    SyncFigures,
    refuse_rivals,
    to_sync,
)
from tasks.align.sound.onsets import Onsets, RoughOffset, cut_onsets, find_onsets, rough_offsets
from tasks.align.sound.pieces import Evidence, Levels, bear_out, best_marks, find_levels, lay, runs_of
from tasks.align.sound.windows import Guess, Recordings, SoundMarks, Windows, measure_windows
from tasks.core.times import NS_PER_S

__all__ = ["SoundRefusal", "SoundSync", "synchronise_sound"]

Float32s = NDArray[np.float32]

_SHORTEST_S = 5.0
_ROUGH_ERROR_S = 0.1
_LARGEST_DRIFT = 120e-6
_FINE_SEARCH_S = 0.05
_MOST_PLACES = 6
_LEAST_CLARITY = 1.2
_LEAST_SHARE = 0.7
_FEWEST_WINDOWS = 200
_WINDOW_EVERY_S = 8.0
_WINDOWS_IN_COMMON = 12
_SHORTEST_WINDOW_S, _LONGEST_WINDOW_S = 1.0, 4.0
_SHORTEST_STRAY_S = 6.0
_MOST_STRAYS = 6
_ROUNDS = 2


def synchronise_sound(reference: Float32s, other: Float32s, sample_rate_hz: int) -> SoundSync | SoundRefusal:
    """The pieces of the other recording's clock on the reference's, or why they would be doubtful."""
    try:
        return _synchronise(Recordings(reference, other, sample_rate_hz))
    except SoundRefusedError as refused:
        return refused.refusal


def _synchronise(recordings: Recordings) -> SoundSync:
    _refuse_unusable(recordings)
    onsets = _onsets(recordings)
    rough = rough_offsets(*onsets, _blur_samples(recordings), _MOST_PLACES)
    offsets = [place.offset_samples for place in rough if _is_likely(place)]
    if not offsets:
        raise SoundRefusedError("silent", SyncFigures())
    windows = _lay_windows(recordings, offsets)
    search = _search_samples(recordings)
    places = [measure_windows(recordings, windows, Guess(offset, 0.0, search)) for offset in offsets]
    evidence = _weigh(recordings, windows, places)
    for _ in range(_ROUNDS):
        found = _look_elsewhere(recordings, windows, evidence, onsets)
        if not found:
            break
        places += found
        evidence = _weigh(recordings, windows, places)
    refuse_rivals(places, evidence)
    return to_sync(recordings, windows, evidence)


def _is_likely(place: RoughOffset) -> bool:
    """Whether it stands out, or is as good as the best: of a sound that repeats itself all places are."""
    return place.clarity >= _LEAST_CLARITY or place.share >= _LEAST_SHARE


def _refuse_unusable(recordings: Recordings) -> None:
    for sound in (recordings.reference, recordings.other):
        if len(sound) < _SHORTEST_S * recordings.sample_rate_hz:
            raise SoundRefusedError("too_short", SyncFigures())
        # A sum is not finite as soon as one sample is not, and needs no second array.
        if not sound.any() or not np.isfinite(sound.sum(dtype=np.float64)):
            raise SoundRefusedError("silent", SyncFigures())


def _onsets(recordings: Recordings) -> tuple[Onsets, Onsets]:
    rate_hz = recordings.sample_rate_hz
    return find_onsets(recordings.reference, rate_hz), find_onsets(recordings.other, rate_hz)


def _blur_samples(recordings: Recordings) -> int:
    """How far drift spreads one place over the length of the recordings."""
    return round(_LARGEST_DRIFT * max(len(recordings.reference), len(recordings.other)))


def _search_samples(recordings: Recordings) -> int:
    """How far from the rough offset the true one may be at any moment: its own error and the drift's."""
    return round(_ROUGH_ERROR_S * recordings.sample_rate_hz) + _blur_samples(recordings)


def _lay_windows(recordings: Recordings, offsets: list[int]) -> Windows:
    """Windows spread evenly over what the two have in common at any of the offsets."""
    rate_hz = recordings.sample_rate_hz
    first = min(max(0, -offset) for offset in offsets)
    stop = max(min(len(recordings.other), len(recordings.reference) - offset) for offset in offsets)
    if stop - first < _SHORTEST_S * rate_hz:
        raise SoundRefusedError("too_short", SyncFigures())
    length_s = (stop - first) / rate_hz / _WINDOWS_IN_COMMON
    samples = round(min(max(length_s, _SHORTEST_WINDOW_S), _LONGEST_WINDOW_S) * rate_hz)
    enough = max(_FEWEST_WINDOWS, round((stop - first) / rate_hz / _WINDOW_EVERY_S))
    count = min(2 * ((stop - first) // samples) - 1, enough)
    return Windows(np.linspace(first, stop - samples, count).astype(np.int64), samples)


def _weigh(recordings: Recordings, windows: Windows, places: list[SoundMarks]) -> Evidence:
    """What holds at each window after a second, finer look along the lines that the first one gave."""
    wide = best_marks(places)
    levels = find_levels(wide)
    if levels is None:
        raise SoundRefusedError("too_few_windows_agree", SyncFigures(len(windows.starts)))
    path = lay(wide, levels)
    fine = _measure_along(recordings, windows, levels, path)
    return bear_out(wide, fine, path, levels)


def _measure_along(
    recordings: Recordings, windows: Windows, levels: Levels, path: NDArray[np.int64]
) -> SoundMarks:
    """Every window measured near the line that holds there."""
    rate_hz = recordings.sample_rate_hz
    search = round(_FINE_SEARCH_S * rate_hz)
    parts = []
    for level in np.unique(path).tolist():
        rows = np.flatnonzero(path == level)
        guess = Guess(levels.offsets_ns[level] * rate_hz / NS_PER_S, levels.drift, search)
        parts.append(
            (rows, measure_windows(recordings, Windows(windows.starts[rows], windows.samples), guess))
        )
    return _joined(len(windows.starts), parts)


def _look_elsewhere(
    recordings: Recordings, windows: Windows, evidence: Evidence, onsets: tuple[Onsets, Onsets]
) -> list[SoundMarks]:
    """Marks of long runs of windows that lie on no line, at the places where their onsets fit best."""
    rate_hz, search = recordings.sample_rate_hz, _search_samples(recordings)
    found = []
    for run in _long_strays(windows, evidence, rate_hz)[:_MOST_STRAYS]:
        start, stop = int(windows.starts[run][0]), int(windows.starts[run][-1]) + windows.samples
        places = rough_offsets(onsets[0], cut_onsets(onsets[1], start, stop), search, 2)
        cut = Windows(windows.starts[run], windows.samples)
        rows = np.arange(len(windows.starts))[run]
        for place in places:
            # Onsets are cut at a whole column.
            offset = place.offset_samples - start // onsets[1].hop * onsets[1].hop
            marks = measure_windows(recordings, cut, Guess(offset, 0.0, search))
            found.append(_joined(len(windows.starts), [(rows, marks)]))
    return found


def _long_strays(windows: Windows, evidence: Evidence, rate_hz: int) -> list[slice]:
    """Runs of windows that bear no line out, of some seconds, the longest first."""
    runs = [run for run, level in runs_of(np.where(evidence.agreeing, 1, 0)) if level == 0]
    span = {run.start: windows.starts[run][-1] - windows.starts[run][0] + windows.samples for run in runs}
    long = [run for run in runs if span[run.start] >= _SHORTEST_STRAY_S * rate_hz]
    return sorted(long, key=lambda run: (-int(span[run.start]), run.start))


def _joined(count: int, parts: list[tuple[NDArray[np.int64], SoundMarks]]) -> SoundMarks:
    """Marks of some windows each as marks of all; a window that no part has is unclear."""
    joined = SoundMarks(
        np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count), np.zeros(count)
    )
    for rows, marks in parts:
        joined.clock_ns[rows] = marks.clock_ns
        joined.reference_ns[rows] = marks.reference_ns
        joined.clarity[rows] = marks.clarity
        joined.height[rows] = marks.height
    return joined
