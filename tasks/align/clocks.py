"""Clocks: each recorder's clock on the reference clock, given, from marks, or from sound.

reads   members, batch.yaml, marks (CSV of clock_s,reference_s), the audio items' media
writes  clocks: one row per session and clock; a clock that cannot be told has no row and a sentence why

reference time = t + offset_ns + (t - anchor_ns) x drift_ppm / 1,000,000
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.clock_fit import fit_clock_line
from tasks.align.members import Int64s
from tasks.core.batch import Batch
from tasks.core.batch_file import Clock
from tasks.core.clock_line import ClockLine
from tasks.core.errors import ClockError, TableFileError
from tasks.core.rows import read_rows
from tasks.core.source_entries import DEFAULT_CLOCK
from tasks.core.times import seconds_to_ns

MARKS_TOLERANCE_NS = 20_000_000

SoundSync = Callable[[str, str, str], ClockLine]


@dataclass(frozen=True)
class ClockTable:
    """Rows for CLOCKS (without batch), and for each (session, clock) that could not be told, why."""

    rows: list[dict[str, object]]
    unknown: dict[tuple[str, str], str]


def find_clocks(members: pa.Table, batch: Batch, sync_sound: SoundSync) -> ClockTable:
    """Every clock that a session uses; `sync_sound(session, clock, reference)` compares two recordings."""
    reference = batch.file.reference_clock
    pairs = (
        members.group_by(["session", "clock"], use_threads=False)
        .aggregate([])
        .sort_by([("session", "ascending"), ("clock", "ascending")])
    )
    rows: list[dict[str, object]] = []
    unknown: dict[tuple[str, str], str] = {}
    for pair in pairs.to_pylist():
        session, clock = pair["session"], pair["clock"]
        try:
            method, line = _tell_clock(batch, session, clock, sync_sound)
        except (ClockError, TableFileError) as error:
            unknown[session, clock] = str(error)
            continue
        rows.append(_row(session, clock, reference, method, line))
    return ClockTable(rows, unknown)


def place_on_reference(members: pa.Table, clocks: pa.Table) -> pa.Table:
    """The members with their times on the reference clock; null where the clock is not in the table."""
    keys = pc.binary_join_element_wise(clocks["session"], clocks["clock"], "\x00")
    wanted = pc.binary_join_element_wise(members["session"], members["clock"], "\x00")
    position = pc.index_in(wanted, keys)
    placed = members
    for name in ("start_ns", "end_ns"):
        moved = _moved(members[name], clocks, position)
        placed = placed.set_column(placed.schema.get_field_index(name), name, moved)
    return placed


def read_marks(path: Path) -> tuple[Int64s, Int64s]:
    """Paired marks of two clocks, in ns: the columns clock_s and reference_s; ClockError names a bad row."""
    own, reference = [], []
    for row in read_rows(path, delimiter=None, comment=None, columns=()):
        try:
            own.append(seconds_to_ns(row.cells["clock_s"] or ""))
            reference.append(seconds_to_ns(row.cells["reference_s"] or ""))
        except (KeyError, ValueError) as error:
            raise ClockError(
                f"{path.name}:{row.line}: expected clock_s,reference_s in seconds: {error}"
            ) from error
    return np.array(own, np.int64), np.array(reference, np.int64)


def _tell_clock(batch: Batch, session: str, clock: str, sync_sound: SoundSync) -> tuple[str, ClockLine]:
    declared = batch.file.clocks.get(clock, "reference")
    if isinstance(declared, Clock):
        return _declared_line(batch, session, clock, sync_sound)
    if clock not in (batch.file.reference_clock, DEFAULT_CLOCK):
        raise ClockError(f"clock '{clock}' is not declared in batch.yaml")
    return "reference", ClockLine(0, 0, 0.0)


def _declared_line(batch: Batch, session: str, clock: str, sync_sound: SoundSync) -> tuple[str, ClockLine]:
    declared = batch.file.clocks[clock]
    if declared == "reference":
        raise ClockError(f"clock '{clock}' is the reference itself")
    if declared.offset is not None:
        return "given", ClockLine(0, declared.offset, declared.drift_ppm)
    if declared.path is not None:
        own, reference = read_marks(batch.path(declared.path))
        return "events", fit_clock_line(own, reference, MARKS_TOLERANCE_NS)
    return "audio", sync_sound(session, clock, batch.file.reference_clock)


def _row(session: str, clock: str, reference: str, method: str, line: ClockLine) -> dict[str, object]:
    return {
        "session": session,
        "clock": clock,
        "reference": reference,
        "anchor_ns": line.anchor_ns,
        "offset_ns": line.offset_ns,
        "drift_ppm": line.drift_ppm,
        "method": method,
        "marks": line.marks_used,
        "residual_ns": line.residual_ns,
    }


def _moved(times: pa.ChunkedArray, clocks: pa.Table, position: pa.ChunkedArray) -> pa.ChunkedArray:
    since = pc.subtract(times, clocks["anchor_ns"].take(position))
    drift_ns = pc.multiply(
        pc.cast(since, pa.float64(), safe=False), pc.divide(clocks["drift_ppm"].take(position), 1e6)
    )
    shift = pc.add(clocks["offset_ns"].take(position), pc.cast(pc.round(drift_ns), pa.int64()))
    return pc.add(times, shift)
