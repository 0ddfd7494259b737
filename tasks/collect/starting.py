"""Where a recording begins when nothing says so: one that is alone begins its own clock.

reads   items (as collected)
writes  items, with start_ns 0 for each sound or video that is the only one of its session, role and clock;
        what was taken out of a video counts from there too, no longer from the start of the video
Several recordings of one role on one clock cannot all begin it: they keep no start, so that aligning by time
leaves them out by name instead of laying them on top of each other. Their `start` belongs in batch.yaml. What
was taken out of them has none either.
"""

import pyarrow as pa
import pyarrow.compute as pc

_STREAM = ("session", "role", "clock")


def start_lone_recordings(items: pa.Table) -> pa.Table:
    """The items, in their order."""
    recorded = pc.or_(pc.equal(items["modality"], "audio"), pc.equal(items["modality"], "video"))
    recorded = pc.and_(recorded, pc.is_null(items["derived_from"]))
    streams = pc.binary_join_element_wise(*(items[name] for name in _STREAM), "\x00")
    counts = pc.value_counts(streams.filter(recorded).combine_chunks())
    lone = counts.field("values").filter(pc.equal(counts.field("counts"), 1))
    begins = pc.and_(recorded, pc.is_in(streams, value_set=lone))
    start_ns = pc.if_else(
        pc.and_(begins, pc.is_null(items["start_ns"])), pa.scalar(0, pa.int64()), items["start_ns"]
    )
    return _with_starts(items, _started_within(items, start_ns))


def _started_within(items: pa.Table, start_ns: pa.ChunkedArray) -> pa.ChunkedArray:
    """The starts; of what was taken out of another item, counted from that one's start."""
    place = pc.index_in(items["derived_from"], value_set=items["item_id"].combine_chunks())
    moved = pc.add(start_ns, start_ns.combine_chunks().take(place))
    return pc.if_else(pc.is_valid(items["derived_from"]), moved, start_ns)


def _with_starts(items: pa.Table, start_ns: pa.ChunkedArray) -> pa.Table:
    position = items.schema.get_field_index("start_ns")
    return items.set_column(position, items.schema.field("start_ns"), start_ns)
