"""Place members whose clock is warped: pieces that lie end to end, so that a span may reach over many.

reads   members that have a time, the rows of `clocks` by warping
writes  the members with their times on the reference clock, each end by the piece that it lies in; what lies
        outside of all pieces is not among them, and of what may be divided only the part inside is
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import Flags, Int64s, times_ns
from tasks.core.clock_line import line_of, to_reference_ns

WARP = "warp"


def place_warped(timed: pa.Table, clocks: pa.Table, divisible: Flags) -> pa.Table:
    """The members on warped clocks, or their parts, on the reference clock."""
    keys = clocks.select(["session", "clock"]).group_by(["session", "clock"], use_threads=False)
    placed = [timed.slice(0, 0)]
    for key in keys.aggregate([]).to_pylist():
        on_clock = [pc.equal(table[name], key[name]) for table in (timed, clocks) for name in key]
        own, pieces = pc.and_(*on_clock[:2]), clocks.filter(pc.and_(*on_clock[2:])).sort_by("piece")
        placed.append(_place(timed.filter(own), pieces, divisible[np.asarray(own)]))
    return pa.concat_tables(placed)


def _place(members: pa.Table, pieces: pa.Table, divisible: Flags) -> pa.Table:
    start_ns, end_ns = (times_ns(members, name) for name in ("start_ns", "end_ns"))
    bounds = times_ns(pieces, "from_ns")
    first_ns = np.maximum(start_ns, bounds[0])
    last_ns = np.minimum(end_ns, times_ns(pieces, "to_ns")[-1])
    whole = (first_ns == start_ns) & (last_ns == end_ns)
    kept = whole | (divisible & (last_ns > first_ns))
    found = members.filter(pa.array(kept))
    for name, own_ns in (("start_ns", first_ns[kept]), ("end_ns", last_ns[kept])):
        moved = pa.array(_moved(own_ns, bounds, pieces))
        found = found.set_column(found.schema.get_field_index(name), name, moved)
    return found


def _moved(own_ns: Int64s, bounds: Int64s, pieces: pa.Table) -> Int64s:
    """Each time by the piece that it lies in; on a border both say the same."""
    piece = np.searchsorted(bounds, own_ns, side="right") - 1
    moved = own_ns.copy()
    for number, row in enumerate(pieces.to_pylist()):
        inside = piece == number
        moved[inside] = to_reference_ns(own_ns[inside], line_of(row))
    return moved
