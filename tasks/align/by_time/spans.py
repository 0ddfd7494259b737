"""The spans of samples and of the members of one role, every session moved to a place of its own on one line.

reads   samples and members, with their times on the reference clock
writes  Line: int64 ns; sessions lie one after the other, further apart than the tolerance, so that one
        vectorised match serves them all
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tasks.align.members import Int64s, times_ns


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

    @property
    def has_length(self) -> bool:
        lengths = ((self.sample_start_ns, self.sample_end_ns), (self.start_ns, self.end_ns))
        return any(bool(np.any(end > start)) for start, end in lengths)


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
    room_ns = np.cumsum(last_ns - first_ns + 2 * tolerance_ns + 2)
    shift_ns = (np.concatenate([[0], room_ns[:-1]]) - first_ns)[codes] if count else np.empty(0, np.int64)
    split = samples.num_rows
    start_ns, end_ns = start_ns + shift_ns, end_ns + shift_ns
    return Line(
        start_ns[:split], end_ns[:split], codes[:split], start_ns[split:], end_ns[split:], codes[split:]
    )
