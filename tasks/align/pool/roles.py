"""Pool the roles that batch.yaml names onto the samples, session by session.

reads   the samples' spans and the members on the reference clock, items, labels, clocks, encoded, media
writes  pooled/<role>.arrow (see tasks/core/pooled.py), and what coverage.json says of it
rules   All items of a role in a session are one stream, whatever they are called: where they overlap, frames
        of both belong to a span. Every sample has its row: where nothing was to pool it is 0, with 0 frames,
        and counted. An item without frames, or with another number of channels than the role's first, is
        counted with its reason, and so is each frame that no piece of its clock covers, or that no span
        meets. Memory holds one session's frames of one role.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import times_ns
from tasks.align.pool.frame_clocks import FrameClocks
from tasks.align.pool.item_frames import ItemFrames, moment_ends
from tasks.align.pool.pooling import FrameStream, Kind, pool_frames, pool_texts
from tasks.align.pool.tally import Tally
from tasks.core.align_entry import Pool
from tasks.core.pooled import POOLED_FOLDER, POOLED_SUFFIX, Numbers, PooledForm, PooledRows, write_pooled

_NO_SAMPLE = "its session has no sample"


@dataclass(frozen=True)
class PoolInputs:
    """What is pooled, of one batch: spans have sample_id, session, start_ns and end_ns.

    `texts` are what items and labels say, by member_id, with their times on the reference clock. `names` are
    those of the columns that rows of numbers come from, by role.
    """

    spans: pa.Table
    items: pa.Table
    texts: pa.Table
    clocks: pa.Table
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)


def pool_role(role: str, pool: Pool, inputs: PoolInputs, finder: ItemFrames, output: Path) -> dict[str, Any]:
    """Write the role's file, where it has anything to pool; the report of it."""
    tally = Tally()
    path = output / POOLED_FOLDER / f"{role}{POOLED_SUFFIX}"
    if "concat" in pool.kinds:
        texts = inputs.texts.filter(pc.equal(inputs.texts["role"], role))
        tally.items = len(texts["member_id"].unique())
        write_pooled(path, _text_rows(texts, inputs, tally), PooledForm(pool.kinds, 1, 0))
        return tally.report(pool, 0)
    items = inputs.items.filter(pc.equal(inputs.items["role"], role)).sort_by("item_id")
    tally.items = items.num_rows
    like = _first_frames(items, finder, inputs.names.get(role, ()))
    channels = like.values.shape[1]
    form = PooledForm(pool.kinds, pool.steps, channels, like.names, str(like.values.dtype))
    rows = _frame_rows(_Role(items, like, pool), inputs, finder, tally)
    if channels:
        write_pooled(path, rows, form)
    else:
        for _ in rows:  # nothing to write, but why is to be told
            pass
    return tally.report(pool, channels) | {"names": list(form.names)}


@dataclass(frozen=True)
class _Role:
    """The items of a role; `like` has the channels of all of them, and the type of their numbers."""

    items: pa.Table
    like: FrameStream
    pool: Pool

    @property
    def none(self) -> FrameStream:
        """Frames of the role, but no frame."""
        nothing = np.empty(0, np.int64)
        return FrameStream(nothing, nothing, self.like.values[:0])


def _sessions(rows: pa.Table, *then_by: str) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each session, in that order."""
    ordered = rows.sort_by([(name, "ascending") for name in ("session", *then_by)])
    codes = ordered["session"].combine_chunks().dictionary_encode()
    edges = np.flatnonzero(np.diff(codes.indices.to_numpy(), prepend=-1, append=-1)).tolist()
    for first, stop in pairwise(edges):
        yield ordered["session"][first].as_py(), ordered.slice(first, stop - first)


def _first_frames(items: pa.Table, finder: ItemFrames, names: tuple[str, ...]) -> FrameStream:
    """The frames of the first item that has some; of no channel where none has.

    `names` are those of single rows of numbers, which do not tell them.
    """
    for rows in items.to_batches(max_chunksize=64):
        for item in rows.to_pylist():
            stream = finder.find(item)
            if isinstance(stream, FrameStream):
                fits = item["modality"] == "signal" and len(names) == stream.values.shape[1]
                return replace(stream, names=stream.names or (names if fits else ()))
    nothing = np.empty(0, np.int64)
    return FrameStream(nothing, nothing, np.empty((0, 0), np.float32))


def _frame_rows(role: _Role, inputs: PoolInputs, finder: ItemFrames, tally: Tally) -> Iterator[PooledRows]:
    clocks = FrameClocks(inputs.clocks)
    kinds = cast(tuple[Kind, ...], role.pool.kinds)
    items = dict(_sessions(role.items, "item_id"))
    for session, spans in _sessions(inputs.spans, "sample_id"):
        own = replace(role, items=items.pop(session, role.items.slice(0, 0)))
        stream = _session_stream(own, clocks, finder, tally)
        ids = spans["sample_id"].to_pylist()
        spans_ns = times_ns(spans, "start_ns"), times_ns(spans, "end_ns")
        pooled = pool_frames(stream, *spans_ns, kinds, role.pool.steps)
        tally.count_samples(ids, pooled.frames)
        tally.count_frames((stream.start_ns, stream.end_ns), spans_ns)
        yield PooledRows(ids, pooled.values, pooled.frames)
    for stranded in items.values():
        for name in stranded["item_id"].to_pylist():
            tally.leave_out(name, _NO_SAMPLE)


def _session_stream(role: _Role, clocks: FrameClocks, finder: ItemFrames, tally: Tally) -> FrameStream:
    """All frames of the items on the reference clock; single moments without an end hold until the next."""
    lasting: list[FrameStream] = []
    moments: list[FrameStream] = []
    for rows in role.items.to_batches(max_chunksize=1024):
        for item in rows.to_pylist():
            found = finder.find(item, role.pool.hold)
            placed = _placed(found, item, role.like.values.shape[1], clocks)
            if isinstance(found, str) or isinstance(placed, str):
                tally.leave_out(item["item_id"], str(placed))
                continue
            tally.leave_frames_out(item["item_id"], len(found.start_ns) - len(placed.start_ns))
            single = len(found.start_ns) == 1 and item["duration_ns"] is None
            (moments if single else lasting).append(placed)
    if moments:
        together = _joined([role.none, *moments])
        order = np.argsort(together.start_ns, kind="stable")
        start_ns = together.start_ns[order]
        lasting.append(FrameStream(start_ns, moment_ends(start_ns, role.pool.hold), together.values[order]))
    return _joined([role.none, *lasting])


def _placed(
    found: FrameStream | str, item: dict[str, Any], channels: int, clocks: FrameClocks
) -> FrameStream | str:
    """The item's frames on the reference clock, or why none of them belongs to the role's stream."""
    if isinstance(found, str):
        return found
    if found.values.shape[1] != channels:
        return f"it has {found.values.shape[1]} channels, and the role's first {channels}"
    placed = clocks.place(found, item["session"], item["clock"])
    return "its clock is not known" if placed is None else placed


def _joined(streams: Sequence[FrameStream]) -> FrameStream:
    """The frames of all; of the first, which has none, the type of the numbers."""
    like = streams[0].values
    if len(streams) == 2:
        return replace(streams[1], values=_of_type(streams[1].values, like))
    return FrameStream(
        np.concatenate([part.start_ns for part in streams]),
        np.concatenate([part.end_ns for part in streams]),
        np.concatenate([_of_type(part.values, like) for part in streams]),
    )


def _of_type(values: Numbers, like: Numbers) -> Numbers:
    if like.dtype == np.float64:
        return values.astype(np.float64, copy=False)
    return values.astype(np.float32, copy=False)


def _text_rows(texts: pa.Table, inputs: PoolInputs, tally: Tally) -> Iterator[PooledRows]:
    has_sample = pc.is_in(texts["session"], inputs.spans["session"].combine_chunks())
    for name in texts.filter(pc.invert(has_sample))["member_id"].unique().to_pylist():
        tally.leave_out(name, _NO_SAMPLE)
    texts = texts.filter(has_sample)
    speaking = pc.and_(pc.is_valid(texts["text"]), pc.is_valid(texts["start_ns"]))
    for name in texts.filter(pc.invert(speaking))["member_id"].unique().to_pylist():
        tally.leave_out(name, "it has no time, or says nothing")
    said_in = dict(_sessions(texts.filter(speaking), "start_ns", "end_ns", "member_id"))
    for session, spans in _sessions(inputs.spans, "sample_id"):
        said = said_in.get(session, texts.slice(0, 0))
        said_ns = times_ns(said, "start_ns"), times_ns(said, "end_ns")
        spans_ns = times_ns(spans, "start_ns"), times_ns(spans, "end_ns")
        joined, frames = pool_texts(said_ns, said["text"].to_pylist(), spans_ns)
        ids = spans["sample_id"].to_pylist()
        tally.count_samples(ids, frames)
        tally.count_frames(said_ns, spans_ns)
        yield PooledRows(ids, joined, frames)
