"""Stamps and GPS times against moments that are known."""

import pytest

from tasks.core.times import NS_PER_S
from tasks.core.utc import GPS_WEEK_S, Moment, gps_to_utc_ns, parse_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01T00:00:00Z", Moment(0, NS_PER_S, zoned=True)),
        ("2021-05-06T07:08:09Z", Moment(1_620_284_889 * NS_PER_S, NS_PER_S, zoned=True)),
        ("2021-05-06T09:08:09+02:00", Moment(1_620_284_889 * NS_PER_S, NS_PER_S, zoned=True)),
        ("2021-05-06T03:38:09.25-03:30", Moment(1_620_284_889_250_000_000, 10_000_000, zoned=True)),
        ("2021-05-06T07:08:09.000000001Z", Moment(1_620_284_889_000_000_001, 1, zoned=True)),
        ("2021-05-06T07:08:09", Moment(1_620_284_889 * NS_PER_S, NS_PER_S, zoned=False)),
        ("2021-02-30T07:08:09Z", None),
        ("2021-05-06", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_stamp_is_read_exactly_with_its_resolution(text: str, moment: Moment | None) -> None:
    assert parse_moment(text) == moment


def test_a_stamp_means_the_middle_of_its_second() -> None:
    assert Moment(0, NS_PER_S, zoned=True).middle_ns == NS_PER_S // 2


# The first is the epoch of GPS; the second the first rollover of its weeks, 1999-08-22T00:00:00 less 13 s;
# then both sides of the leap second of 2017-01-01, and 2024-01-01T00:00:00.
@pytest.mark.parametrize(
    ("week", "seconds", "unix_s"),
    [
        (0, 0, 315_964_800),
        (1024, 0, 935_279_987),
        (1930, 16, 1_483_228_799),
        (1930, 18, 1_483_228_800),
        (2295, 86_418, 1_704_067_200),
    ],
)
def test_gps_week_and_seconds_are_utc_by_the_leap_seconds(week: int, seconds: int, unix_s: int) -> None:
    assert gps_to_utc_ns((week * GPS_WEEK_S + seconds) * NS_PER_S) == unix_s * NS_PER_S
