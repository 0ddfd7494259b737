"""Streams: what each clock of a session delivered in each role, and from when to when on the reference clock.

reads   members, placed on the reference clock
writes  streams (without batch)
"""

import pyarrow as pa
import pyarrow.compute as pc


def to_streams(placed: pa.Table) -> pa.Table:
    """One row per session, role and clock, of the members that have a time."""
    timed = placed.filter(pc.is_valid(placed["start_ns"]))
    groups = timed.group_by(["session", "role", "clock"], use_threads=False).aggregate(
        [("member_id", "count_distinct"), ("start_ns", "min"), ("end_ns", "max")]
    )
    return groups.rename_columns(["session", "role", "clock", "members", "start_ns", "end_ns"])
