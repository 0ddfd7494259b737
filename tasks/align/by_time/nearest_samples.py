"""The nearest sample of members that found none, in their own session, whatever the distance.

reads   a Line and the rows of the members
writes  Nearest: rows of samples, and how far away they are
rules   Of equally near samples the earlier, then the lower row.
"""

from dataclasses import dataclass

import numpy as np

from tasks.align.by_time.matching import in_time_order, nearest_index
from tasks.align.by_time.spans import Line
from tasks.align.members import Int64s


@dataclass(frozen=True)
class Nearest:
    """For each member the row of its nearest sample, -1 where its session has none.

    `distance_ns` is that of the starts, or of the spans; `after`: the sample comes after the member.
    """

    index: Int64s
    distance_ns: Int64s
    after: np.typing.NDArray[np.bool_]


def nearest_starts(line: Line, rows: Int64s) -> Nearest:
    """By the distance between the starts."""
    index, lag_ns = nearest_index(line.start_ns[rows], line.sample_start_ns)
    # Sessions lie further apart than they are long: a stranger is the nearest only where there is no other.
    own = np.zeros(len(rows), np.bool_)
    if len(line.sample_session):
        own = line.sample_session[index] == line.session[rows]
    return Nearest(np.where(own, index, -1), np.where(own, np.abs(lag_ns), 0), own & (lag_ns > 0))


def following_starts(line: Line, rows: Int64s) -> Nearest:
    """The first sample that starts with the member or after it."""
    order, sorted_ns = in_time_order(line.sample_start_ns)
    start_ns = line.start_ns[rows]
    place = np.searchsorted(sorted_ns, start_ns, side="left")
    index, distance_ns = np.full(len(rows), -1, np.int64), np.zeros(len(rows), np.int64)
    follows = np.flatnonzero(place < len(order))
    follows = follows[line.sample_session[order[place[follows]]] == line.session[rows[follows]]]
    index[follows] = order[place[follows]]
    distance_ns[follows] = sorted_ns[place[follows]] - start_ns[follows]
    return Nearest(index, distance_ns, np.ones(len(rows), np.bool_))


def nearest_spans(line: Line, rows: Int64s) -> Nearest:
    """By the room between the spans, for members that meet no sample."""
    order, starts_ns = in_time_order(line.sample_start_ns)
    ends_ns = line.sample_end_ns[order]
    first, stop = _session_bounds(line, rows, order)
    start_ns, end_ns = line.start_ns[rows], line.end_ns[rows]
    after = np.searchsorted(starts_ns, np.maximum(start_ns, end_ns))
    # Of all samples that begin before, the one that lasts longest is the nearest.
    longest = _places_of_running_maximum(ends_ns)
    before = longest[np.clip(after - 1, 0, None)] if len(order) else after
    return _nearer(
        order,
        Nearest(
            np.where(after > first, before, -1),
            np.maximum(start_ns - ends_ns[before], 0) if len(order) else start_ns,
            np.zeros(len(rows), np.bool_),
        ),
        Nearest(
            np.where(after < stop, after, -1),
            np.maximum(starts_ns[np.clip(after, None, len(order) - 1)] - end_ns, 0) if len(order) else end_ns,
            np.ones(len(rows), np.bool_),
        ),
    )


def _session_bounds(line: Line, rows: Int64s, order: Int64s) -> tuple[Int64s, Int64s]:
    """Where the samples of each member's session begin and stop, in the order of time."""
    own = line.session[rows]
    bounds = np.searchsorted(line.sample_session[order], np.arange(int(own.max(initial=-1)) + 2))
    return bounds[own], bounds[own + 1]


def _nearer(order: Int64s, before: Nearest, after: Nearest) -> Nearest:
    """The nearer of the two, the earlier of equals; rows of samples instead of places in the order."""
    take_before = (before.index >= 0) & ((after.index < 0) | (before.distance_ns <= after.distance_ns))
    place = np.where(take_before, before.index, after.index)
    found = place >= 0
    index = np.full(len(place), -1, np.int64)
    index[found] = order[place[found]]
    distance_ns = np.where(take_before, before.distance_ns, after.distance_ns)
    return Nearest(index, np.where(found, distance_ns, 0), ~take_before)


def _places_of_running_maximum(ends_ns: Int64s) -> Int64s:
    """For each place that of the greatest end up to it, the first of equals."""
    greatest = np.maximum.accumulate(ends_ns)
    rises = np.ones(len(ends_ns), np.bool_)
    rises[1:] = greatest[1:] > greatest[:-1]
    return np.maximum.accumulate(np.where(rises, np.arange(len(ends_ns)), 0))
