"""Pool the frames of a stream onto spans: what a sequence of any rate says during a word.

reads   a FrameStream and spans [start_ns, end_ns) on one clock, in any order
writes  Pooled: a row of numbers for every span, and how many frames each came from
rules   A frame belongs to every span that its interval meets, wholly or in part, and counts there as one, as
        in the alignment of CMU-MultimodalSDK (mmdatasdk/dataset/dataset.py, `__intersect_and_copy`). To
        touch is not to meet. The SDK leaves out what meets for less than 10 microseconds, because its times
        are floats; ours are whole nanoseconds, so that one is enough. It also drops words without length
        and frames without length; here they are points, and meet what is there at that moment, as in
        tasks/align/by_time/matching.py.
        A span that no frame meets is 0 everywhere, and its number of frames says so.
        With `steps` a span is cut into that many equal parts, and each is pooled: with the mean this is the
        resampling of a sequence to `steps` frames. A frame belongs to each part that it meets.
        Everything is reckoned in float64, frame after frame in the order of time (of equal starts the
        earlier end, then the lower row first). Frames in float32 are rounded to float32 once, at the end;
        what that cannot hold is infinite. Frames in float64 stay so: a position on earth needs it. A value
        that is no number makes what is pooled from it no number, but for `last`.
        std is that of the frames themselves (divided by their number), in two passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.align.by_time.matching import overlapping_pairs, stops_ns

Int64s = NDArray[np.int64]
Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Kind = Literal["mean", "max", "min", "std", "sum", "last"]

_SPANS_AT_ONCE = 1024


@dataclass(frozen=True)
class FrameStream:
    """Frame i has `values[i]`, in float32 or float64, and lasts from `start_ns[i]` until `end_ns[i]`.

    `names` are those of the channels, where they have some.
    """

    start_ns: Int64s
    end_ns: Int64s
    values: Float32s | Float64s
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pooled:
    """Row by row the spans: `values` (spans, kinds x steps x channels) and `frames` (spans, steps)."""

    values: Float32s | Float64s
    frames: Int64s


@dataclass(frozen=True)
class _Ranges:
    """The frames of span s are rows first[s] to stop[s] - 1 of the values, in the order of time."""

    values: Float32s | Float64s
    first: Int64s
    stop: Int64s


def pool_frames(
    stream: FrameStream, start_ns: Int64s, end_ns: Int64s, kinds: tuple[Kind, ...], steps: int = 1
) -> Pooled:
    """Every kind over every span, in the order of the spans; in a row all of one kind stand together."""
    from tasks.align.pool.kernels import LOOPS

    part_start_ns, part_end_ns = split_spans(start_ns, end_ns, steps)
    channels = stream.values.shape[1]
    values = np.zeros((len(part_start_ns), len(kinds), channels), stream.values.dtype)
    frames = np.zeros(len(part_start_ns), np.int64)
    for parts, ranges in _frame_ranges(stream, part_start_ns, part_end_ns):
        frames[parts] = ranges.stop - ranges.first
        for place, kind in enumerate(kinds):
            LOOPS[kind](ranges.values, ranges.first, ranges.stop, place, values[parts])
    rows = values.reshape(len(start_ns), steps, len(kinds), channels).transpose(0, 2, 1, 3)
    width = len(kinds) * steps * channels
    return Pooled(rows.reshape(len(start_ns), width), frames.reshape(len(start_ns), steps))


def pool_texts(
    said_ns: tuple[Int64s, Int64s], texts: list[str], spans_ns: tuple[Int64s, Int64s]
) -> tuple[list[str], Int64s]:
    """For every span (starts, ends) the texts that meet it, a blank between two, and how many: (spans, 1)."""
    pairs = overlapping_pairs(*spans_ns, *said_ns)
    counts = np.bincount(pairs.reference_index, minlength=len(spans_ns[0]))
    met = [texts[row] for row in pairs.index.tolist()]
    ends = np.cumsum(counts).tolist()
    joined = [" ".join(met[end - count : end]) for end, count in zip(ends, counts.tolist(), strict=True)]
    return joined, counts[:, None]


def meeting_any(frames_ns: tuple[Int64s, Int64s], spans_ns: tuple[Int64s, Int64s]) -> NDArray[np.bool_]:
    """Which frames (starts, ends) meet one of the spans (starts, ends) or several."""
    if not len(spans_ns[0]):
        return np.zeros(len(frames_ns[0]), np.bool_)
    order = np.argsort(spans_ns[0], kind="stable")
    last_stop_ns = np.maximum.accumulate(stops_ns(*spans_ns)[order])
    begun = np.searchsorted(spans_ns[0][order], stops_ns(*frames_ns), side="left")
    met: NDArray[np.bool_] = (begun > 0) & (last_stop_ns[begun - 1] > frames_ns[0])
    return met


def split_spans(start_ns: Int64s, end_ns: Int64s, steps: int) -> tuple[Int64s, Int64s]:
    """Each span in `steps` parts, one after the other; where they do not divide evenly, to the ns below."""
    if steps == 1:
        return start_ns, end_ns
    length_ns = (end_ns - start_ns)[:, None]
    whole, rest = length_ns // steps, length_ns % steps
    edge = np.arange(steps + 1, dtype=np.int64)
    edges_ns: Int64s = start_ns[:, None] + whole * edge + rest * edge // steps
    return edges_ns[:, :-1].reshape(-1), edges_ns[:, 1:].reshape(-1)


def _frame_ranges(stream: FrameStream, start_ns: Int64s, end_ns: Int64s) -> Iterator[tuple[slice, _Ranges]]:
    """Which frames each span has: a block of spans at a time where frames have to be copied together."""
    frame_stop_ns, span_stop_ns = stops_ns(stream.start_ns, stream.end_ns), stops_ns(start_ns, end_ns)
    if _never_falls(stream.start_ns) and _never_falls(stream.end_ns):
        first = np.searchsorted(frame_stop_ns, start_ns, side="right")
        stop = np.searchsorted(stream.start_ns, span_stop_ns, side="left")
        yield slice(0, len(start_ns)), _Ranges(_fixed(stream.values), first, stop)
        return
    order = np.lexsort((stream.end_ns, stream.start_ns))
    frame_start_ns, frame_end_ns = stream.start_ns[order], stream.end_ns[order]
    # Out of order, or a long frame outlasts later ones: the frames of a span do not lie side by side.
    for block in range(0, len(start_ns), _SPANS_AT_ONCE):
        spans = slice(block, block + _SPANS_AT_ONCE)
        pairs = overlapping_pairs(start_ns[spans], end_ns[spans], frame_start_ns, frame_end_ns)
        ends = np.cumsum(np.bincount(pairs.reference_index, minlength=len(start_ns[spans])))
        rows = stream.values[order[pairs.index]]
        yield spans, _Ranges(_fixed(rows), np.append(0, ends[:-1]), ends)


def _fixed(values: Float32s | Float64s) -> Float32s | Float64s:
    """The same values, not to be written: Numba compiles anew for what may be, and for what may not."""
    view = values.view() if values.flags.c_contiguous else values.copy()
    view.flags.writeable = False
    return view


def _never_falls(times_ns: Int64s) -> bool:
    return bool(np.all(times_ns[1:] >= times_ns[:-1]))
