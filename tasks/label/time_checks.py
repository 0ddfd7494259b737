"""What cannot be true of a label's times, alone and against its item.

A time may lie 1 ms beyond the media: exports round to milliseconds. What is not known is not checked.
"""

from typing import Any

import numpy as np

from tasks.core.rejects import Reason
from tasks.core.times import LONGEST_NS, NS_PER_MS, ns_to_seconds_text
from tasks.label.items import UNKNOWN_NS, Int64s
from tasks.label.placed import Check, Flags, Placed, Row

TIME_TOLERANCE_NS = NS_PER_MS


def _end_alone(placed: Placed) -> Flags:
    return placed.given("end_ns") & ~placed.given("start_ns")


def _end_before_start(placed: Placed) -> Flags:
    before: Flags = placed.times("end_ns") < placed.times("start_ns")
    return placed.given("start_ns") & placed.given("end_ns") & before


def _too_far(placed: Placed) -> Flags:
    """Times that int64 would not hold on the clock of the item."""
    begins = np.where(placed.has_clock, 0, np.abs(placed.item_starts_ns)).astype(np.uint64)
    furthest = np.maximum(_magnitude(placed, "start_ns"), _magnitude(placed, "end_ns"))
    too_far: Flags = furthest > np.uint64(LONGEST_NS) - begins
    return placed.given("start_ns") & too_far


def _magnitude(placed: Placed, name: str) -> Any:
    """The distance of a time from 0; that of the least int64 is its bits read as uint64."""
    return np.abs(placed.times(name)).view(np.uint64)


def _before_media(placed: Placed) -> Flags:
    """Only times that count from the start of the item can be before or beyond it."""
    return _on_item(placed) & (placed.times("start_ns") < -TIME_TOLERANCE_NS)


def _beyond_media(placed: Placed) -> Flags:
    last: Int64s = np.where(placed.given("end_ns"), placed.times("end_ns"), placed.times("start_ns"))
    beyond: Flags = last - TIME_TOLERANCE_NS > placed.item_durations_ns
    beyond &= placed.item_durations_ns != UNKNOWN_NS
    return _on_item(placed) & beyond


def _on_item(placed: Placed) -> Flags:
    return placed.given("start_ns") & ~placed.has_clock


def _say_span(row: Row) -> str:
    start, end = (ns_to_seconds_text(int(row.times(name)[0])) for name in ("start_ns", "end_ns"))
    return f"the label goes from {start} s to {end} s"


def _say_beyond(row: Row) -> str:
    last = row.times("end_ns" if row.given("end_ns")[0] else "start_ns")[0]
    end, length = ns_to_seconds_text(int(last)), ns_to_seconds_text(int(row.item_durations_ns[0]))
    return f"the label ends at {end} s, the media after {length} s"


def _say_before(row: Row) -> str:
    return f"the label starts at {ns_to_seconds_text(int(row.times('start_ns')[0]))} s, before its media"


# In the order in which they are told.
TIME_CHECKS: tuple[Check, ...] = (
    (("end_ns",), Reason.MALFORMED, _end_alone, lambda row: "there is an end but no start"),
    (("end_ns",), Reason.END_BEFORE_START, _end_before_start, _say_span),
    (("start_ns",), Reason.MALFORMED, _too_far, lambda row: "a time is more than 292 years away"),
    (("start_ns",), Reason.MALFORMED, _before_media, _say_before),
    (("start_ns",), Reason.BEYOND_MEDIA_END, _beyond_media, _say_beyond),
)
