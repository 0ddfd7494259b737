"""Where a recording begins when nothing says so: one that is alone begins its own clock.

reads   items (as collected), the clocks of batch.yaml
writes  items, with start_ns 0 for each sound or video that is the only one of its session, role and clock;
        with that of the end of the one before for each of several on a clock that is `chapters: consecutive`
        or `sync: audio`; what was taken out of a video counts from there too, no longer from the start of the
        video
Several recordings of one role on another clock cannot all begin it: they keep no start, so that aligning by
time leaves them out by name instead of laying them on top of each other. Their `start` belongs in batch.yaml.
What was taken out of them has none either. On a clock that is told by sound every file is heard by itself, so
that any start of its own will do; it comes after whatever says when it starts.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.clock_entry import Clock

_STREAM = ("session", "role", "clock")
_RECORDED = ("item_id", "start_ns", "duration_ns", "readable", *_STREAM)


def start_recordings(items: pa.Table, clocks: Mapping[str, Clock | str]) -> pa.Table:
    """The items, in their order."""
    return _started_within_others(_with_chapters(items, clocks))


def _with_chapters(items: pa.Table, clocks: Mapping[str, Clock | str]) -> pa.Table:
    """The items, the files of clocks whose files may follow each other laid end to end."""
    told = {name: clock for name, clock in clocks.items() if isinstance(clock, Clock)}
    consecutive = [name for name, clock in told.items() if clock.chapters]
    heard = [name for name, clock in told.items() if clock.sync == "audio" and not clock.chapters]
    if not consecutive and not heard:
        return items
    on_these = pc.is_in(items["clock"], value_set=pa.array([*consecutive, *heard], pa.string()))
    own = pc.and_(_are_recordings(items), on_these)
    rows = items.filter(own).select(_RECORDED).to_pylist()
    streams: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        streams.setdefault((row["session"], row["role"], row["clock"]), []).append(row)
    starts: dict[str, int] = {}
    after: dict[tuple[str, str], int] = {}
    for (session, _, clock), files in sorted(streams.items()):
        if len(files) == 1 or all(row["start_ns"] is not None for row in files):
            continue
        if clock in consecutive:
            starts |= _end_to_end(files, 0)
            continue
        # Roles of one clock lie one after the other, too: no two files may claim one time.
        told_ns = [row["start_ns"] + (row["duration_ns"] or 0) for row in rows if _is_of(row, session, clock)]
        begin_ns = max([after.get((session, clock), 0), *told_ns])
        laid = _end_to_end([row for row in files if row["start_ns"] is None], begin_ns)
        starts |= laid
        lengths_ns = [row["duration_ns"] for row in files if row["item_id"] in laid]
        after[session, clock] = begin_ns + sum(lengths_ns)
    if not starts:
        return items
    found = pa.array([starts.get(item_id) for item_id in items["item_id"].to_pylist()], pa.int64())
    return _with_starts(items, pc.coalesce(items["start_ns"], found))


def _started_within_others(items: pa.Table) -> pa.Table:
    recorded = _are_recordings(items)
    streams = pc.binary_join_element_wise(*(items[name] for name in _STREAM), "\x00")
    counts = pc.value_counts(streams.filter(recorded).combine_chunks())
    lone = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
    begins = pc.and_(recorded, pc.is_in(streams, value_set=lone))
    start_ns = pc.if_else(
        pc.and_(begins, pc.is_null(items["start_ns"])), pa.scalar(0, pa.int64()), items["start_ns"]
    )
    return _with_starts(items, _started_within(items, start_ns))


def _are_recordings(items: pa.Table) -> pa.ChunkedArray:
    recorded = pc.or_(pc.equal(items["modality"], "audio"), pc.equal(items["modality"], "video"))
    return pc.and_(recorded, pc.is_null(items["derived_from"]))


def _end_to_end(files: Iterable[dict[str, Any]], begin_ns: int) -> dict[str, int]:
    """The start of each file in the order of their names; none after one whose length is not known."""
    starts: dict[str, int] = {}
    at_ns: int | None = begin_ns
    for row in sorted(files, key=lambda row: _by_number(row["item_id"])):
        if row["start_ns"] is not None:
            at_ns = row["start_ns"]
        if at_ns is None or row["duration_ns"] is None:
            at_ns = None
            continue
        starts[row["item_id"]] = at_ns
        at_ns += row["duration_ns"]
    return starts


def _by_number(name: str) -> list[tuple[int, str]]:
    """The name as a key by which file 10 comes after file 9."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isdecimal() and len(part) < 20 else (-1, part) for part in parts]


def _is_of(row: dict[str, Any], session: str, clock: str) -> bool:
    return row["start_ns"] is not None and (row["session"], row["clock"]) == (session, clock)


def _started_within(items: pa.Table, start_ns: pa.ChunkedArray) -> pa.ChunkedArray:
    """The starts; of what was taken out of another item, counted from that one's start."""
    place = pc.index_in(items["derived_from"], value_set=items["item_id"].combine_chunks())
    moved = pc.add(start_ns, start_ns.combine_chunks().take(place))
    return pc.if_else(pc.is_valid(items["derived_from"]), moved, start_ns)


def _with_starts(items: pa.Table, start_ns: pa.ChunkedArray) -> pa.Table:
    position = items.schema.get_field_index("start_ns")
    return items.set_column(position, items.schema.field("start_ns"), start_ns)
