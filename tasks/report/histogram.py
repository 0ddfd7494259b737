"""A measure's histogram as a small drawing: one bar of one width for each of the stated bins.

reads   coverage.json: `bins` and the counts of a role
"""

from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 232.0, 64.0
_LEAST_BINS = 9

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
    """`low` and `high` are the borders of what is drawn: the bins with links, and one beside them."""

    name: str
    summary: str
    columns: list[Column]
    low: str
    high: str
    most: int


def draw_histogram(measure: str, edges: list[float], figures: dict[str, Any]) -> Histogram:
    """The histogram of one measure of one role."""
    counts = figures["histogram"]
    filled = [place for place, count in enumerate(counts) if count]
    # So few bins that one bar fills the drawing would look like an even spread.
    beside = max((_LEAST_BINS - (filled[-1] - filled[0] + 1)) // 2, 1)
    first, last = max(filled[0] - beside, 0), min(filled[-1] + beside, len(counts) - 1)
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
    summary = f"{sum(counts)} links, {_number(figures['least'])} to {_number(figures['most'])}{unit}"
    return Histogram(
        _NAMES[measure],
        f"{summary}, median {_number(figures['median'])}{unit}",
        columns,
        _border(edges, first - 1, unit),
        _border(edges, last, unit),
        most,
    )


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
