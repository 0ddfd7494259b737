"""Look for places where two recordings may meet: roughly by their onsets, then window by window.

reads   the two Recordings and windows of the other
writes  rough offsets; SoundMarks of the windows at such an offset, or of runs of windows at one of their own
rules   A recorder that paused has several places. The onsets of the other are stretched by the drift that is
        roughly known; what is not known of it moves a place, so that over hours the windows would have to be
        searched ever further: each stretch of 15 minutes is put roughly by its own onsets first, and the cost
        stays in proportion to the length.
"""

from dataclasses import dataclass

import numpy as np

from tasks.align.sound.drift import Drift, find_drift
from tasks.align.sound.onsets import Onsets, RoughOffset, find_onsets, offset_near, rough_offsets
from tasks.align.sound.pieces import Evidence, runs_of
from tasks.align.sound.samples import Int64s, Recordings
from tasks.align.sound.windows import Guess, SoundMarks, Windows, joined_marks, measure_windows

_ROUGH_ERROR_S = 0.1
_STRETCH_S = 900
_MOST_PLACES = 6
_LEAST_CLARITY = 1.2
_LEAST_SHARE = 0.7
_SHORTEST_STRAY_S = 4.0
_MOST_STRAYS = 6


@dataclass(frozen=True)
class Search:
    """The recordings, the onsets of both, those of the other on the reference's time, and its rough drift."""

    recordings: Recordings
    reference: Onsets
    other: Onsets
    drift: Drift

    def likely_offsets(self) -> list[int]:
        """Where the whole of the other may lie, in samples of the reference, the likeliest first."""
        found = rough_offsets(self.reference, self.other, self._blur_samples(self._longest()), _MOST_PLACES)
        return [place.offset_samples for place in found if _is_likely(place)]

    def measure(self, windows: Windows, rows: Int64s, offset_samples: int) -> SoundMarks:
        """The windows of those rows near the offset; the others are unclear."""
        stretch = self._stretch_samples()
        search = self._rough_samples() + self._blur_samples(stretch)
        parts = []
        for group in np.split(rows, np.flatnonzero(np.diff(windows.starts[rows] // stretch)) + 1):
            cut = Windows(windows.starts[group], windows.samples)
            guess = Guess(self._offset_in(cut, offset_samples), self.drift.ratio, search)
            parts.append((group, measure_windows(self.recordings, cut, guess)))
        return joined_marks(len(windows.starts), parts)

    def look_elsewhere(self, windows: Windows, evidence: Evidence) -> list[SoundMarks]:
        """Marks of long runs of windows that lie on no line, at the places where their onsets fit best."""
        near = self._rough_samples() + self._blur_samples(self._longest())
        found = []
        for run in _long_strays(windows, evidence, self.recordings.sample_rate_hz)[:_MOST_STRAYS]:
            rows = np.arange(run.start, run.stop)
            strayed = self._onsets_of(Windows(windows.starts[rows], windows.samples))
            for place in rough_offsets(self.reference, strayed, near, 2):
                found.append(self.measure(windows, rows, place.offset_samples))
        return found

    def _offset_in(self, windows: Windows, offset_samples: int) -> int:
        """The offset of windows of one stretch."""
        if self._longest() <= self._stretch_samples():
            return offset_samples
        reach = self._rough_samples() + self._blur_samples(self._longest())
        return offset_near(self.reference, self._onsets_of(windows), offset_samples, reach)

    def _onsets_of(self, windows: Windows) -> Onsets:
        stretch = 1 + self.drift.ratio
        first, stop = windows.starts[0] * stretch, (windows.starts[-1] + windows.samples) * stretch
        return self.other.cut(int(first), int(stop))

    def _longest(self) -> int:
        return max(len(self.recordings.reference), len(self.recordings.other))

    def _stretch_samples(self) -> int:
        return min(_STRETCH_S * self.recordings.sample_rate_hz, self._longest())

    def _rough_samples(self) -> int:
        return round(_ROUGH_ERROR_S * self.recordings.sample_rate_hz)

    def _blur_samples(self, samples: int) -> int:
        """How far what is not known of the drift spreads one place over that length."""
        return round(self.drift.uncertain * samples)


def search_in(recordings: Recordings) -> Search:
    """A search in the recordings, whose onsets it finds."""
    rate_hz, scratch = recordings.sample_rate_hz, recordings.scratch
    reference, other = (
        find_onsets(sound, rate_hz, scratch) for sound in (recordings.reference, recordings.other)
    )
    drift = find_drift(reference, other)
    return Search(recordings, reference, other.stretched(drift.ratio, scratch), drift)


def _is_likely(place: RoughOffset) -> bool:
    """Whether it stands out, or is as good as the best: of a sound that repeats itself all places are."""
    return place.clarity >= _LEAST_CLARITY or place.share >= _LEAST_SHARE


def _long_strays(windows: Windows, evidence: Evidence, rate_hz: int) -> list[slice]:
    """Runs of windows that bear no line out, of some seconds, the longest first."""
    runs = [run for run, level in runs_of(np.where(evidence.agreeing, 1, 0)) if level == 0]
    span = {run.start: windows.starts[run][-1] - windows.starts[run][0] + windows.samples for run in runs}
    long = [run for run in runs if span[run.start] >= _SHORTEST_STRAY_S * rate_hz]
    return sorted(long, key=lambda run: (-int(span[run.start]), run.start))
