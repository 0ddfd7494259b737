"""CVAT's tracks: one thing through the frames of a video, written at its keyframes, or at every frame.

What is written between keyframes (keyframe="0") is what CVAT itself worked out, and is taken as it stands.
Where nothing is written, a box, an ellipse, a single point and a skeleton move in straight lines, their
turn by the shorter way; outlines move as in `cvat_outlines.py`; several points stay. The thing is there
from one shape to the next, and after the last to the end of the task, unless the shape says outside="1":
then it is gone from that frame on. Attributes hold until they change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from tasks.label_formats.reading.cvat_meta import CvatTask
from tasks.label_formats.reading.cvat_outlines import outline_between
from tasks.label_formats.reading.cvat_shapes import Drawn

LONGEST_FRAMES = 10_000_000
_MOVING = ("box", "ellipse", "skeleton")
_OUTLINES = ("polygon", "polyline")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a track shows from a frame on: a shape with attributes, or nothing (`outside`).

    A shape without numbers is one that could not be read: nothing is known on the way to it, nor from it on.
    """

    frame: int
    drawn: Drawn
    outside: bool
    attributes: Mapping[str, str]


def shown_frames(written: list[Shown], task: CvatTask, end: int | None) -> Iterator[Shown]:
    """Every frame of the task that shows the thing, in order; `end` is the first frame after the media.

    Of the frames after the media only those come that are written. `written` are the track's shapes by
    frame, each frame once. ValueError when there are too many frames.
    """
    for shown, following in pairwise(written):
        if shown.outside:
            continue
        yield shown
        yield from _between(shown, following, task, end)
    last = written[-1]
    if last.outside:
        return
    yield last
    ends = [limit for limit in (None if task.last is None else task.last + 1, end) if limit is not None]
    for frame in _bounded(task.frames_after(last.frame, min(ends, default=last.frame))):
        yield _at(last, frame, last.drawn)


def _between(shown: Shown, following: Shown, task: CvatTask, end: int | None) -> Iterator[Shown]:
    if not following.drawn.numbers:
        return
    until = following.frame if end is None else min(following.frame, end)
    for frame in _bounded(task.frames_after(shown.frame, until)):
        passed, whole = frame - shown.frame, following.frame - shown.frame
        yield _at(shown, frame, drawn_between(shown.drawn, following.drawn, passed, whole))


def _bounded(frames: range) -> range:
    if len(frames) > LONGEST_FRAMES:
        raise ValueError(f"expected at most {LONGEST_FRAMES} frames in one stretch, got {len(frames)}")
    return frames


def _at(shown: Shown, frame: int, drawn: Drawn) -> Shown:
    return Shown(frame, drawn, outside=False, attributes={**shown.attributes, "keyframe": "0"})


def drawn_between(start: Drawn, end: Drawn, passed: int, whole: int) -> Drawn:
    """The shape after `passed` of the `whole` number of frames from one to the other."""
    if start.kind in _OUTLINES and end.kind == start.kind:
        closed = start.kind == "polygon"
        points = outline_between(start.points, end.points, passed / whole, closed=closed)
        return Drawn(start.kind, tuple(number for point in points for number in point))
    alike = (start.kind, start.names, len(start.numbers)) == (end.kind, end.names, len(end.numbers))
    single_point = start.kind == "points" and len(start.numbers) == 2
    if not alike or not (start.kind in _MOVING or single_point):
        return start
    numbers = tuple(
        _number_between(one, other, passed, whole)
        for one, other in zip(start.numbers, end.numbers, strict=True)
    )
    arc = (end.rotation - start.rotation + 180) % 360 - 180
    rotation = (start.rotation + arc * passed / whole) % 360
    return Drawn(start.kind, numbers, rotation, start.names, start.visible)


def _number_between(start: float, end: float, passed: int, whole: int) -> float:
    """In decimals, as the two are written: half way from 21.95 to 22.05 is 22."""
    if start == end:
        return start
    return float((Decimal(repr(start)) * (whole - passed) + Decimal(repr(end)) * passed) / whole)
