"""The part of a sequence that a span of the reference clock covers.

reads   clocks of one batch, frames of an item
writes  frame ranges and their statistics (in memory)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tasks.core.clock_line import own_span_ns, pieces_by_clock
from tasks.core.vectors import Frames, Matrix


@dataclass(frozen=True, slots=True)
class OwnSpan:
    """A span from the start of an item: [start_ns, end_ns)."""

    start_ns: int
    end_ns: int


class ItemClocks:
    """The way back from the reference clock to the clock of an item."""

    def __init__(self, clocks: pa.Table) -> None:
        self._pieces = pieces_by_clock(clocks.to_pylist())

    def own_span(self, item: Mapping[str, Any], start_ns: int | None, end_ns: int | None) -> OwnSpan | None:
        """The span as the item sees it; None where the link has none, which means the whole item."""
        pieces = self._pieces.get((item.get("session", ""), item.get("clock", "")))
        if pieces is None or start_ns is None or end_ns is None or item["start_ns"] is None:
            return None
        first_ns, last_ns = own_span_ns(start_ns, end_ns, pieces)
        return OwnSpan(first_ns - item["start_ns"], last_ns - item["start_ns"])


def span_statistics(frames: Frames, span: OwnSpan | None) -> Matrix | None:
    """Means, then standard deviations, of the frames that the span meets; None where it meets none."""
    covered = frames.matrix if span is None else frames.matrix[_frames_met(frames, span)]
    if not len(covered):
        return None
    return np.concatenate([covered.mean(axis=0), covered.std(axis=0)])


def _frames_met(frames: Frames, span: OwnSpan) -> slice:
    """A frame belongs to each span that its interval meets; a span without length is a point in one frame."""
    first = (span.start_ns - frames.start_ns) // frames.step_ns
    stop = -(-(span.end_ns - frames.start_ns) // frames.step_ns)
    if span.end_ns <= span.start_ns:
        stop = first + 1
    return slice(max(first, 0), max(stop, 0))
