"""Polygons and polylines between two of CVAT's keyframes, as its `dataset_manager/annotation.py` has them.

Outlines may have different numbers of points, so points are matched by how far along its outline each lies:
every point of the earlier outline with the nearest of the later one, and then every later point that is
left with the nearest earlier one. Matched pairs are moved in a straight line. Pairs that crowd together are
thinned out: what lies nearer to the one kept before than half of the mean distance of the points that it
stands for is left out.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

from tasks.label_formats.reading.shapes import Point

Outline = Sequence[Point]
Matches = list[list[int]]


def outline_between(earlier: Outline, later: Outline, share: float, *, closed: bool) -> list[Point]:
    """The outline when `share` of the time between the two has gone by; a closed one ends where it began."""
    if closed:
        between = outline_between([*earlier, earlier[0]], [*later, later[0]], share, closed=False)
        return between[:-1]
    matches = _matches(_shares_along(earlier), _shares_along(later))
    moved = [
        [_moved(point, later[match], share) for match in found]
        for point, found in zip(earlier, matches, strict=True)
    ]
    return _thinned(moved, matches, earlier, later)


def _shares_along(outline: Outline) -> list[float]:
    """How far along the outline each of its points lies, from 0 to 1."""
    lengths = [0.0, *accumulate(math.dist(a, b) for a, b in pairwise(outline))]
    return [length / lengths[-1] if lengths[-1] else 0.0 for length in lengths]


def _nearest(value: float, values: Sequence[float]) -> int:
    return min(range(len(values)), key=lambda at: abs(value - values[at]))


def _matches(earlier: Sequence[float], later: Sequence[float]) -> Matches:
    """Which later points each earlier point goes to, in order; every later point is one of them."""
    matches = [[_nearest(share, later)] for share in earlier]
    taken = {found[0] for found in matches}
    for at, share in enumerate(later):
        if at not in taken:
            matches[_nearest(share, earlier)].append(at)
    return [sorted(found) for found in matches]


def _moved(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _thinned(moved: list[list[Point]], matches: Matches, earlier: Outline, later: Outline) -> list[Point]:
    """The moved points in order; those that several stand for are thinned together."""
    kept: list[Point] = []
    begun: int | None = None
    for at, found in enumerate([*matches, []]):
        if len(found) == 1 and (begun is None or found == matches[begun]):
            begun = at if begun is None else begun
            continue
        if begun is not None:
            kept += _thinned_run([point for points in moved[begun:at] for point in points], earlier[begun:at])
        begun = at if len(found) == 1 else None
        if len(found) > 1:
            kept += _thinned_run(moved[at], later[found[0] : found[-1] + 1])
    return kept


def _thinned_run(points: list[Point], stood_for: Outline) -> list[Point]:
    """The first and the last, and between them those that are far enough from the one kept before."""
    if len(points) == 1:
        return points
    threshold = sum(math.dist(a, b) for a, b in pairwise(stood_for)) / (2 * len(stood_for))
    kept = [points[0]]
    for point in points[1:-1]:
        if math.dist(kept[-1], point) >= threshold:
            kept.append(point)
    if len(kept) == 1 and math.dist(points[0], points[-1]) < threshold:
        return [_moved(points[0], points[-1], 0.5)]
    return [*kept, points[-1]]
