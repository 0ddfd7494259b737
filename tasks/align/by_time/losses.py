"""Why a member found no place by time: its nearest sample, how far away that is, and what was in the way.

reads   members, samples, their Line and the rows that were missed
writes  left-out rows with candidate, candidate_distance_ns, taken_by, and a sentence
rules   Sentences are joined column by column: a million of them take about a quarter of a second.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.align.by_time.matching import Pairs, SpanPairs
from tasks.align.by_time.nearest_samples import Nearest, following_starts, nearest_spans, nearest_starts
from tasks.align.by_time.spans import Line, Spans
from tasks.align.members import Int64s
from tasks.align.result import joined, left_out_rows
from tasks.core.rejects import Reason

_NS_PER_US = 1000


@dataclass(frozen=True)
class Missed:
    """`rows` of the members were matched with none of the samples."""

    members: pa.Table
    spans: Spans
    line: Line
    rows: Int64s

    def left_out(self, which: Int64s, reason: Reason, details: pa.Array, **candidates: pa.Array) -> pa.Table:
        """Those of the missed, by their place among them."""
        return left_out_rows(self.members.take(self.rows[which]), reason, details, **candidates)

    def names(self, sample_index: Int64s) -> pa.ChunkedArray:
        """The ids of those samples."""
        return self.spans.rows["sample_id"].take(pa.array(sample_index))


def lost_stamps(missed: Missed, pairs: Pairs, tolerance_ns: int) -> pa.Table:
    """Of stamps matched by what is nearest: too far from any, or near one that a closer member took."""
    nearest = nearest_starts(missed.line, missed.rows)
    none = np.flatnonzero(nearest.index < 0)
    nowhere = _without_sample(missed, none, Reason.NO_MATCH_IN_TOLERANCE)
    return pa.concat_tables([nowhere, _lost_to(missed, nearest, pairs, tolerance_ns)])


def lost_held(missed: Missed, pairs: Pairs, tolerance_ns: int) -> pa.Table:
    """Of values that are held: no sample follows, none soon enough, or a later value was there by then."""
    following = following_starts(missed.line, missed.rows)
    none = np.flatnonzero(following.index < 0)
    sessions = missed.members["session"].take(pa.array(missed.rows[none]))
    details = joined("no sample of its session '", sessions, "' starts with it or later: no candidate")
    nowhere = missed.left_out(none, Reason.NO_MATCH_IN_TOLERANCE, details)
    return pa.concat_tables([nowhere, _lost_to(missed, following, pairs, tolerance_ns)])


def _lost_to(missed: Missed, nearest: Nearest, pairs: Pairs, tolerance_ns: int) -> pa.Table:
    """Those that have a sample to name: it is too far away, or another member has it."""
    known = nearest.index >= 0
    far = known & (nearest.distance_ns > tolerance_ns)
    return pa.concat_tables(
        [
            _too_far(missed, nearest, np.flatnonzero(far), tolerance_ns),
            _outdone(missed, nearest, np.flatnonzero(known & ~far), pairs),
        ]
    )


def lost_apart(missed: Missed) -> pa.Table:
    """Of spans that meet no sample: the sample that ends or begins nearest."""
    nearest = nearest_spans(missed.line, missed.rows)
    none, apart = np.flatnonzero(nearest.index < 0), np.flatnonzero(nearest.index >= 0)
    names = missed.names(nearest.index[apart])
    sides = pc.if_else(pa.array(nearest.after[apart]), " after it ends", " before it starts")
    verbs = pc.if_else(pa.array(nearest.after[apart]), ", starts ", ", ends ")
    details = joined(
        "it meets no sample; the nearest, ", names, verbs, *_ms(nearest.distance_ns[apart]), sides
    )
    found = missed.left_out(
        apart,
        Reason.NO_OVERLAP,
        details,
        candidate=names,
        candidate_distance_ns=pa.array(nearest.distance_ns[apart]),
    )
    return pa.concat_tables([_without_sample(missed, none, Reason.NO_OVERLAP), found])


def lost_sharing(missed: Missed, met: SpanPairs, shares: NDArray[np.float64], least_share: float) -> pa.Table:
    """Of spans that meet samples and share too little with each: the one that they share most with."""
    of_missed = np.flatnonzero(np.isin(met.index, missed.rows))
    index, sample, shared = met.index[of_missed], met.reference_index[of_missed], shares[of_missed]
    # By member, the largest share first, and of equal ones the first sample.
    order = np.lexsort((sample, -shared, index))
    best = order[np.flatnonzero(np.diff(index[order], prepend=-1))]
    names = missed.names(sample[best])
    parts = pa.array([f"{share:.1%}" for share in shared[best].tolist()], pa.string())
    details = joined(
        *("it shares at most ", parts, ", with ", names), f"; align.least_share asks {least_share:.1%}"
    )
    every = np.arange(len(missed.rows), dtype=np.int64)
    return missed.left_out(every, Reason.NO_OVERLAP, details, candidate=names)


def _without_sample(missed: Missed, which: Int64s, reason: Reason) -> pa.Table:
    sessions = missed.members["session"].take(pa.array(missed.rows[which]))
    return missed.left_out(which, reason, joined("its session '", sessions, "' has no sample: no candidate"))


def _too_far(missed: Missed, nearest: Nearest, which: Int64s, tolerance_ns: int) -> pa.Table:
    distance_ns, names = nearest.distance_ns[which], missed.names(nearest.index[which])
    past = ": past the tolerance by "
    sides = pc.if_else(pa.array(nearest.after[which]), f" after it{past}", f" before it{past}")
    miss = _ms(distance_ns - tolerance_ns)
    details = joined("the nearest sample, ", names, ", starts ", *_ms(distance_ns), sides, *miss)
    return missed.left_out(
        which,
        Reason.NO_MATCH_IN_TOLERANCE,
        details,
        candidate=names,
        candidate_distance_ns=pa.array(distance_ns),
    )


def _outdone(missed: Missed, nearest: Nearest, which: Int64s, pairs: Pairs) -> pa.Table:
    """The nearest sample was in reach, so another member that is at least as close has it."""
    taker = np.zeros(missed.spans.rows.num_rows, np.int64)
    taker[pairs.left_index] = pairs.right_index
    sample = nearest.index[which]
    taken_by = missed.members["member_id"].take(pa.array(taker[sample]))
    taker_distance_ns = np.abs(missed.line.start_ns[taker[sample]] - missed.line.sample_start_ns[sample])
    names, distance_ns = missed.names(sample), nearest.distance_ns[which]
    details = joined(
        *("the nearest sample, ", names, ", starts ", *_ms(distance_ns), " away, but ", taken_by),
        *(", ", *_ms(taker_distance_ns), " away from it, took it"),
    )
    return missed.left_out(
        which,
        Reason.TAKEN,
        details,
        candidate=names,
        candidate_distance_ns=pa.array(distance_ns),
        taken_by=taken_by,
    )


def _ms(times_ns: Int64s) -> tuple[pa.Array, pa.Array]:
    """The parts of times as text, to the microsecond: 12.345 ms. What is joined costs by the part."""
    whole, thousandths = np.divmod((times_ns + _NS_PER_US // 2) // _NS_PER_US, 1000)
    # Made here: at import, an Arrow array of Python values would load pandas.
    endings = pa.array([f".{number:03d} ms" for number in range(1000)])
    return pa.array(whole).cast(pa.string()), endings.take(pa.array(thousandths))
