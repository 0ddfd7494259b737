"""Clocks: each recorder's clock on the reference clock, given, from marks, from sound or from metadata.

reads   members, batch.yaml, marks (CSV of clock_s,reference_s), the items' sound and stamps
writes  clocks: a row for each piece of each session's clocks; a clock that cannot be told has no row and a
        sentence why

reference time = t + offset_ns + (t - anchor_ns) x drift_ppm / 1,000,000
A clock whose residual is above its tolerance has its rows all the same, and says so in `within_tolerance`:
the gate rejects the batch for it (expectations/clocks.json), unless a person overrules that with a waiver.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from tasks.align.clocks.line_fit import fit_clock_line
from tasks.align.members import Int64s
from tasks.align.warp.marks import MARK_REACH_NS
from tasks.align.warp.placing import WARP
from tasks.core.batch import Batch
from tasks.core.clock_entry import MOST_DRIFT_PPM, Clock
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.errors import ClockError, TableFileError
from tasks.core.rows import read_rows
from tasks.core.source_entries import DEFAULT_CLOCK
from tasks.core.times import FIRST_ALIGNED_NS, LAST_ALIGNED_NS, seconds_to_ns

Pieces = tuple[ClockPiece, ...]
# (session, clock, reference clock) -> the clock's pieces; ClockError where they cannot be told.
Synchronise = Callable[[str, str, str], Pieces]

_MARKS_BEYOND_DOUBT = 2


@dataclass(frozen=True)
class ClockTable:
    """Rows for CLOCKS (without batch), and for each (session, clock) that could not be told, why."""

    rows: list[dict[str, object]]
    unknown: dict[tuple[str, str], str]


def find_clocks(members: pa.Table, batch: Batch, ways: Mapping[str, Synchronise]) -> ClockTable:
    """Every clock that a session uses; `ways` are those of `sync:` that look at the items."""
    pairs = (
        members.group_by(["session", "clock"], use_threads=False)
        .aggregate([])
        .sort_by([("session", "ascending"), ("clock", "ascending")])
    )
    ways = {**ways, "events": _marks_synchroniser(batch)}
    rows: list[dict[str, object]] = []
    unknown: dict[tuple[str, str], str] = {}
    for pair in pairs.to_pylist():
        session, clock = pair["session"], pair["clock"]
        try:
            method, pieces = _tell_clock(batch, session, clock, ways)
        except (ClockError, TableFileError) as error:
            unknown[session, clock] = str(error)
            continue
        rows += [
            {"session": session, "clock": clock, "piece": number, **_row(batch, clock, method, piece)}
            for number, piece in enumerate(pieces)
        ]
    return ClockTable(rows, unknown)


def read_marks(path: Path) -> tuple[Int64s, Int64s]:
    """Paired marks of two clocks, in ns: the columns clock_s and reference_s; ClockError names a bad row."""
    own, reference = [], []
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
    return np.array(own, np.int64), np.array(reference, np.int64)


def _marks_synchroniser(batch: Batch) -> Synchronise:
    """Marks tell the same in every session, so that each file is read once."""
    told: dict[str, ClockPiece | str] = {}

    def synchronise(session: str, clock: str, reference: str) -> Pieces:
        if clock not in told:
            try:
                told[clock] = ClockPiece(_line_of_marks(batch, clock))
            except (ClockError, TableFileError) as error:
                told[clock] = str(error)
        found = told[clock]
        if isinstance(found, str):
            raise ClockError(found)
        return (found,)

    return synchronise


def _line_of_marks(batch: Batch, clock: str) -> ClockLine:
    declared = batch.file.clocks[clock]
    path = declared.path if isinstance(declared, Clock) and declared.path is not None else ""
    line = fit_clock_line(*read_marks(batch.path(path)), _tolerance_ns(batch, clock))
    _refuse_stray_marks(line, path)
    if abs(line.drift_ppm) > MOST_DRIFT_PPM:
        raise ClockError(
            f"{path}: by its marks the clock runs {1 / (1 + line.drift_ppm / 1e6):.3g} times as fast as the"
            " reference; are its rows or columns exchanged?"
        )
    return line


def _tell_clock(
    batch: Batch, session: str, clock: str, ways: Mapping[str, Synchronise]
) -> tuple[str, Pieces]:
    declared = batch.file.clocks.get(clock, "reference")
    if isinstance(declared, Clock) and not declared.reference:
        return _declared_pieces(batch, session, clock, ways)
    if clock not in (batch.file.reference_clock, DEFAULT_CLOCK):
        raise ClockError(f"clock '{clock}' is not declared in batch.yaml")
    return "reference", (ClockPiece(ClockLine(0, 0, 0.0)),)


def _declared_pieces(
    batch: Batch, session: str, clock: str, ways: Mapping[str, Synchronise]
) -> tuple[str, Pieces]:
    declared = batch.file.clocks[clock]
    if declared == "reference":
        raise ClockError(f"clock '{clock}' is the reference itself")
    if declared.offset is not None:
        return "given", (ClockPiece(ClockLine(declared.at, declared.offset, declared.drift_ppm)),)
    method = str(declared.sync)
    return method, ways[method](session, clock, batch.file.reference_clock)


def _refuse_stray_marks(line: ClockLine, path: str) -> None:
    """ClockError where the marks on the line are not clearly more than those off it: any two make a line."""
    if line.marks_rejected and line.marks_used < line.marks_rejected + _MARKS_BEYOND_DOUBT:
        raise ClockError(
            f"{path}: only {line.marks_used} marks lie on one line, and {line.marks_rejected} do not;"
            " correct the others, or add marks"
        )


def _tolerance_ns(batch: Batch, clock: str) -> int:
    """What is said of the clock, else of `align`, else what its method can keep."""
    declared, align = batch.file.clocks.get(clock), batch.file.align
    if not isinstance(declared, Clock):
        return align.tolerance_ns
    if declared.tolerance is not None:
        return declared.tolerance
    if declared.sync == WARP and align.tolerance is None:
        return MARK_REACH_NS
    return align.tolerance_ns


def _row(batch: Batch, clock: str, method: str, piece: ClockPiece) -> dict[str, object]:
    line, tolerance_ns = piece.line, _tolerance_ns(batch, clock)
    measured = method not in ("reference", "given")
    return {
        "reference": batch.file.reference_clock,
        "from_ns": piece.from_ns,
        "to_ns": piece.to_ns,
        "anchor_ns": line.anchor_ns,
        "offset_ns": line.offset_ns,
        "drift_ppm": line.drift_ppm,
        "method": method,
        "marks": line.marks_used,
        "residual_ns": line.residual_ns if measured else None,
        "tolerance_ns": tolerance_ns,
        "within_tolerance": not measured or line.residual_ns <= tolerance_ns,
    }
