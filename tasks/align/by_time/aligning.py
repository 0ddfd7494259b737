"""Align by time: members meet the reference's spans on the reference clock, session by session.

Sessions are laid one after the other on one line, further apart than the tolerance, so that one vectorised
match serves them all. `nearest` is one-to-one within the tolerance, closest first; `overlap` links each
member to every span with which it shares at least `least_share` of the shorter of the two; `auto` is nearest
where neither side has a length, and overlap elsewhere.

reads   members, with their times on the reference clock
writes  links (method "nearest", "overlap" or "item"), left out
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_time.losses import Missed, lost_apart, lost_sharing, lost_stamps
from tasks.align.by_time.matching import (
    nearest_pairs,
    overlapping_pairs,
    pairs_where,
    shares_of,
)
from tasks.align.by_time.spans import Line, Spans, has_length, lay_apart, sessions_by_line
from tasks.align.by_time.windows import cut_windows
from tasks.align.members import Int64s, of_role, roles_of, split_by_time, times_ns
from tasks.align.result import (
    LEFT_OUT,
    Aligned,
    followers,
    joined,
    left_out_rows,
    reference_links,
    to_links,
)
from tasks.core.align_entry import Align, Windows
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
    are_points = not (has_length(members) or has_length(spans.rows))
    nearest = align.match == "nearest" or (align.match == "auto" and are_points)
    links, left_out = [], []
    for own, samples in sessions_by_line(members, spans.rows, align.tolerance_ns):
        line = lay_apart(own, samples, align.tolerance_ns)
        if nearest:
            found = _match_nearest(own, Spans(samples), line, align.tolerance_ns)
        else:
            found = _match_overlap(own, Spans(samples), line, align.least_share)
        links.append(found[0])
        left_out.append(found[1])
    return pa.concat_tables(links), pa.concat_tables(left_out)


def _match_nearest(
    members: pa.Table, spans: Spans, line: Line, tolerance_ns: int
) -> tuple[pa.Table, pa.Table]:
    pairs = nearest_pairs(line.sample_start_ns, line.start_ns, tolerance_ns)
    links = to_links(
        members.take(pairs.right_index),
        spans.rows.take(pairs.left_index),
        "nearest",
        lag_ns=pa.array(pairs.lag_ns),
    )
    missed = _complement(members.num_rows, pairs.right_index)
    return links, lost_stamps(Missed(members, spans, line, missed), pairs, tolerance_ns)


def _match_overlap(
    members: pa.Table, spans: Spans, line: Line, least_share: float
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
    apart = _complement(members.num_rows, met.index)
    little = Missed(members, spans, line, np.setdiff1d(met.index, found.index))
    lost = [lost_apart(Missed(members, spans, line, apart)), lost_sharing(little, met, shares, least_share)]
    return links, pa.concat_tables(lost)


def _complement(count: int, taken: Int64s) -> Int64s:
    free = np.ones(count, np.bool_)
    free[taken] = False
    return np.flatnonzero(free)
