"""A measure's histogram as a small drawing: one bar of one width for each of the stated bins.

reads   coverage.json: `bins` and the counts of a role
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 232.0, 64.0
_LEAST_BINS = 9
_LETTER_WIDTH = 5.5

_NAMES = {"lag_ms": "lag", "similarity": "likeness", "margin": "margin", "overlap": "overlap"}
_UNITS = {"lag_ms": " ms"}


@dataclass(frozen=True)
class Column:
    """One bin: its place in the drawing and what it counts."""

    left: float
    width: float
    height: float
    words: str


@dataclass(frozen=True)
class Histogram:
    """`low` and `high` are the borders of what is drawn: the bins with links, and some beside them.

    `zero` is where a lag of nothing lies, where that is drawn and not beside a border.
    """

    name: str
    summary: str
    columns: list[Column]
    low: str
    high: str
    most: int
    zero: float | None


def draw_histogram(measure: str, edges: list[float], figures: dict[str, Any]) -> Histogram:
    """The histogram of one measure of one role."""
    counts = figures["histogram"]
    first, last = _drawn_bins(counts)
    width, most, unit = WIDTH / (last - first + 1), max(counts), _UNITS.get(measure, "")
    columns = [
        Column(
            round((place - first) * width, 2),
            round(width - 1, 2),
            round(max(HEIGHT * counts[place] / most, 1.5), 2) if counts[place] else 0.0,
            f"{_bin_words(edges, place, unit)}: {counts[place]} link{'s' * (counts[place] != 1)}",
        )
        for place in range(first, last + 1)
    ]
    low, high = _border(edges, first - 1, unit), _border(edges, last, unit)
    return Histogram(
        _NAMES[measure],
        f"{sum(counts)} link{'s' * (sum(counts) != 1)}, {_spread(figures, unit)}",
        columns,
        low,
        high,
        most,
        _beside(_middle_of_zero(edges, first, last, width), low, high) if measure == "lag_ms" else None,
    )


def _drawn_bins(counts: list[int]) -> tuple[int, int]:
    """The first and last bin: those with links, and so many beside them that a peak looks like one."""
    filled = [place for place, count in enumerate(counts) if count]
    beside = max((_LEAST_BINS - (filled[-1] - filled[0] + 1)) // 2, 1)
    # What lies below the first edge or above the last is drawn only where there is something.
    first = max(filled[0] - beside, min(filled[0], 1))
    return first, min(filled[-1] + beside, max(filled[-1], len(counts) - 2))


def _spread(figures: dict[str, Any], unit: str) -> str:
    least, median, most = (_number(figures[name]) for name in ("least", "median", "most"))
    return f"{least} to {most}{unit}, median {median}{unit}" if least != most else f"all {least}{unit}"


def _beside(place: float | None, low: str, high: str) -> float | None:
    """The place, where a word there runs into neither border's."""
    left, right = ((len(words) + 1) * _LETTER_WIDTH for words in (low, high))
    return place if place is not None and left <= place <= WIDTH - right else None


def _middle_of_zero(edges: list[float], first: int, last: int, width: float) -> float | None:
    place = bisect_right(edges, 0.0)
    return round((place - first + 0.5) * width, 2) if first < place < last else None


def _bin_words(edges: list[float], place: int, unit: str) -> str:
    if place == 0:
        return f"below {_number(edges[0])}{unit}"
    if place == len(edges):
        return f"above {_number(edges[-1])}{unit}"
    return f"{_number(edges[place - 1])} to {_number(edges[place])}{unit}"


def _border(edges: list[float], place: int, unit: str) -> str:
    if place < 0:
        return f"below {_number(edges[0])}{unit}"
    return f"{_number(edges[place])}{unit}" if place < len(edges) else f"above {_number(edges[-1])}{unit}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"
