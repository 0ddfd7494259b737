"""Time is int64 nanoseconds; text becomes nanoseconds exactly, once, where it enters.

Floats are taken at their shortest decimal form (`repr`), which gives back every literal of up to 15
significant digits, so a reader that has already made a float of "0.1" still yields 100,000,000 ns.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
LONGEST_NS = 2**63 - 1
# What is aligned, from 1897 to 2116 where it counts from 1970: the distance of any two is an int64, too.
FIRST_ALIGNED_NS, LAST_ALIGNED_NS = -(2**61), 2**62

_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": NS_PER_MS,
    "s": NS_PER_S,
    "min": 60 * NS_PER_S,
    "h": 3600 * NS_PER_S,
}
# Numbers of fewer digits than this are times within 292 years, to the nanosecond.
_FEW = 10
_POWERS: tuple[int, ...] = tuple(10**places for places in range(9, -1, -1))
_DURATION = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|min|h)\s*")
_BARE_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d+)?\s*")
_CLOCK_TIME = re.compile(r"(?:(\d{1,9}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d+))?")


def seconds_to_ns(seconds: str | float | int) -> int:
    """Nanoseconds of a number of seconds; half a nanosecond rounds to even. ValueError when it is none."""
    text = seconds if isinstance(seconds, str) else repr(seconds)
    # Nearly all times are a few plain digits, and whole numbers are quicker than Decimal and as exact.
    whole, _, fraction = text.partition(".")
    if whole.isdecimal() and fraction.isdecimal() and len(whole) < _FEW and len(fraction) < _FEW:
        return int(whole + fraction) * _POWERS[len(fraction)]
    return _scaled(text, NS_PER_S)


def milliseconds_to_ns(milliseconds: str | float | int) -> int:
    """Nanoseconds of a number of milliseconds."""
    return _scaled(milliseconds, NS_PER_MS)


def parse_duration_ns(text: str) -> int:
    """Nanoseconds of a duration with its unit: "20ms", "1.25s", "-3 min". ValueError when it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        if _BARE_NUMBER.fullmatch(text):
            number = text.strip()
            raise ValueError(
                f"a duration needs its unit, such as {number}ms, {number}s or {number}min: got '{number}'"
            )
        raise ValueError(
            f"expected a duration with a unit such as 20ms, 1.25s or 2min (of {', '.join(_UNITS_NS)}),"
            f" got {text!r}"
        )
    return _scaled(match[1], _UNITS_NS[match[2]])


def parse_clock_time_ns(text: str) -> int:
    """Nanoseconds of [hours:]minutes:seconds[.fraction], with point or comma. ValueError when it is none."""
    match = _CLOCK_TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected [hours:]minutes:seconds[.fraction], got {text!r}")
    hours, minutes, seconds, fraction = match.groups()
    whole_s = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole_s * NS_PER_S + (fraction_to_ns(fraction) if fraction else 0)


def parse_time_ns(text: str) -> int:
    """Nanoseconds of a number of seconds, or of a clock time such as 00:14:38,127 or 0:01.56.

    ValueError when it is none, or could be two times: 14:38 is a time of day, or minutes and seconds.
    """
    if ":" not in text:
        return seconds_to_ns(text)
    match = _CLOCK_TIME.fullmatch(text.strip())
    if match is None or int(match[3]) > 59 or (match[1] and int(match[2]) > 59):
        raise ValueError(f"expected seconds or hours:minutes:seconds[.fraction], got {text[:40]!r}")
    if not match[1] and not match[4]:
        raise ValueError(f"{text[:40]!r} may be hours or minutes; write hours:minutes:seconds, or seconds")
    return parse_clock_time_ns(text)


def fraction_to_ns(digits: str) -> int:
    """Nanoseconds of the digits after a decimal point of seconds."""
    return int(digits) * _POWERS[len(digits)] if len(digits) < _FEW else seconds_to_ns(f"0.{digits}")


def ns_to_seconds_text(time_ns: int) -> str:
    """The exact decimal seconds of a time, for people: 1250000000 -> "1.25"."""
    text = f"{Decimal(time_ns) / NS_PER_S:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scaled(number: str | float | int, unit_ns: int) -> int:
    try:
        exact = Decimal(number.strip() if isinstance(number, str) else repr(number)) * unit_ns
        rounded = int(exact.to_integral_value(ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError) as error:
        raise ValueError(f"expected a number, got {number!r}") from error
    if abs(rounded) > LONGEST_NS:
        raise ValueError(f"expected a time within 292 years, got {number!r}")
    return rounded
