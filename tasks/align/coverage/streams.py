"""Streams: what each clock of a session delivered in each role, and from when to when on the reference clock.

reads   members, placed on the reference clock
writes  streams (without batch)
"""

import pyarrow as pa

from tasks.align.members import split_by_time


def to_streams(placed: pa.Table, *, has_parts: bool) -> pa.Table:
    """One row per session, role and clock, of the members that have a time; one in parts counts once."""
    timed, _ = split_by_time(placed)
    counting = "count_distinct" if has_parts else "count"
    groups = timed.group_by(["session", "role", "clock"], use_threads=False).aggregate(
        [("member_id", counting), ("start_ns", "min"), ("end_ns", "max")]
    )
    return groups.rename_columns(["session", "role", "clock", "members", "start_ns", "end_ns"])
