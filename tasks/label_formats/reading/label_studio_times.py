"""Spans of sound and of time series as Label Studio writes them, in ns.

Source: the editor's AudioRegion and TimeSeriesRegion. On sound, `start` and `end` are seconds from its start.
On a time series they are values of its time column: numbers in that column's own unit, or dates in UTC. Their
meaning is declared in the batch file: `time_unit` is what a number counts, a second where nothing is said;
`clock` is what they are measured on. Numbers without a clock count from the start of the item; dates are ns
since 1970 and need a clock. `instant` marks a moment: its end is its start.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from tasks.core.rejects import Reason
from tasks.core.times import LONGEST_NS, NS_PER_S, seconds_to_ns
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, number_of, to_number

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimeRules:
    """What the batch file declares about time series."""

    clock: str | None = None
    unit_ns: int | None = None
    date_format: str | None = None


def sound_fields(value: JsonObject) -> dict[str, Any]:
    """The span on the item's own time, and the channel that it was drawn on."""
    start_ns, end_ns = (seconds_to_ns(number_of(value, name)) for name in ("start", "end"))
    channel = value.get("channel")
    heard = {"attributes": {"channel": str(channel)}} if isinstance(channel, int) else {}
    return {"start_ns": start_ns, "end_ns": end_ns, **heard}


def series_fields(value: JsonObject, rules: TimeRules) -> dict[str, Any]:
    """The span on the declared clock."""
    start_ns, end_ns = (_moment_ns(value.get(name), name, rules) for name in ("start", "end"))
    if value.get("instant") is True:
        end_ns = start_ns
    clock = {"clock": rules.clock} if rules.clock else {}
    return {"start_ns": start_ns, "end_ns": end_ns, **clock}


def _moment_ns(written: Any, name: str, rules: TimeRules) -> int:
    if isinstance(written, str):
        return _date_ns(written, rules)
    number = to_number(written, name)
    unit_ns = NS_PER_S if rules.unit_ns is None else rules.unit_ns
    exact = written if isinstance(written, int) else Decimal(repr(number))
    moment_ns = int((Decimal(exact) * unit_ns).to_integral_value(ROUND_HALF_EVEN))
    if abs(moment_ns) > LONGEST_NS:
        raise ValueError(f"expected a time within 292 years, got {written!r}")
    return moment_ns


def _date_ns(written: str, rules: TimeRules) -> int:
    if rules.clock is None:
        detail = f"'{written[:40]}' is a date; say which `clock` it is on, whose times count from 1970 in UTC"
        raise FaultError(Reason.CLOCK_UNKNOWN, detail)
    try:
        read = (
            datetime.fromisoformat(written)
            if rules.date_format is None
            else datetime.strptime(written, rules.date_format)
        )
        moment = read if read.tzinfo else read.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
    except (ValueError, OverflowError) as error:
        expected = rules.date_format or "ISO 8601; say another one as `time_format`"
        raise ValueError(f"expected a date in the format {expected}, got {written[:40]!r}") from error
