"""Align by time: members meet the reference's spans on the reference clock, session by session.

Sessions are laid one after the other on one line, further apart than the tolerance, so that one vectorised
match serves them all. What is matched by its start is matched in one of the ways of `_STAMP_PAIRS`, within
the tolerance; `overlap` links each member to every span with which it shares at least `least_share` of the
shorter of the two, and one that meets none to the nearest, within a tolerance that is said; `auto` is nearest
where neither side has a length, and overlap elsewhere. Each role may be matched in a way of its own.

reads   members, with their times on the reference clock
writes  links (method "nearest", "previous", "overlap" or "item"), left out; a member may have several links.
        `lag_ns` is by how much the member starts after the sample, where no spans meet the room between them
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_time.losses import Missed, lost_apart, lost_held, lost_sharing, lost_stamps
from tasks.align.by_time.matching import (
    Pairs,
    nearest_pairs,
    overlapping_pairs,
    pairs_where,
    shares_of,
)
from tasks.align.by_time.nearest_samples import nearest_spans
from tasks.align.by_time.shared_pairs import pairs_per_left, pairs_per_right, previous_pairs
from tasks.align.by_time.spans import Line, Spans, has_length, lay_apart, sessions_by_line
from tasks.align.by_time.windows import cut_windows
from tasks.align.members import Int64s, of_role, roles_of, split_by_time, times_ns
from tasks.align.result import (
    FOUND,
    LEFT_OUT,
    Aligned,
    followers,
    joined,
    left_out_rows,
    reference_links,
    to_links,
)
from tasks.core.align_entry import USUAL_TOLERANCE_NS, Align, Windows
from tasks.core.rejects import Reason
from tasks.core.row_order import one_array


def align_by_time(members: pa.Table, align: Align, batch_name: str) -> Aligned:
    """Samples are the reference's members or windows; everything that has a time is matched by it."""
    timed, untimed = split_by_time(members)
    spans, own, uncut = _samples(timed, align, batch_name)
    links, left_out = [own], [uncut]
    if uncut.num_rows:
        timed = timed.filter(pc.invert(pc.is_in(timed["member_id"], uncut["member_id"].combine_chunks())))
    roles = [role for role in roles_of(timed) if role != align.reference]
    for role in roles:
        linked, missed = _match(of_role(timed, role), spans, align)
        links.append(linked)
        left_out.append(missed)
    followed, stranded = _place_untimed(untimed, pa.concat_tables(links), align)
    return Aligned(
        one_array(spans.rows["sample_id"]),
        pa.concat_tables([*links, followed]),
        pa.concat_tables([*left_out, stranded]),
        spans.rows,
    )


def _place_untimed(untimed: pa.Table, links: pa.Table, align: Align) -> tuple[pa.Table, pa.Table]:
    """Labels without a time follow their items; items without one, and reference members, are left out."""
    follows = pc.and_(pc.equal(untimed["kind"], "label"), pc.not_equal(untimed["role"], str(align.reference)))
    followed, stranded = followers(untimed.filter(follows), links)
    lost = untimed.filter(pc.invert(follows))
    sentence = ("role '", lost["role"], "' is aligned by time, and this has none: no candidate")
    return followed, pa.concat_tables([stranded, left_out_rows(lost, Reason.NO_TIME, joined(*sentence))])


def _samples(timed: pa.Table, align: Align, batch_name: str) -> tuple[Spans, pa.Table, pa.Table]:
    """The samples, the links of the members that they are, and what is left out with its whole session."""
    if isinstance(align.reference, Windows):
        spans, uncut = cut_windows(timed, align.reference, batch_name)
        return spans, reference_links(timed.slice(0, 0)), uncut
    reference = of_role(timed, align.reference)
    rows = reference.select(["member_id", "session", "start_ns", "end_ns"]).rename_columns(
        ["sample_id", "session", "start_ns", "end_ns"]
    )
    return Spans(rows), reference_links(reference), LEFT_OUT.empty_table()


def _match(members: pa.Table, spans: Spans, align: Align) -> tuple[pa.Table, pa.Table]:
    """Links and losses of one role, in as few matches as there are lines."""
    asked = align.match_of(members["role"][0].as_py())
    tolerance_ns = USUAL_TOLERANCE_NS if asked.tolerance is None else asked.tolerance
    are_points = not (has_length(members) or has_length(spans.rows))
    way = ("nearest" if are_points else "overlap") if asked.match == "auto" else str(asked.match)
    links, left_out = [], []
    for own, samples in sessions_by_line(members, spans.rows, tolerance_ns):
        on_line = _OnLine(own, Spans(samples), lay_apart(own, samples, tolerance_ns))
        if way in _STAMP_PAIRS:
            found = _match_stamps(on_line, way, tolerance_ns)
        else:
            found = _match_overlap(on_line, align.least_share, asked.tolerance)
        links.append(found[0])
        left_out.append(found[1])
    return pa.concat_tables(links), pa.concat_tables(left_out)


@dataclass(frozen=True)
class _OnLine:
    """The members of a role and the samples of as many sessions as one line holds."""

    members: pa.Table
    spans: Spans
    line: Line

    def missed(self, rows: Int64s) -> Missed:
        return Missed(self.members, self.spans, self.line, rows)


_STAMP_PAIRS: dict[str, Callable[[Int64s, Int64s, int], Pairs]] = {
    "nearest": nearest_pairs,
    "nearest_per_sample": pairs_per_left,
    "nearest_per_member": pairs_per_right,
    "previous": previous_pairs,
}


def _match_stamps(on_line: _OnLine, way: str, tolerance_ns: int) -> tuple[pa.Table, pa.Table]:
    members, line = on_line.members, on_line.line
    pairs = _STAMP_PAIRS[way](line.sample_start_ns, line.start_ns, tolerance_ns)
    links = to_links(
        members.take(pairs.right_index),
        on_line.spans.rows.take(pairs.left_index),
        "previous" if way == "previous" else "nearest",
        lag_ns=pa.array(pairs.lag_ns),
    )
    missed = on_line.missed(_complement(members.num_rows, pairs.right_index))
    lost = lost_held if way == "previous" else lost_stamps
    return links, lost(missed, pairs, tolerance_ns)


def _match_overlap(
    on_line: _OnLine, least_share: float, tolerance_ns: int | None
) -> tuple[pa.Table, pa.Table]:
    members, spans, line = on_line.members, on_line.spans, on_line.line
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
    near, apart = _match_apart(on_line, _complement(members.num_rows, met.index), tolerance_ns)
    little = on_line.missed(np.setdiff1d(met.index, found.index))
    lost = [lost_apart(on_line.missed(apart)), lost_sharing(little, met, shares, least_share)]
    return pa.concat_tables([links, near]), pa.concat_tables(lost)


def _match_apart(on_line: _OnLine, rows: Int64s, tolerance_ns: int | None) -> tuple[pa.Table, Int64s]:
    """Links of the members that meet no sample to the nearest within the tolerance; the rows without one."""
    if tolerance_ns is None:
        return FOUND.empty_table(), rows
    nearest = nearest_spans(on_line.line, rows)
    near = (nearest.index >= 0) & (nearest.distance_ns <= tolerance_ns)
    room_ns = np.where(nearest.after, -nearest.distance_ns, nearest.distance_ns)
    links = to_links(
        on_line.members.take(rows[near]),
        on_line.spans.rows.take(nearest.index[near]),
        "nearest",
        lag_ns=pa.array(room_ns[near]),
    )
    return links, rows[~near]


def _complement(count: int, taken: Int64s) -> Int64s:
    free = np.ones(count, np.bool_)
    free[taken] = False
    return np.flatnonzero(free)
