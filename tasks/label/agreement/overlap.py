"""How far places overlap, and which of two annotators' places are the same thing: boxes and spans alike.

A box has two dimensions, a span of time one. The overlap is intersection over union; of two places without
extent it is 1 where they are equal. Matched are only places that overlap by `least`, one to one, so that the
sum of the overlaps is the greatest (scipy's linear_sum_assignment).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """From its low corner to its high corner: pixels of the upright image, or ns."""

    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The places of these positions in two lists are the same thing."""

    first: int
    second: int
    overlap: float


def overlap(first: Place, second: Place) -> float:
    """Intersection over union of two places."""
    return float(_overlaps(*_corners([first]), *_corners([second]))[0])


def match(first: Sequence[Place], second: Sequence[Place], least: float) -> list[Match]:
    """Which places of the two lists are the same thing, by position."""
    if not first or not second:
        return []
    pairs = _overlapping(first, second, least)
    if _is_one_to_one(pairs):
        return sorted(_as_they_are(*pairs), key=_by_first)
    return sorted(
        (found for group in _independent(pairs, len(first), len(second)) for found in _assigned(*group)),
        key=_by_first,
    )


def _by_first(found: Match) -> int:
    return found.first


def _is_one_to_one(pairs: tuple[Indices, Indices, Shares]) -> bool:
    """Whether no place has a choice, as most have none."""
    return all(len(set(places.tolist())) == len(places) for places in pairs[:2])


def _as_they_are(left: Indices, right: Indices, shares: Shares) -> Iterator[Match]:
    for first, second, share in zip(left.tolist(), right.tolist(), shares.tolist(), strict=True):
        yield Match(first, second, share)


def _overlapping(
    first: Sequence[Place], second: Sequence[Place], least: float
) -> tuple[Indices, Indices, Shares]:
    """Every pair that overlaps by `least`. Only those that begin near enough to each other are compared.

    The overlap in one dimension is never less than the overlap in all, and so bounds where the other begins.
    """
    (low, high), (other_low, other_high) = _corners(first), _corners(second)
    order = np.argsort(other_low[:, 0], kind="stable")
    starts = other_low[order, 0].astype(np.float64)
    # Floats are near enough to choose what is compared: the slack makes up for their rounding.
    near, far = low[:, 0].astype(np.float64), high[:, 0].astype(np.float64)
    slack = 1 + 2**-40 * np.maximum(np.abs(near), np.abs(far))
    begin = np.searchsorted(starts, near - (far - near) / least - slack, "left")
    counts = np.searchsorted(starts, far + slack, "right") - begin
    left = np.repeat(np.arange(len(first)), counts)
    within = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    right = order[np.repeat(begin, counts) + within]
    shares = _overlaps(low[left], high[left], other_low[right], other_high[right])
    enough = shares >= least
    return left[enough], right[enough], shares[enough]


def _corners(places: Sequence[Place]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Low and high corners, a row per place; ns stay whole numbers, so that their lengths are exact."""
    return np.array([place.low for place in places]), np.array([place.high for place in places])


def _overlaps(
    low: npt.NDArray[Any], high: npt.NDArray[Any], other_low: npt.NDArray[Any], other_high: npt.NDArray[Any]
) -> Shares:
    shared = np.maximum(np.minimum(high, other_high) - np.maximum(low, other_low), 0)
    common = shared.astype(np.float64).prod(axis=1)
    sizes = [
        (top - bottom).astype(np.float64).prod(axis=1)
        for bottom, top in ((low, high), (other_low, other_high))
    ]
    union = sizes[0] + sizes[1] - common
    equal = ((low == other_low) & (high == other_high)).all(axis=1)
    return np.where(equal, 1.0, np.divide(common, union, out=np.zeros_like(union), where=union > 0))


def _independent(
    pairs: tuple[Indices, Indices, Shares], rows: int, columns: int
) -> Iterator[tuple[Indices, Indices, Shares]]:
    """The pairs in groups that share no place: each can be matched by itself, so matrices stay small."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right, shares = pairs
    size = rows + columns
    graph = coo_array((np.ones(len(left), np.int8), (left, right + rows)), shape=(size, size))
    _, groups = connected_components(graph, directed=False)
    order = np.argsort(groups[left], kind="stable")
    bounds = np.flatnonzero(np.diff(groups[left][order])) + 1
    for chosen in np.split(order, bounds) if len(order) else []:
        yield left[chosen], right[chosen], shares[chosen]


def _assigned(left: Indices, right: Indices, shares: Shares) -> Iterator[Match]:
    """The best one-to-one choice among the pairs."""
    from scipy.optimize import linear_sum_assignment

    rows, row = np.unique(left, return_inverse=True)
    columns, column = np.unique(right, return_inverse=True)
    matrix = np.zeros((len(rows), len(columns)))
    matrix[row, column] = shares
    for one, other in zip(*linear_sum_assignment(matrix, maximize=True), strict=True):
        if matrix[one, other] > 0:
            yield Match(int(rows[one]), int(columns[other]), float(matrix[one, other]))
