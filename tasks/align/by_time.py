"""Align by time: members meet the reference's spans on the reference clock, session by session.

Sessions are laid one after the other on one line, further apart than the tolerance, so that one vectorised
match serves them all. `nearest` is one-to-one within the tolerance, closest first; `overlap` links each
member to every span with which it shares at least `least_share` of the shorter of the two; `auto` is nearest
where neither side has a length, and overlap elsewhere.

reads   members, with their times on the reference clock
writes  links (method "nearest", "overlap" or "item"), left out
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.align.matching import (
    SpanPairs,
    nearest_index,
    nearest_pairs,
    overlapping_pairs,
    pairs_where,
    shares_of,
    window_spans,
)
from tasks.align.members import Int64s, has_time, of_role, roles_of, times_ns
from tasks.align.result import Aligned, followers, reference_links, to_left_out, to_links
from tasks.core.batch_file import Align, Windows
from tasks.core.rejects import Reason
from tasks.core.times import NS_PER_MS, ns_to_seconds_text


@dataclass(frozen=True)
class Spans:
    """The samples: ids, sessions and their spans on the reference clock."""

    rows: pa.Table

    @property
    def start_ns(self) -> Int64s:
        return times_ns(self.rows, "start_ns")

    @property
    def end_ns(self) -> Int64s:
        return times_ns(self.rows, "end_ns")


def align_by_time(members: pa.Table, align: Align) -> Aligned:
    """Samples are the reference's members or windows; everything that has a time is matched by it."""
    timed, untimed = _split_by_time(members)
    spans, own = _samples(timed, align)
    links, left_out = [own], []
    roles = [role for role in roles_of(timed) if role != align.reference]
    for role in roles:
        linked, missed = _match(of_role(timed, role), spans, align)
        links.append(linked)
        left_out.append(missed)
    followed, stranded = _place_untimed(untimed, pa.concat_tables(links), align)
    return Aligned(
        spans.rows["sample_id"].to_pylist(),
        pa.concat_tables([*links, followed]),
        pa.concat_tables([*left_out, stranded]),
        spans.rows,
    )


def _split_by_time(members: pa.Table) -> tuple[pa.Table, pa.Table]:
    timed = pa.array(has_time(members))
    return members.filter(timed), members.filter(pc.invert(timed))


def _place_untimed(untimed: pa.Table, links: pa.Table, align: Align) -> tuple[pa.Table, pa.Table]:
    """Labels without a time follow their items; items without one, and reference members, are left out."""
    follows = pc.and_(pc.equal(untimed["kind"], "label"), pc.not_equal(untimed["role"], str(align.reference)))
    followed, stranded = followers(untimed.filter(follows), links)
    lost = untimed.filter(pc.invert(follows))
    details = [f"role '{role}' is aligned by time, and this has none" for role in lost["role"].to_pylist()]
    return followed, pa.concat_tables([stranded, to_left_out(lost, Reason.NO_TIME, details)])


def _samples(timed: pa.Table, align: Align) -> tuple[Spans, pa.Table]:
    if isinstance(align.reference, Windows):
        return _windows(timed, align.reference), reference_links(timed.slice(0, 0))
    reference = of_role(timed, align.reference)
    rows = reference.select(["member_id", "session", "start_ns", "end_ns"]).rename_columns(
        ["sample_id", "session", "start_ns", "end_ns"]
    )
    return Spans(rows), reference_links(reference)


def _windows(timed: pa.Table, windows: Windows) -> Spans:
    """Windows over each session, from its first start to its last end."""
    extents = timed.group_by("session").aggregate([("start_ns", "min"), ("end_ns", "max")]).sort_by("session")
    rows: dict[str, list[object]] = {"sample_id": [], "session": [], "start_ns": [], "end_ns": []}
    for extent in extents.to_pylist():
        starts, ends = window_spans(extent["start_ns_min"], extent["end_ns_max"], windows.window, windows.hop)
        names = [f"{extent['session']}@{ns_to_seconds_text(int(start))}s" for start in starts]
        rows["sample_id"] += names
        rows["session"] += [extent["session"]] * len(names)
        rows["start_ns"] += starts.tolist()
        rows["end_ns"] += ends.tolist()
    types = {"sample_id": pa.string(), "session": pa.string(), "start_ns": pa.int64(), "end_ns": pa.int64()}
    return Spans(pa.table({name: pa.array(rows[name], kind) for name, kind in types.items()}))


def _match(members: pa.Table, spans: Spans, align: Align) -> tuple[pa.Table, pa.Table]:
    line = _lay_apart(members, spans.rows, align.tolerance)
    points = not line.has_length
    if align.match == "nearest" or (align.match == "auto" and points):
        return _match_nearest(members, spans, line, align.tolerance)
    return _match_overlap(members, spans, line, align.least_share)


def _match_nearest(
    members: pa.Table, spans: Spans, line: "_Line", tolerance_ns: int
) -> tuple[pa.Table, pa.Table]:
    pairs = nearest_pairs(line.sample_start_ns, line.start_ns, tolerance_ns)
    links = to_links(
        members.take(pairs.right_index),
        spans.rows.take(pairs.left_index),
        "nearest",
        lag_ns=pa.array(pairs.lag_ns),
    )
    missed = _complement(members.num_rows, pairs.right_index)
    details = _nearest_details(members, spans, line, missed)
    return links, to_left_out(members.take(missed), Reason.NO_MATCH_IN_TOLERANCE, details)


def _match_overlap(
    members: pa.Table, spans: Spans, line: "_Line", least_share: float
) -> tuple[pa.Table, pa.Table]:
    met = overlapping_pairs(line.sample_start_ns, line.sample_end_ns, line.start_ns, line.end_ns)
    shares = shares_of(met, line.sample_end_ns - line.sample_start_ns, line.end_ns - line.start_ns)
    found = pairs_where(met, shares >= least_share)
    sample_start, sample_end = spans.start_ns[found.reference_index], spans.end_ns[found.reference_index]
    start = times_ns(members, "start_ns")[found.index]
    end = times_ns(members, "end_ns")[found.index]
    length_ns = np.maximum(sample_end - sample_start, 1)
    links = to_links(
        members.take(found.index),
        spans.rows.take(found.reference_index),
        "overlap",
        start_ns=pa.array(np.maximum(start, sample_start)),
        end_ns=pa.array(np.minimum(end, np.maximum(sample_end, sample_start))),
        lag_ns=pa.array(start - sample_start),
        overlap=pa.array(np.minimum(found.overlap_ns / length_ns, 1.0)),
    )
    missed = _complement(members.num_rows, found.index)
    details = _nearest_details(members, spans, line, missed)
    best = _best_shares(met, shares, missed)
    for place, (sample, share) in best.items():
        name = spans.rows["sample_id"][sample].as_py()
        details[place] = (
            f"it shares at most {share:.1%}, with {name}; align.least_share asks {least_share:.1%}"
        )
    return links, to_left_out(members.take(missed), Reason.NO_OVERLAP, details)


def _best_shares(met: SpanPairs, shares: NDArray[np.float64], missed: Int64s) -> dict[int, tuple[int, float]]:
    """By its place among the missed: the sample that a member shares most with, and how much."""
    of_missed = np.flatnonzero(np.isin(met.index, missed))
    # The best comes last, and of equal ones the first sample: what is written last stays.
    order = of_missed[np.lexsort((-met.reference_index[of_missed], shares[of_missed]))]
    places = np.searchsorted(missed, met.index[order]).tolist()
    found = zip(met.reference_index[order].tolist(), shares[order].tolist(), strict=True)
    return dict(zip(places, found, strict=True))


@dataclass(frozen=True)
class _Line:
    """Times of samples and members with every session moved to a place of its own."""

    sample_start_ns: Int64s
    sample_end_ns: Int64s
    start_ns: Int64s
    end_ns: Int64s

    @property
    def has_length(self) -> bool:
        lengths = ((self.sample_start_ns, self.sample_end_ns), (self.start_ns, self.end_ns))
        return any(bool(np.any(end > start)) for start, end in lengths)


def _lay_apart(members: pa.Table, samples: pa.Table, tolerance_ns: int) -> _Line:
    both = pa.concat_tables([table.select(["session", "start_ns", "end_ns"]) for table in (samples, members)])
    codes = both["session"].combine_chunks().dictionary_encode().indices.to_numpy()
    start_ns, end_ns = times_ns(both, "start_ns"), times_ns(both, "end_ns")
    count = int(codes.max()) + 1 if len(codes) else 0
    first_ns = np.full(count, np.iinfo(np.int64).max)
    last_ns = np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first_ns, codes, start_ns)
    np.maximum.at(last_ns, codes, np.maximum(start_ns, end_ns))
    room_ns = np.cumsum(last_ns - first_ns + 2 * tolerance_ns + 2)
    shift_ns = (np.concatenate([[0], room_ns[:-1]]) - first_ns)[codes] if count else np.empty(0, np.int64)
    split = samples.num_rows
    placed_start, placed_end = start_ns + shift_ns, end_ns + shift_ns
    return _Line(placed_start[:split], placed_end[:split], placed_start[split:], placed_end[split:])


def _nearest_details(members: pa.Table, spans: Spans, line: _Line, missed: Int64s) -> list[str]:
    """For each missed member the nearest sample of its session, and how far away that is."""
    if not len(missed) or not spans.rows.num_rows:
        return ["there is no sample at all"] * len(missed)
    index, lag_ns = nearest_index(line.start_ns[missed], line.sample_start_ns)
    sessions = spans.rows["session"].take(pa.array(index)).to_pylist()
    own = members["session"].take(pa.array(missed)).to_pylist()
    ids = spans.rows["sample_id"].take(pa.array(index)).to_pylist()
    return [
        f"the nearest sample, {name}, starts {abs(int(lag)) / NS_PER_MS:.3f} ms away"
        if session == wanted
        else f"its session '{wanted}' has no sample"
        for name, lag, session, wanted in zip(ids, lag_ns, sessions, own, strict=True)
    ]


def _complement(count: int, taken: Int64s) -> Int64s:
    return np.setdiff1d(np.arange(count), taken)
