"""A clock's line: how its times become times on the reference clock, and back.

A clock that jumped (a recorder that was paused) has several: pieces, each good for a part of its times.

reads   int64 nanoseconds on one clock
writes  int64 nanoseconds on the other; the drift's share is rounded to the nearest nanosecond, half to even,
        so there and back again differs by 1 ns at most
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


@dataclass(frozen=True)
class ClockLine:
    """reference = t + offset_ns + (t - anchor_ns) * drift_ppm / 1e6.

    `residual_ns` is the distance from the line that 95 % of the used marks keep, as far as they can tell it:
    None where the line is not measured, or by no more marks than it takes.
    """

    anchor_ns: int
    offset_ns: int
    drift_ppm: float
    residual_ns: int | None = None
    marks_used: int = 0
    marks_rejected: int = 0


@dataclass(frozen=True)
class ClockPiece:
    """A line, and from when to when on its own clock it is good; an end that is None is open.

    Both ends are in it. Between two pieces no time of the clock is known on the reference.
    """

    line: ClockLine
    from_ns: int | None = None
    to_ns: int | None = None

    def covers(self, start_ns: Int64s, end_ns: Int64s) -> NDArray[np.bool_]:
        """Which spans of the clock lie in the piece as a whole."""
        inside = np.ones(len(start_ns), np.bool_)
        if self.from_ns is not None:
            inside &= start_ns >= self.from_ns
        if self.to_ns is not None:
            inside &= end_ns <= self.to_ns
        return inside


def to_reference_ns(times_ns: Int64s, line: ClockLine) -> Int64s:
    """Times of the clock on the reference clock."""
    since_ns = times_ns - line.anchor_ns
    return times_ns + line.offset_ns + _rounded_ns(since_ns, line.drift_ppm / 1e6)


def from_reference_ns(times_ns: Int64s, line: ClockLine) -> Int64s:
    """Times of the reference clock on the clock."""
    drift = line.drift_ppm / 1e6
    drifted_since_ns = times_ns - line.offset_ns - line.anchor_ns
    return times_ns - line.offset_ns - _rounded_ns(drifted_since_ns, drift / (1 + drift))


def anchored_at(line: ClockLine, anchor_ns: int) -> ClockLine:
    """The same line with its offset told at another time of the clock, rounded to the nanosecond."""
    offset_ns = line.offset_ns + round((anchor_ns - line.anchor_ns) * line.drift_ppm / 1e6)
    return replace(line, anchor_ns=anchor_ns, offset_ns=offset_ns)


def shifted(piece: ClockPiece, own_start_ns: int, other_start_ns: int) -> ClockPiece:
    """A piece between two recordings' own beginnings, moved to where these stand on their clocks."""
    line = replace(
        piece.line,
        anchor_ns=piece.line.anchor_ns + own_start_ns,
        offset_ns=piece.line.offset_ns + other_start_ns - own_start_ns,
    )
    ends = (None if end_ns is None else end_ns + own_start_ns for end_ns in (piece.from_ns, piece.to_ns))
    return ClockPiece(line, *ends)


def pieces_by_clock(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[ClockPiece]]:
    """The pieces that the rows of the table `clocks` tell, by session and clock; those not told have none."""
    pieces: dict[tuple[str, str], list[ClockPiece]] = {}
    for row in rows:
        if row["offset_ns"] is None:
            continue
        piece = ClockPiece(line_of(row), row["from_ns"], row["to_ns"])
        pieces.setdefault((row["session"], row["clock"]), []).append(piece)
    return pieces


def line_of(row: Mapping[str, Any]) -> ClockLine:
    """The line that a row of the table `clocks` tells."""
    return ClockLine(row["anchor_ns"], row["offset_ns"], row["drift_ppm"])


def own_time_ns(reference_ns: int, line: ClockLine) -> int:
    """One time of the reference clock on the clock."""
    return int(from_reference_ns(np.array([reference_ns], np.int64), line)[0])


def own_span_ns(start_ns: int, end_ns: int, pieces: Sequence[ClockPiece]) -> tuple[int, int]:
    """A span of the reference clock on the clock, by the piece that has most of it (the first such one)."""
    spans = [
        (own_time_ns(start_ns, piece.line), own_time_ns(end_ns, piece.line), piece.from_ns, piece.to_ns)
        for piece in pieces
    ]
    first_ns, last_ns, _, _ = max(spans, key=lambda span: _common_ns(*span))
    return first_ns, last_ns


def _common_ns(start_ns: int, end_ns: int, from_ns: int | None, to_ns: int | None) -> int:
    """How much of a span lies in the piece; below 0 by how far it is away."""
    last_ns = end_ns if to_ns is None else min(end_ns, to_ns)
    return last_ns - (start_ns if from_ns is None else max(start_ns, from_ns))


def _rounded_ns(since_ns: Int64s, drift: float) -> Int64s:
    drifted: NDArray[np.float64] = np.rint(since_ns * drift)
    return drifted.astype(np.int64)
