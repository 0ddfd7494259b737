"""The checks of `tasks.label.checks`, slow and obvious: one label and one item at a time."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tasks.core.fault import Fault
from tasks.core.label import Label
from tasks.core.rejects import Reason
from tasks.core.times import LONGEST_NS, NS_PER_MS, ns_to_seconds_text

PIXEL_TOLERANCE = 1.0
TIME_TOLERANCE_NS = NS_PER_MS
SMALLEST_AREA = 1e-6


@dataclass(frozen=True)
class LabelledItem:
    """What is known of an item."""

    start_ns: int | None = None
    duration_ns: int | None = None
    width: int | None = None
    height: int | None = None


def check_label(label: Label, item: LabelledItem) -> Fault | None:
    """The first thing that is wrong with the label, or nothing."""
    checks: tuple[Callable[[Label, LabelledItem], Fault | None], ...] = (
        _check_numbers,
        _check_area,
        _check_inside_image,
        _check_times,
        _check_within_media,
    )
    return next((fault for check in checks if (fault := check(label, item))), None)


def _check_numbers(label: Label, item: LabelledItem) -> Fault | None:
    if any(len(part) % 2 for part in label.polygon or []):
        return Fault(Reason.MALFORMED, "a polygon has x without y")
    numbers = (label.x, label.y, label.width, label.height, label.rotation, label.confidence)
    places = [value for part in label.polygon or [] for value in part]
    places += [place for point in _labelled(label) for place in point]
    if not all(math.isfinite(number) for number in [*numbers, *places] if number is not None):
        return Fault(Reason.MALFORMED, "a number is not finite")
    if label.confidence is not None and not 0 <= label.confidence <= 1:
        return Fault(Reason.MALFORMED, f"expected a confidence from 0 to 1, got {label.confidence:g}")
    return None


def _check_area(label: Label, item: LabelledItem) -> Fault | None:
    if label.width is not None and label.height is not None and (label.width <= 0 or label.height <= 0):
        return Fault(Reason.ZERO_AREA, f"the box is {label.width:g} x {label.height:g} pixels")
    if label.polygon and not any(_area(part) >= SMALLEST_AREA for part in label.polygon):
        return Fault(Reason.ZERO_AREA, "the polygon has no area")
    return None


def _area(polygon: list[float]) -> float:
    if not polygon:
        return 0.0
    corners = list(zip(polygon[0::2], polygon[1::2], strict=True))
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*corners, corners[0]]))) / 2


def _check_inside_image(label: Label, item: LabelledItem) -> Fault | None:
    if item.width is None or item.height is None:
        return None
    right, bottom = item.width + PIXEL_TOLERANCE, item.height + PIXEL_TOLERANCE
    for x, y in _corners(label):
        if not (-PIXEL_TOLERANCE <= x <= right and -PIXEL_TOLERANCE <= y <= bottom):
            size = f"{item.width} x {item.height}"
            return Fault(
                Reason.BOX_OUTSIDE_IMAGE, f"the point ({x:g}, {y:g}) is outside the image of {size} pixels"
            )
    return None


def _corners(label: Label) -> Iterator[tuple[float, float]]:
    """The points that must be in the image."""
    for part in label.polygon or []:
        yield from zip(part[0::2], part[1::2], strict=True)
    yield from _labelled(label)
    if label.x is None or label.y is None:
        return
    width, height = label.width or 0.0, label.height or 0.0
    if label.rotation:
        turn = math.radians(label.rotation)
        across, down = width / 2, height / 2
        yield (
            label.x + across * math.cos(turn) - down * math.sin(turn),
            label.y + across * math.sin(turn) + down * math.cos(turn),
        )
        return
    yield from ((label.x, label.y), (label.x + width, label.y + height))


def _labelled(label: Label) -> Iterator[tuple[float, float]]:
    """The places of the key points that are not marked as not labelled."""
    for point in label.keypoints or []:
        x, y = point["x"], point["y"]
        if isinstance(x, float) and isinstance(y, float) and point["visible"] != 0:
            yield x, y


def _check_times(label: Label, item: LabelledItem) -> Fault | None:
    if label.start_ns is None:
        return Fault(Reason.MALFORMED, "there is an end but no start") if label.end_ns is not None else None
    if label.end_ns is not None and label.end_ns < label.start_ns:
        span = f"{ns_to_seconds_text(label.start_ns)} s to {ns_to_seconds_text(label.end_ns)} s"
        return Fault(Reason.END_BEFORE_START, f"the label goes from {span}")
    begin_ns = 0 if label.clock else item.start_ns or 0
    if max(abs(label.start_ns), abs(label.end_ns or 0)) + abs(begin_ns) > LONGEST_NS:
        return Fault(Reason.MALFORMED, "a time is more than 292 years away")
    return None


def _check_within_media(label: Label, item: LabelledItem) -> Fault | None:
    """Only times that count from the start of the item can be beyond it."""
    if label.clock or label.start_ns is None:
        return None
    if label.start_ns < -TIME_TOLERANCE_NS:
        start = ns_to_seconds_text(label.start_ns)
        return Fault(Reason.MALFORMED, f"the label starts at {start} s, before its media")
    last_ns = label.start_ns if label.end_ns is None else label.end_ns
    if item.duration_ns is not None and last_ns > item.duration_ns + TIME_TOLERANCE_NS:
        end, length = ns_to_seconds_text(last_ns), ns_to_seconds_text(item.duration_ns)
        return Fault(Reason.BEYOND_MEDIA_END, f"the label ends at {end} s, the media after {length} s")
    return None
