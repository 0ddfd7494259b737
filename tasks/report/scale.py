"""The scale of a time line: times on the reference clock as places in the drawing, and bars.

reads   int64 nanoseconds
writes  places from 0 to WIDTH
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tasks.core.times import NS_PER_S, ns_to_seconds_text

WIDTH = 880.0
LEAST_WIDTH = 1.5
MOST_TICKS = 10
# Of a letter in the drawing; between words there is half as much again as they take.
_LETTER_WIDTH, _SPACING = 7.0, 1.5

_STEPS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_LONG_STEPS_S = (10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_COLUMNS = 440


@dataclass(frozen=True)
class Bar:
    """A stretch of the drawing and what it is; `colour` numbers the sample, `count` what it merges."""

    left: float
    width: float
    words: str
    colour: int = 0
    count: int = 1


@dataclass(frozen=True)
class Scale:
    """From the first to the last time that is drawn."""

    first_ns: int
    last_ns: int

    def place(self, time_ns: int) -> float:
        """Where a time lies; what lies outside is at the edge."""
        share = (time_ns - self.first_ns) / (self.last_ns - self.first_ns)
        return WIDTH * min(max(share, 0.0), 1.0)

    def bar(self, start_ns: int, end_ns: int, words: str, colour: int = 0, count: int = 1) -> Bar:
        """A bar wide enough to be seen, inside the drawing."""
        left, right = self.place(start_ns), self.place(end_ns)
        width = max(right - left, LEAST_WIDTH)
        return Bar(round(min(left, WIDTH - width), 2), round(width, 2), words, colour, count)

    def ticks(self) -> list[tuple[float, str]]:
        """Places and words of at most ten round times; of fewer where their words are long."""
        span_s = (self.last_ns - self.first_ns) / NS_PER_S
        longest = max(len(f"{time_ns // NS_PER_S} s") for time_ns in (self.first_ns, self.last_ns))
        most = min(MOST_TICKS, int(WIDTH / (_SPACING * _LETTER_WIDTH * longest)))
        whole_hours_s = -(-span_s // (most * 3600)) * 3600
        step_s = next((step for step in (*_STEPS_S, *_LONG_STEPS_S) if span_s / step <= most), whole_hours_s)
        step_ns = max(round(step_s * NS_PER_S), 1)
        first_ns = -(-self.first_ns // step_ns) * step_ns
        times_ns = range(first_ns, self.last_ns + 1, step_ns)[: MOST_TICKS + 1]
        return [(round(self.place(time_ns), 2), f"{ns_to_seconds_text(time_ns)} s") for time_ns in times_ns]


def merged_bars(rows: pa.Table, scale: Scale, what: str) -> list[Bar]:
    """Very many rows with start_ns and end_ns: the stretches they cover, and how many begin in each."""
    start_ns, end_ns = (np.asarray(rows[name].to_numpy(), np.int64) for name in ("start_ns", "end_ns"))
    column_ns = (scale.last_ns - scale.first_ns) / _COLUMNS
    first, last = (
        np.clip((times_ns - scale.first_ns) / column_ns, 0, _COLUMNS - 1).astype(np.int64)
        for times_ns in (start_ns, end_ns)
    )
    depth = np.zeros(_COLUMNS + 1, np.int64)
    np.add.at(depth, first, 1)
    np.add.at(depth, np.maximum(first, last) + 1, -1)
    covered = np.concatenate([[False], np.cumsum(depth)[:-1] > 0, [False]])
    bounds = np.flatnonzero(np.diff(covered.astype(np.int8))).reshape(-1, 2)
    begins = np.bincount(first, minlength=_COLUMNS)
    bars = []
    for left, stop in bounds.tolist():
        count = int(begins[left:stop].sum())
        start, end = (round(scale.first_ns + column_ns * column) for column in (left, stop))
        bars.append(scale.bar(start, end, f"{what}: {count}", count=count))
    return bars
