"""Frames on the reference clock, each by the piece of its own clock that covers it.

reads   frames on the clock of their item, the table `clocks`
writes  the frames that a piece covers, on the reference clock, in the order in which they came
rules   A frame across a jump, or where nothing tells the clock, is not moved by a line that is not its own:
        it is not there. The pieces of a warped clock lie end to end, so that a frame may reach over them.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tasks.align.pool.pooling import FrameStream, Int64s
from tasks.align.warp.placing import WARP
from tasks.core.clock_line import ClockPiece, pieces_by_clock, to_reference_ns


class FrameClocks:
    """The clocks of a batch, by session and name."""

    def __init__(self, clocks: pa.Table) -> None:
        rows = clocks.to_pylist()
        self._pieces = pieces_by_clock(rows)
        self._warped = {(row["session"], row["clock"]) for row in rows if row["method"] == WARP}

    def place(self, frames: FrameStream, session: str, clock: str | None) -> FrameStream | None:
        """The frames that are covered, on the reference clock; None where the clock is not known.

        Frames on no clock are on the reference clock already.
        """
        if clock is None:
            return frames
        pieces = self._pieces.get((session, clock))
        if pieces is None:
            return None
        first_ns, last_ns = frames.start_ns, frames.end_ns
        if (session, clock) in self._warped:
            start_ns, _, started = _moved(first_ns, first_ns, pieces)
            _, end_ns, ended = _moved(last_ns, last_ns, pieces)
            covered = started & ended
        else:
            start_ns, end_ns, covered = _moved(first_ns, last_ns, pieces)
        if covered.all():
            return FrameStream(start_ns, end_ns, frames.values)
        return FrameStream(start_ns[covered], end_ns[covered], frames.values[covered])


def _moved(
    first_ns: Int64s, last_ns: Int64s, pieces: list[ClockPiece]
) -> tuple[Int64s, Int64s, NDArray[np.bool_]]:
    """Both ends by the first piece that covers the whole, and which ones have such a piece."""
    start_ns, end_ns, covered = first_ns.copy(), last_ns.copy(), np.zeros(len(first_ns), np.bool_)
    for piece in pieces:
        inside = piece.covers(first_ns, last_ns) & ~covered
        start_ns[inside] = to_reference_ns(first_ns[inside], piece.line)
        end_ns[inside] = to_reference_ns(last_ns[inside], piece.line)
        covered |= inside
    return start_ns, end_ns, covered
