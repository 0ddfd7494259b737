"""The spans of samples and of the members of one role, every session moved to a place of its own on one line.

reads   samples and members, with their times on the reference clock
writes  Line: int64 ns; sessions lie one after the other, further apart than the tolerance and than each is
        long, so that one vectorised match or search serves them all
rules   What one line of int64 cannot hold is laid on several: sessions that last decades, and very many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.align.members import Int64s, rows_where, times_ns

_LONGEST_LINE_NS = 2**62
Lengths = TypeVar("Lengths", int, Int64s, NDArray[np.float64])


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


@dataclass(frozen=True)
class Line:
    """Times of samples and members on the line, and the number of the session of each.

    The sessions lie on the line in the order of their numbers.
    """

    sample_start_ns: Int64s
    sample_end_ns: Int64s
    sample_session: Int64s
    start_ns: Int64s
    end_ns: Int64s
    session: Int64s


def has_length(rows: pa.Table) -> bool:
    """Whether any of the spans is more than a point."""
    return bool(np.any(times_ns(rows, "end_ns") > times_ns(rows, "start_ns")))


def sessions_by_line(
    members: pa.Table, samples: pa.Table, tolerance_ns: int
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The members and samples of as many sessions as one line holds, and then of the next; mostly of all."""
    both = pa.concat_tables([table.select(["session", "start_ns", "end_ns"]) for table in (samples, members)])
    groups = both.group_by("session", use_threads=False)
    extents = groups.aggregate([("start_ns", "min"), ("end_ns", "max")]).sort_by("session")
    length_ns = times_ns(extents, "end_ns_max") - times_ns(extents, "start_ns_min")
    # In floats: what is too long for a line can be too long for int64.
    if _room_ns(length_ns.astype(np.float64), tolerance_ns).sum() <= _LONGEST_LINE_NS:
        yield members, samples
        return
    lines = _line_of_each([_room_ns(own_ns, tolerance_ns) for own_ns in length_ns.tolist()])
    sessions = extents["session"].combine_chunks()
    own, other = (lines[np.asarray(pc.index_in(rows["session"], sessions))] for rows in (members, samples))
    for number in range(int(lines[-1]) + 1):
        yield rows_where(members, own == number), rows_where(samples, other == number)


def _room_ns(length_ns: Lengths, tolerance_ns: int) -> Lengths:
    """What a session takes of a line: its own length, as much before and after it, and the tolerance."""
    return 3 * length_ns + 2 * tolerance_ns + 2


def _line_of_each(room_ns: list[int]) -> Int64s:
    """The number of the line on which each session lies, filled one after the other."""
    lines, number, filled_ns = [], 0, 0
    for own_ns in room_ns:
        if filled_ns and filled_ns + own_ns > _LONGEST_LINE_NS:
            number, filled_ns = number + 1, 0
        filled_ns += own_ns
        lines.append(number)
    return np.array(lines, np.int64)


def lay_apart(members: pa.Table, samples: pa.Table, tolerance_ns: int) -> Line:
    """The line of these samples and members."""
    both = pa.concat_tables([table.select(["session", "start_ns", "end_ns"]) for table in (samples, members)])
    codes = np.asarray(both["session"].combine_chunks().dictionary_encode().indices.to_numpy(), np.int64)
    start_ns, end_ns = times_ns(both, "start_ns"), times_ns(both, "end_ns")
    count = int(codes.max()) + 1 if len(codes) else 0
    first_ns = np.full(count, np.iinfo(np.int64).max)
    last_ns = np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first_ns, codes, start_ns)
    np.maximum.at(last_ns, codes, np.maximum(start_ns, end_ns))
    length_ns = last_ns - first_ns
    room_ns = _room_ns(length_ns, tolerance_ns)
    # The first session needs no room before it, and may be as long as int64 is.
    begin_ns = np.cumsum(room_ns) - room_ns + length_ns - length_ns[:1].sum()
    shift_ns = (begin_ns - first_ns)[codes]
    split = samples.num_rows
    start_ns, end_ns = start_ns + shift_ns, end_ns + shift_ns
    return Line(
        start_ns[:split], end_ns[:split], codes[:split], start_ns[split:], end_ns[split:], codes[split:]
    )
