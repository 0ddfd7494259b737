"""Clocks told by metadata: when items of two clocks say that they were captured.

reads   items (captured_at: EXIF, the creation time of a container; start_ns), batch.yaml
writes  a clock's only piece: an offset without drift, whose residual is what the stamps leave open
rules   A stamp of whole seconds means any moment of its second: its middle is taken, and half of it is the
        least residual, so that the gate refuses it against a finer tolerance. Of many stamps the median
        counts, and what 95 % of them keep from it. An item that has no start gets that of its stamp. A stamp
        without a zone is told by the `utc_offset` of its clock, or the clock is refused; that of the
        reference too.
        A clock with an `epoch` has stamps as its own times (GPS by the leap seconds of `tasks/core/utc.py`).
        The creation time of a video is taken for its start; there are cameras that write its end.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.clocks.solving import Pieces, Synchronise
from tasks.core.batch import Batch
from tasks.core.clock_entry import Clock
from tasks.core.clock_line import ClockLine, ClockPiece
from tasks.core.errors import ClockError
from tasks.core.times import NS_PER_S
from tasks.core.utc import GPS_WEEK_S, Moment, gps_ahead_s, gps_to_utc_ns, offset_ns, parse_moment

Row = dict[str, Any]

_COLUMNS = ("item_id", "session", "clock", "start_ns", "captured_at")


@dataclass(frozen=True)
class _Zero:
    """The moment, in ns since 1970 in UTC, at which a clock shows 0; how uncertain, by how many stamps."""

    time_ns: int
    residual_ns: int
    stamps: int


def stamp_synchroniser(items: pa.Table, batch: Batch) -> Synchronise:
    """A function that puts a session's clock on the reference by the stamps of both."""

    @cache
    def zeros() -> _Zeros:
        # Most batches have no clock that asks, and a million rows cost a second.
        return _Zeros(items, batch)

    def synchronise(session: str, clock: str, reference: str) -> Pieces:
        own, other = zeros().find(session, clock), zeros().find(session, reference)
        residual_ns = own.residual_ns + other.residual_ns
        line = ClockLine(0, own.time_ns - other.time_ns, 0.0, residual_ns, own.stamps)
        return (ClockPiece(line),)

    return synchronise


def with_stamped_starts(items: pa.Table, batch: Batch) -> pa.Table:
    """The items, those of clocks told by metadata that have a stamp and no start with the start it tells."""
    clocks = _stamped_clocks(batch)
    if not clocks:
        return items
    wanted = pc.is_in(items["clock"], pa.array(clocks))
    wanted = pc.and_(wanted, pc.and_(pc.is_null(items["start_ns"]), pc.is_valid(items["captured_at"])))
    if not pc.any(wanted).as_py():
        return items
    zeros = _Zeros(items, batch)
    rows = items.select(_COLUMNS).to_pylist()
    starts = [
        zeros.start_ns(row) if missing else row["start_ns"]
        for row, missing in zip(rows, wanted.to_pylist(), strict=True)
    ]
    return items.set_column(
        items.schema.get_field_index("start_ns"), "start_ns", pa.array(starts, pa.int64())
    )


def _stamped_clocks(batch: Batch) -> list[str]:
    """Those told by metadata, and the reference, but for clocks whose times are stamps themselves."""
    told = {name: clock for name, clock in batch.file.clocks.items() if isinstance(clock, Clock)}
    stamped = [name for name, clock in told.items() if clock.sync == "metadata"]
    if not stamped:
        return []
    stamped.append(batch.file.reference_clock)
    return [name for name in stamped if name not in told or told[name].epoch is None]


class _Zeros:
    """When the clocks of a batch show 0, by session and clock."""

    def __init__(self, items: pa.Table, batch: Batch) -> None:
        self._clocks = batch.file.clocks
        self._reference = batch.file.reference_clock
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._known_ns: dict[tuple[str, str], int] = {}
        timed = items.filter(pc.or_(pc.is_valid(items["start_ns"]), pc.is_valid(items["captured_at"])))
        for row in timed.select(_COLUMNS).sort_by("item_id").to_pylist():
            self._rows.setdefault((row["session"], row["clock"]), []).append(row)

    def find(self, session: str, clock: str) -> _Zero:
        """ClockError where no stamp tells it."""
        rows = [row for row in self._rows.get((session, clock), []) if row["start_ns"] is not None]
        declared = self._clocks.get(clock)
        if isinstance(declared, Clock) and declared.epoch is not None:
            return _zero_of_epoch(declared, [row["start_ns"] for row in rows])
        stamps = [(row, moment) for row in rows if (moment := self._moment(row)) is not None]
        if not stamps:
            raise ClockError(
                f"sync: metadata needs an item on clock '{clock}' in session '{session}' that says when"
                " it was captured"
            )
        zoneless = next((row for row, moment in stamps if not moment.zoned), None)
        if zoneless is not None:
            raise ClockError(self._ask_for_zone(zoneless))
        return _middle([(moment.middle_ns - row["start_ns"], moment.resolution_ns) for row, moment in stamps])

    def _ask_for_zone(self, row: Row) -> str:
        told = "sync: metadata" if row["clock"] != self._reference else "reference: true"
        return (
            f"{row['item_id']} was captured at {row['captured_at']}, and in which zone is not known; if its"
            f' clock was right there, say so under clocks: {row["clock"]}: {{{told}, utc_offset: "+02:00"}}'
        )

    def start_ns(self, row: Row) -> int | None:
        """The start that the item's stamp tells, on its own clock."""
        moment = self._moment(row)
        if moment is None:
            return None
        key = row["session"], row["clock"]
        if key not in self._known_ns:
            self._known_ns[key] = self._known_zero_ns(*key)
        # A stamp without a zone is on the clock's own time, and the clock itself is refused.
        return moment.middle_ns - (self._known_ns[key] if moment.zoned else 0)

    def _known_zero_ns(self, session: str, clock: str) -> int:
        """What the items that have a start tell; where they tell nothing, the clock counts from 1970."""
        try:
            return self.find(session, clock).time_ns
        except ClockError:
            return 0

    def _moment(self, row: Row) -> Moment | None:
        moment = parse_moment(row["captured_at"] or "")
        declared = self._clocks.get(row["clock"])
        if moment is None or moment.zoned or not isinstance(declared, Clock) or not declared.utc_offset:
            return moment
        return replace(moment, time_ns=moment.time_ns - offset_ns(declared.utc_offset), zoned=True)


def _middle(zeros: list[tuple[int, int]]) -> _Zero:
    """The median, a whole number of ns; the least residual is half of the coarsest resolution."""
    times = sorted(time_ns for time_ns, _ in zeros)
    middle_ns = times[(len(times) - 1) // 2]
    spread_ns = float(np.quantile([abs(time_ns - middle_ns) for time_ns in times], 0.95))
    return _Zero(
        middle_ns, max(round(spread_ns), max(resolution for _, resolution in zeros) // 2), len(times)
    )


def _zero_of_epoch(clock: Clock, times_ns: list[int]) -> _Zero:
    """The zero of a clock that counts from an epoch; ClockError where a leap second is in its times."""
    if clock.epoch == "unix":
        return _Zero(0, 0, len(times_ns))
    week_ns = (clock.gps_week or 0) * GPS_WEEK_S * NS_PER_S
    first_ns, last_ns = (week_ns + bound(times_ns, default=0) for bound in (min, max))
    if gps_ahead_s(first_ns) != gps_ahead_s(last_ns):
        raise ClockError("there is a leap second among its times; deliver before and after as two sessions")
    return _Zero(gps_to_utc_ns(first_ns) - first_ns + week_ns, 0, len(times_ns))
