from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.times import (
    milliseconds_to_ns,
    ns_to_seconds_text,
    parse_clock_time_ns,
    parse_duration_ns,
    seconds_to_ns,
)


@pytest.mark.parametrize(
    ("seconds", "expected_ns"),
    [
        ("0.1", 100_000_000),
        (0.1, 100_000_000),
        ("1305031452.791720", 1_305_031_452_791_720_000),
        (1305031452.79172, 1_305_031_452_791_720_000),
        (" -2 ", -2_000_000_000),
        ("1e-9", 1),
        ("0.0000000005", 0),
        ("0.0000000015", 2),
        (3, 3_000_000_000),
    ],
)
def test_seconds_become_nanoseconds_exactly(seconds: str | float, expected_ns: int) -> None:
    assert seconds_to_ns(seconds) == expected_ns


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1,5", "1e12", "1e9999999", "0x10"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        seconds_to_ns(text)


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("20ms", 20_000_000),
        ("1.25s", 1_250_000_000),
        ("-3 min", -180_000_000_000),
        ("7ns", 7),
        ("1h", 3600 * 10**9),
    ],
)
def test_a_duration_has_its_unit(text: str, expected_ns: int) -> None:
    assert parse_duration_ns(text) == expected_ns


@pytest.mark.parametrize("text", ["ms", "1.s", "1 s s", "20 Ms"])
def test_a_duration_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration with a unit"):
        parse_duration_ns(text)


def test_a_number_alone_is_told_that_a_duration_needs_its_unit() -> None:
    with pytest.raises(ValueError, match="a duration needs its unit, such as 20ms, 20s or 20min: got '20'"):
        parse_duration_ns("20")


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [("00:01:02.5", 62_500_000_000), ("01:02,500", 62_500_000_000), ("100:00:00.001", 360_000_001_000_000)],
)
def test_a_clock_time_may_leave_out_its_hours(text: str, expected_ns: int) -> None:
    assert parse_clock_time_ns(text) == expected_ns


def test_a_clock_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected \\[hours:\\]minutes"):
        parse_clock_time_ns("62.5")


@given(st.integers(-(10**18), 10**18))
def test_the_shown_seconds_are_exact(time_ns: int) -> None:
    assert Decimal(ns_to_seconds_text(time_ns)) * 10**9 == time_ns


@given(st.integers(-(10**12), 10**12))
def test_milliseconds_are_a_thousandth(milliseconds: int) -> None:
    assert milliseconds_to_ns(milliseconds) == milliseconds * 1_000_000


@given(st.from_regex(r"-?[0-9]{0,11}(\.[0-9]{0,11})?", fullmatch=True))
def test_plain_digits_are_as_exact_as_decimals(text: str) -> None:
    try:
        exact = Decimal(text) * 1_000_000_000
    except ArithmeticError:
        with pytest.raises(ValueError, match="expected a number"):
            seconds_to_ns(text)
    else:
        if abs(exact) < 2**63:
            assert seconds_to_ns(text) == int(exact.to_integral_value())
