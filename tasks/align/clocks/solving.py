"""Clocks: each recorder's clock on the reference clock, given, from marks, from sound or from metadata.

reads   members, batch.yaml, marks (CSV of clock_s,reference_s), the items' sound and stamps
writes  clocks: a row for each piece of each session's clocks; a clock that cannot be told, or a recording of
        one, has a row without a line that says why: the gate rejects the batch for it, unless it is waived

reference time = t + offset_ns + (t - anchor_ns) x drift_ppm / 1,000,000
A clock whose residual is above its tolerance has its rows all the same, and says so in `within_tolerance`:
the gate rejects the batch for it (expectations/clocks.json), unless a person overrules that with a waiver.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from tasks.align.clocks.marks import MarkedClocks, StrayMark
from tasks.align.clocks.tolerances import clock_tolerance_ns
from tasks.align.sound.chapters import Unplaced
from tasks.core.batch import Batch
from tasks.core.clock_entry import Clock
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.errors import ClockError, TableFileError
from tasks.core.source_entries import DEFAULT_CLOCK

Pieces = tuple[ClockPiece, ...]
# (session, clock, reference clock) -> the clock's pieces; ClockError where they cannot be told.
Synchronise = Callable[[str, str, str], Pieces]


@dataclass(frozen=True)
class ClockTable:
    """Rows for CLOCKS (without batch), and for each (session, clock) that could not be told, why.

    `strays` are marks that no clock is told by.
    """

    rows: list[dict[str, object]]
    unknown: dict[tuple[str, str], str]
    strays: tuple[StrayMark, ...] = ()


def find_clocks(members: pa.Table, batch: Batch, ways: Mapping[str, Synchronise]) -> ClockTable:
    """Every clock that a session uses; `ways` are those of `sync:` that look at the items."""
    pairs = (
        members.group_by(["session", "clock"], use_threads=False)
        .aggregate([])
        .sort_by([("session", "ascending"), ("clock", "ascending")])
    )
    marked = MarkedClocks(batch)
    ways = {**ways, "events": marked.synchronise}
    rows: list[dict[str, object]] = []
    unknown: dict[tuple[str, str], str] = {}
    for pair in pairs.to_pylist():
        session, clock = pair["session"], pair["clock"]
        try:
            method, pieces = _tell_clock(batch, session, clock, ways)
        except (ClockError, TableFileError) as error:
            unknown[session, clock] = str(error)
            rows.append(_untold_row(batch, session, clock, 0) | {"why": str(error)})
            continue
        rows += [
            {"session": session, "clock": clock, "piece": number, **_row(batch, clock, method, piece)}
            for number, piece in enumerate(pieces)
        ]
    return ClockTable(rows, unknown, tuple(marked.strays))


def with_refused(table: ClockTable, batch: Batch, refused: Sequence[Unplaced]) -> ClockTable:
    """The table with a row for each recording that has no place, though others of its clock have one."""
    pieces = Counter((row["session"], row["clock"]) for row in table.rows)
    rows = list(table.rows)
    for file in refused:
        key = file.session, file.clock
        about = {"from_ns": file.from_ns, "to_ns": file.to_ns, "item_id": file.item_id, "why": file.why}
        rows.append(_untold_row(batch, *key, pieces[key]) | about)
        pieces[key] += 1
    return replace(table, rows=rows)


def _untold_row(batch: Batch, session: str, clock: str, piece: int) -> dict[str, object]:
    """The row of what cannot be told, which has neither a line nor an end."""
    declared = batch.file.clocks.get(clock)
    sync = declared.sync if isinstance(declared, Clock) else None
    return {
        **{"session": session, "clock": clock, "piece": piece, "reference": batch.file.reference_clock},
        **{"method": sync or "none", "marks": 0, "tolerance_ns": clock_tolerance_ns(batch, clock)},
    }


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


def _row(batch: Batch, clock: str, method: str, piece: ClockPiece) -> dict[str, object]:
    line, tolerance_ns = piece.line, clock_tolerance_ns(batch, clock)
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
        "residual_ns": line.residual_ns,
        "tolerance_ns": tolerance_ns,
        "within_tolerance": line.residual_ns is None or line.residual_ns <= tolerance_ns,
        "marks_rejected": line.marks_rejected if measured else None,
    }
