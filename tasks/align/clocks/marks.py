"""Clocks told by marks: a CSV of the same moments on a clock and on the reference.

reads   the files that `sync: events` names (clock_s,reference_s)
writes  a clock's pieces, and each mark that lies on none of them, by its file and line
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from tasks.align.clocks.line_fit import MarkFit, fit_clock_pieces
from tasks.align.clocks.tolerances import clock_tolerance_ns
from tasks.align.members import Int64s
from tasks.align.result import LEFT_OUT
from tasks.core.batch import Batch
from tasks.core.clock_entry import Clock
from tasks.core.clock_line import ClockPiece
from tasks.core.errors import ClockError, TableFileError
from tasks.core.rejects import Reason
from tasks.core.rows import read_rows
from tasks.core.times import (
    FIRST_ALIGNED_NS,
    LAST_ALIGNED_NS,
    NS_PER_MS,
    ns_to_seconds_text,
    seconds_to_ns,
)

Pieces = tuple[ClockPiece, ...]


@dataclass(frozen=True)
class StrayMark:
    """A mark that its clock is not told by: "marks.csv:7", and a sentence why."""

    name: str
    why: str


@dataclass(frozen=True)
class MarkRows:
    """Paired marks of two clocks in ns, and the line of the file that each stands on."""

    clock_ns: Int64s
    reference_ns: Int64s
    lines: list[int]


@dataclass
class MarkedClocks:
    """The clocks of a batch that marks tell; `strays` are those of the files read so far.

    Marks tell the same in every session, so that each file is read once.
    """

    batch: Batch
    strays: list[StrayMark] = field(default_factory=list)
    _told: dict[str, Pieces | str] = field(default_factory=dict)

    def synchronise(self, session: str, clock: str, reference: str) -> Pieces:
        """The clock's pieces; ClockError where its marks do not tell them."""
        if clock not in self._told:
            try:
                self._told[clock] = self._tell(clock)
            except (ClockError, TableFileError) as error:
                self._told[clock] = str(error)
        found = self._told[clock]
        if isinstance(found, str):
            raise ClockError(found)
        return found

    def _tell(self, clock: str) -> Pieces:
        declared = self.batch.file.clocks[clock]
        path = declared.path if isinstance(declared, Clock) and declared.path is not None else ""
        marks = read_marks(self.batch.path(path))
        try:
            fit = fit_clock_pieces(marks.clock_ns, marks.reference_ns, clock_tolerance_ns(self.batch, clock))
        except ClockError as error:
            raise ClockError(f"{path}: {error}") from error
        self.strays += _strays(path, marks, fit, clock)
        return fit.pieces


def strays_left_out(strays: Sequence[StrayMark]) -> pa.Table:
    """The marks as left-out rows: of the kind "mark", and of no role and no session."""
    common = {"kind": "mark", "role": "", "session": "", "reason": Reason.MARK_OFF_LINE.value}
    rows = [{**common, "member_id": stray.name, "detail": stray.why} for stray in strays]
    return pa.Table.from_pylist(rows, schema=LEFT_OUT)


def read_marks(path: Path) -> MarkRows:
    """The columns clock_s and reference_s; ClockError names a bad row."""
    own, reference, lines = [], [], []
    for row in read_rows(path, delimiter=None, comment=None, columns=()):
        where = f"{path.name}:{row.line}: expected clock_s,reference_s in seconds"
        absent = [name for name in ("clock_s", "reference_s") if name not in row.cells]
        if absent:
            raise ClockError(f"{where}: there is no column {absent[0]} among {sorted(row.cells)}")
        try:
            times_ns = [seconds_to_ns(row.cells[name] or "") for name in ("clock_s", "reference_s")]
        except ValueError as error:
            raise ClockError(f"{where}: {error}") from error
        if not all(FIRST_ALIGNED_NS <= time_ns <= LAST_ALIGNED_NS for time_ns in times_ns):
            raise ClockError(f"{path.name}:{row.line}: expected times from 1897 to 2116, got {times_ns} ns")
        own.append(times_ns[0])
        reference.append(times_ns[1])
        lines.append(row.line)
    return MarkRows(np.array(own, np.int64), np.array(reference, np.int64), lines)


def _strays(path: str, marks: MarkRows, fit: MarkFit, clock: str) -> Iterator[StrayMark]:
    for row in np.flatnonzero(~fit.used).tolist():
        clock_s, reference_s = (
            ns_to_seconds_text(int(times_ns[row])) for times_ns in (marks.clock_ns, marks.reference_ns)
        )
        yield StrayMark(
            f"{path}:{marks.lines[row]}",
            f"clock_s {clock_s}, reference_s {reference_s} misses the line of the clock '{clock}' by"
            f" {fit.misses_ns[row] / NS_PER_MS:.3f} ms, so that the clock is told without it: correct or"
            " delete it; where the clock paused, it takes three marks on either side",
        )
