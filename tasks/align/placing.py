"""Place members on the reference clock, piece by piece of their own clocks.

reads   members, clocks
writes  the same members with their times on the reference clock; those that no piece takes whole, and why

A recording (an item of sound, video or a signal that is not itself what samples are made of) that lies
across a jump is split: it has a row for each piece of its clock, with the part that the piece covers.
Whatever else lies across a jump, or where no piece covers it, has no place; nor has what its clock puts
before 1897 or after 2116, where the distances between times are no longer int64.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import Flags, Int64s, rows_where, split_by_time, times_ns, without_times
from tasks.align.result import Aligned, joined, left_out_rows
from tasks.align.untold import explain_untold
from tasks.align.warp.placing import WARP, place_warped
from tasks.core.rejects import Reason
from tasks.core.times import FIRST_ALIGNED_NS, LAST_ALIGNED_NS

_DIVISIBLE = ("audio", "signal", "video")
_LINE = ("from_ns", "to_ns", "anchor_ns", "offset_ns", "drift_ppm")
_FIRST_NS, _LAST_NS = -(2**63), 2**63 - 1
_LINK_KEY = ["sample_id", "role", "member_id"]


@dataclass(frozen=True)
class ClocksTold:
    """The table `clocks`, and why each (session, clock) that is not in it could not be told."""

    table: pa.Table
    unknown: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Placed:
    """`members` on the reference clock; `lost` have a time, and are left out since it is not known there.

    `has_parts`: some member has a row for each of several pieces of its clock.
    """

    members: pa.Table
    lost: pa.Table
    has_parts: bool


def place_on_reference(
    members: pa.Table, clocks: pa.Table, unknown: Mapping[tuple[str, str], str], reference_role: str
) -> Placed:
    """Every member that has a time is placed or lost; one without a time is as it was."""
    timed, untimed = split_by_time(members)
    timed = timed.append_column("row", pa.array(np.arange(timed.num_rows)))
    told = clocks.filter(pc.is_valid(clocks["offset_ns"]))
    warped = pc.equal(told["method"], WARP)
    placed = [place_warped(timed, told.filter(warped), _is_divisible(timed, reference_role))]
    straight = told.filter(pc.invert(warped))
    beyond = [timed.slice(0, 0)]
    for number in range(1 + (pc.max(straight["piece"]).as_py() or 0)):
        pieces = straight.filter(pc.equal(straight["piece"], number))
        moved, too_far = _placed_by(timed, pieces, reference_role)
        placed.append(moved)
        beyond.append(too_far)
    every = pa.concat_tables(placed)
    parts, strayed = (
        np.bincount(times_ns(table, "row"), minlength=timed.num_rows)
        for table in (every, pa.concat_tables(beyond))
    )
    lost = rows_where(timed, (parts == 0) & (strayed == 0))
    # Of a recording that has a part in reach nothing is told of the others, and each member is lost once.
    out_of_reach = rows_where(timed, (parts == 0) & (strayed > 0))
    return Placed(
        pa.concat_tables([untimed, every.drop_columns(["row"])]),
        pa.concat_tables([explain_untold(lost, clocks, unknown), _left_out_of_reach(out_of_reach)]),
        bool((parts > 1).any()),
    )


def settle_parts(aligned: Aligned) -> Aligned:
    """Of the parts of a member in one sample the longest; a member in a sample is not left out.

    Where no member has parts there is nothing to settle.
    """
    links = _longest_parts(aligned.links)
    left_out = aligned.left_out
    left_out = left_out.filter(
        pc.invert(pc.is_in(left_out["member_id"], links["member_id"].combine_chunks()))
    )
    return replace(aligned, links=links, left_out=left_out.take(_first_rows(left_out, ["member_id"])))


def _placed_by(timed: pa.Table, pieces: pa.Table, reference_role: str) -> tuple[pa.Table, pa.Table]:
    """The members, or their parts, that a piece of their clock covers, and those that it puts out of reach.

    There is one piece for each clock.
    """
    position = pc.index_in(_clock_keys(timed), _clock_keys(pieces).combine_chunks())
    members = rows_where(timed, np.asarray(pc.is_valid(position)))
    rows = pieces.select(_LINE).take(position.drop_null())
    start_ns, end_ns = (times_ns(members, name) for name in ("start_ns", "end_ns"))
    first_ns = np.maximum(start_ns, times_ns(_closed(rows, "from_ns", _FIRST_NS), "from_ns"))
    last_ns = np.minimum(end_ns, times_ns(_closed(rows, "to_ns", _LAST_NS), "to_ns"))
    whole = (first_ns == start_ns) & (last_ns == end_ns)
    kept = whole | (_is_divisible(members, reference_role) & (last_ns > first_ns))
    reached = _is_in_reach(first_ns, rows) & _is_in_reach(last_ns, rows)
    found = rows_where(members, kept & reached)
    for name, own_ns in (("start_ns", first_ns), ("end_ns", last_ns)):
        moved = pa.array(_to_reference_ns(own_ns, rows)[kept & reached])
        found = found.set_column(found.schema.get_field_index(name), name, moved)
    return found, rows_where(members, kept & ~reached)


def _is_in_reach(own_ns: Int64s, rows: pa.Table) -> Flags:
    """Which of the times on the clocks of the rows can be aligned: reckoned in floats, which do not wrap."""
    anchor_ns, offset_ns = (times_ns(rows, name) for name in ("anchor_ns", "offset_ns"))
    drifted_ns = (own_ns.astype(np.float64) - anchor_ns) * (rows["drift_ppm"].to_numpy() / 1e6)
    moved_ns = own_ns.astype(np.float64) + offset_ns + drifted_ns
    in_reach: Flags = (moved_ns >= FIRST_ALIGNED_NS) & (moved_ns <= LAST_ALIGNED_NS)
    return in_reach


def _left_out_of_reach(members: pa.Table) -> pa.Table:
    details = joined(
        *("its clock '", members["clock"], "' puts it before 1897 or after 2116, where nothing is aligned;"),
        " are its time, and the offset and drift of the clock, right? no candidate",
    )
    return left_out_rows(without_times(members), Reason.TIME_OUT_OF_REACH, details)


def _is_divisible(members: pa.Table, reference_role: str) -> Flags:
    """Labels have no modality of their own, so that they are never split."""
    kinds = pc.is_in(members["modality"], pa.array(_DIVISIBLE))
    return np.asarray(pc.and_(kinds, pc.not_equal(members["role"], reference_role)))


def _to_reference_ns(own_ns: Int64s, rows: pa.Table) -> Int64s:
    """Each time by the line of its row."""
    anchor_ns, offset_ns = (times_ns(rows, name) for name in ("anchor_ns", "offset_ns"))
    drift = rows["drift_ppm"].to_numpy() / 1e6
    moved: Int64s = own_ns + offset_ns + np.rint((own_ns - anchor_ns) * drift).astype(np.int64)
    return moved


def _closed(rows: pa.Table, name: str, open_ns: int) -> pa.Table:
    """The column with a time where the piece is open."""
    return rows.select([name]).set_column(0, name, rows[name].fill_null(open_ns))


def _clock_keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["session"], table["clock"], "\x00")


def _longest_parts(links: pa.Table) -> pa.Table:
    if len(_first_rows(links, _LINK_KEY)) == links.num_rows:
        return links
    length_ns = pc.fill_null(pc.subtract(links["end_ns"], links["start_ns"]), 0).to_numpy()
    ordered = links.take(np.argsort(-length_ns, kind="stable"))
    return ordered.take(_first_rows(ordered, _LINK_KEY))


def _first_rows(table: pa.Table, key: list[str]) -> pa.Array:
    """The first row of each key, in their order."""
    numbered = table.select(key).append_column("row", pa.array(np.arange(table.num_rows)))
    return numbered.group_by(key, use_threads=False).aggregate([("row", "min")])["row_min"].sort()
