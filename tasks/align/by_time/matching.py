"""Match by time: stamps to stamps, spans to spans, a recording to windows.

Times are int64 nanoseconds on one clock, in any order, with duplicates; their size stays below 2**61.

reads   stamps (`left_ns`, `right_ns`) or half-open spans [`start_ns`, `end_ns`)
writes  row numbers into the arrays that came in, and how far apart the two are (`lag_ns`) or how much they
        share (`overlap_ns`)
rules   One-to-one takes the globally closest pair first, as `associate.py` of the TUM RGB-D benchmark does
        (Sturm et al. 2012); unlike there, a lag equal to the tolerance still matches.
        A span of no length is a point: it lies in a span when start <= point < end, and of other points it
        meets only an equal one.
        How much two spans share is told by the shorter of them: one that lies wholly in the other shares
        all, and so does a point.
        Rows of one time, and spans that overlap others of their own side, are matched each for itself; where
        nothing is, nothing matches.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.align.by_time.closest_pairs import closest_pairs

Int64s = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Stamps that are matched, by left row: right = left + lag."""

    left_index: Int64s
    right_index: Int64s
    lag_ns: Int64s


@dataclass(frozen=True)
class SpanPairs:
    """Spans that meet, by reference row and then by row; a point overlaps by 0 ns."""

    reference_index: Int64s
    index: Int64s
    overlap_ns: Int64s


def nearest_pairs(left_ns: Int64s, right_ns: Int64s, tolerance_ns: int) -> Pairs:
    """One-to-one pairs at most `tolerance_ns` apart, the globally closest first.

    Equal lags go to the earlier left time, then the earlier right time, then the lower rows.
    """
    left_order, left_sorted_ns = in_time_order(left_ns)
    right_order, right_sorted_ns = in_time_order(right_ns)
    left, right = closest_pairs(left_sorted_ns, right_sorted_ns, tolerance_ns)
    left, right = _lower_rows_first(left, right, left_sorted_ns, right_sorted_ns)
    left_index, right_index = left_order[left], right_order[right]
    by_row = np.argsort(left_index, kind="stable")
    left_index, right_index = left_index[by_row], right_index[by_row]
    return Pairs(left_index, right_index, right_ns[right_index] - left_ns[left_index])


def nearest_index(left_ns: Int64s, right_ns: Int64s) -> tuple[Int64s, Int64s]:
    """The nearest right row of every left stamp, and its lag; many may share one.

    Equal lags go to the earlier right time, then the lower row. Without right stamps: row -1, lag 0.
    """
    if not len(right_ns):
        return np.full(len(left_ns), -1, np.int64), np.zeros(len(left_ns), np.int64)
    order, sorted_ns = in_time_order(right_ns)
    is_new = np.concatenate([[True], sorted_ns[1:] > sorted_ns[:-1]])
    if not is_new.all():
        order, sorted_ns = order[is_new], sorted_ns[is_new]
    # Up to half of the way to the next stamp, and half a nanosecond less where that is none, is nearer here.
    farthest_ns = sorted_ns[:-1] + (sorted_ns[1:] - sorted_ns[:-1]) // 2
    nearest = np.searchsorted(farthest_ns, left_ns)
    return order[nearest], sorted_ns[nearest] - left_ns


def overlapping_pairs(
    reference_start_ns: Int64s, reference_end_ns: Int64s, start_ns: Int64s, end_ns: Int64s
) -> SpanPairs:
    """Every pair of spans that meet, many-to-many. ValueError where a span ends before it starts."""
    reference_stop_ns = stops_ns(reference_start_ns, reference_end_ns)
    stop_ns = stops_ns(start_ns, end_ns)
    # Two spans meet when the start of one lies in the other; `right` keeps equal starts from counting twice.
    holder, held = _starts_within(reference_start_ns, reference_stop_ns, start_ns, side="left")
    inner, outer = _starts_within(start_ns, stop_ns, reference_start_ns, side="right")
    rows = max(len(start_ns), 1)
    keys = np.sort(np.concatenate([holder * rows + held, outer * rows + inner]))
    reference_index, index = np.divmod(keys, rows)
    first_end_ns = np.minimum(reference_end_ns[reference_index], end_ns[index])
    last_start_ns = np.maximum(reference_start_ns[reference_index], start_ns[index])
    return SpanPairs(reference_index, index, first_end_ns - last_start_ns)


def shares_of(pairs: SpanPairs, reference_length_ns: Int64s, length_ns: Int64s) -> NDArray[np.float64]:
    """What part of the shorter span of each pair the two share, by the lengths of all spans of both sides."""
    shorter_ns = np.minimum(reference_length_ns[pairs.reference_index], length_ns[pairs.index])
    shares: NDArray[np.float64] = np.where(shorter_ns > 0, pairs.overlap_ns / np.maximum(shorter_ns, 1), 1.0)
    return shares


def pairs_where(pairs: SpanPairs, chosen: NDArray[np.bool_]) -> SpanPairs:
    """The chosen ones of the pairs."""
    return SpanPairs(pairs.reference_index[chosen], pairs.index[chosen], pairs.overlap_ns[chosen])


def in_time_order(stamps_ns: Int64s) -> tuple[Int64s, Int64s]:
    """Rows by time, equal times by row, and the sorted times."""
    if bool(np.all(stamps_ns[1:] >= stamps_ns[:-1])):
        return np.arange(len(stamps_ns), dtype=np.int64), stamps_ns
    order = np.argsort(stamps_ns, kind="stable")
    return order, stamps_ns[order]


def _lower_rows_first(
    left: Int64s, right: Int64s, left_ns: Int64s, right_ns: Int64s
) -> tuple[Int64s, Int64s]:
    """The same pairs of times; among stamps of one time the lower row gets the closer partner."""
    matched_left_ns, matched_right_ns = left_ns[left], right_ns[right]
    return (
        _lowest_positions(left_ns, left, matched_right_ns),
        _lowest_positions(right_ns, right, matched_left_ns),
    )


def _lowest_positions(stamps_ns: Int64s, matched: Int64s, partner_ns: Int64s) -> Int64s:
    """For each pair a position of the same time as `matched`, the lowest to the closest pair."""
    equals = np.flatnonzero(stamps_ns[1:] == stamps_ns[:-1])
    has_equal = np.zeros(len(stamps_ns), np.bool_)
    has_equal[equals] = has_equal[equals + 1] = True
    open_choice = np.flatnonzero(has_equal[matched])
    own_ns, other_ns = stamps_ns[matched[open_choice]], partner_ns[open_choice]
    order = np.lexsort((other_ns, np.abs(other_ns - own_ns), own_ns))
    first = np.searchsorted(stamps_ns, own_ns[order])
    place_among_equals = np.arange(len(first)) - np.searchsorted(first, first)
    lowest = matched.copy()
    lowest[open_choice[order]] = first + place_among_equals
    return lowest


def stops_ns(start_ns: Int64s, end_ns: Int64s) -> Int64s:
    """The ends, a point lasting 1 ns: between whole nanoseconds that is exactly the rule for points."""
    if bool(np.all(end_ns > start_ns)):
        return end_ns
    backwards = end_ns < start_ns
    if backwards.any():
        row = backwards.argmax()
        raise ValueError(
            f"row {row}: expected an end at or after the start, got {start_ns[row]} to {end_ns[row]} ns"
        )
    return np.maximum(end_ns, start_ns + 1)


def _starts_within(
    span_start_ns: Int64s, span_stop_ns: Int64s, start_ns: Int64s, *, side: Literal["left", "right"]
) -> tuple[Int64s, Int64s]:
    """Rows of spans and of the starts inside them; `side` says whether a start equal to the span's counts."""
    order, sorted_ns = in_time_order(start_ns)
    first = np.searchsorted(sorted_ns, span_start_ns, side=side)
    count = np.maximum(np.searchsorted(sorted_ns, span_stop_ns) - first, 0)
    span = np.repeat(np.arange(len(span_start_ns), dtype=np.int64), count)
    place_in_span = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
    return span, order[first[span] + place_in_span]
