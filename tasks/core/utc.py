"""Moments of the world's clock as int64 nanoseconds since 1970-01-01 UTC, as POSIX counts (no leap seconds).

reads   ISO 8601 texts as the table of items has them (2021-05-06T07:08:09.25+02:00), GPS seconds
GPS     seconds since 1980-01-06T00:00:00 UTC, which go on through leap seconds; GPS is ahead of UTC by the
        table below, from IERS' Bulletins C. The last leap second was that of 2017-01-01; when there is
        another, it is one more line.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tasks.core.times import NS_PER_S, fraction_to_ns

GPS_WEEK_S = 604_800
_GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The days from whose first moment on GPS is ahead of UTC by one second more, from 0 s on.
_LEAP_DAYS = (
    *("1981-07-01", "1982-07-01", "1983-07-01", "1985-07-01", "1988-01-01", "1990-01-01"),
    *("1991-01-01", "1992-07-01", "1993-07-01", "1994-07-01", "1996-01-01", "1997-07-01"),
    *("1999-01-01", "2006-01-01", "2009-01-01", "2012-07-01", "2015-07-01", "2017-01-01"),
)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,18}))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True)
class Moment:
    """When something was stamped: within `resolution_ns` from `time_ns` on.

    `zoned` says whether the text told its offset from UTC; without, `time_ns` is of its own wall clock.
    """

    time_ns: int
    resolution_ns: int
    zoned: bool

    @property
    def middle_ns(self) -> int:
        """The middle of what it can mean: stamps are cut off, not rounded."""
        return self.time_ns + self.resolution_ns // 2


def parse_moment(text: str) -> Moment | None:
    """The moment that an ISO 8601 text with date and time tells, exactly; None where it tells none."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
    except ValueError:
        return None
    time_ns = _seconds(whole - _UNIX_EPOCH) * NS_PER_S + (fraction_to_ns(fraction) if fraction else 0)
    resolution_ns = NS_PER_S // 10 ** min(len(fraction or ""), 9)
    return Moment(time_ns - offset_ns(zone or "Z"), resolution_ns, zone is not None)


def offset_ns(zone: str) -> int:
    """How far a zone is ahead of UTC: "Z", "+02:00"."""
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return (-minutes if zone[0] == "-" else minutes) * 60 * NS_PER_S


def gps_ahead_s(gps_ns: int) -> int:
    """By how many seconds GPS is ahead of UTC, at a time of GPS."""
    return bisect_right(_LEAPS_NS, gps_ns)


def gps_to_utc_ns(gps_ns: int) -> int:
    """Nanoseconds since 1970 in UTC of nanoseconds since the epoch of GPS."""
    return gps_ns + (_seconds(_GPS_EPOCH - _UNIX_EPOCH) - gps_ahead_s(gps_ns)) * NS_PER_S


def _seconds(span: timedelta) -> int:
    return span.days * 86_400 + span.seconds


# GPS times at which the leap seconds are over: the n-th is n seconds after the midnight that UTC reads.
_LEAPS_NS = tuple(
    (_seconds(datetime.fromisoformat(day).replace(tzinfo=UTC) - _GPS_EPOCH) + number) * NS_PER_S
    for number, day in enumerate(_LEAP_DAYS, 1)
)
