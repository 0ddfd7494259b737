"""Boxes and spans on a video as Label Studio writes them: frames, not seconds.

Source: the editor's VideoRectangleRegion, VideoRegion, TimelineRegion and Video tag. Frames count from 1.
The times of key frames, `duration` and `framesCount` follow the rate of the <Video> tag (24 where nobody said
another) and are not read: the frames are put on the video's own times (`player_frames.py`). A box is in
percent of the video's size, turned clockwise about its top left corner. From a key frame that is enabled it
moves in a straight line to the next, turning the shorter way, or stays to the end of the video; one that is
not enabled is the last frame that shows it. A range of a timeline has both its ends in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, list_of, object_of
from tasks.label_formats.reading.label_studio_shapes import Size, box_fields
from tasks.label_formats.reading.player_frames import PlayerFrames

Shape = dict[str, float]


@dataclass(frozen=True)
class _KeyFrame:
    frame: int
    enabled: bool
    shape: Shape


def rectangle_fields(value: JsonObject, size: Size, frames: PlayerFrames) -> Iterator[dict[str, Any]]:
    """The box in each frame that shows it, in order; the attribute `frame` is the video's frame from 1."""
    keys = sorted((_to_key_frame(key, size) for key in list_of(value, "sequence")), key=lambda key: key.frame)
    if not keys:
        raise ValueError("expected at least one key frame in the sequence")
    if len({key.frame for key in keys}) < len(keys):
        raise ValueError("a key frame stands twice in the sequence")
    for index, shape in sorted(_shown(keys, frames).items()):
        times = {"start_ns": frames.start_ns(index), "end_ns": frames.end_ns(index)}
        yield {**shape, **times, "attributes": {"frame": str(index + 1)}}


def timeline_fields(value: JsonObject, frames: PlayerFrames) -> Iterator[dict[str, Any]]:
    """Each range from the start of its first frame to the end of its last."""
    for span in list_of(value, "ranges"):
        first, last = (_frame_of(object_of(span), name) for name in ("start", "end"))
        if last < first:
            raise FaultError(Reason.END_BEFORE_START, f"the range goes from frame {first} to {last}")
        begin, end = frames.index_of(first), frames.index_of(last)
        yield {"start_ns": frames.start_ns(begin), "end_ns": frames.end_ns(end)}


def _to_key_frame(written: Any, size: Size) -> _KeyFrame:
    key = object_of(written)
    enabled = key.get("enabled", True)
    if not isinstance(enabled, bool):
        raise ValueError("expected `enabled` of a key frame to be true or false")
    return _KeyFrame(_frame_of(key, "frame"), enabled, box_fields(key, size))


def _frame_of(record: JsonObject, name: str) -> int:
    frame = record.get(name)
    if isinstance(frame, bool) or not isinstance(frame, int):
        raise ValueError(f"expected a whole number of a frame '{name}', got {str(frame)[:40]!r}")
    return frame


def _shown(keys: Sequence[_KeyFrame], frames: PlayerFrames) -> dict[int, Shape]:
    """The box in each of the video's frames, from 0."""
    shown: dict[int, Shape] = {}
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        first = frames.index_of(key.frame)
        shown[first] = key.shape
        if not key.enabled:
            continue
        if following is None:
            shown.update(dict.fromkeys(range(first, len(frames.times_ns)), key.shape))
            continue
        for index in range(first + 1, frames.index_of(following.frame)):
            passed = (frames.position_of(index) - key.frame) / (following.frame - key.frame)
            shown[index] = _between(key.shape, following.shape, min(float(passed), 1.0))
    return shown


def _between(start: Shape, end: Shape, passed: float) -> Shape:
    moved = {name: at + (end.get(name, 0.0) - at) * passed for name, at in start.items()}
    if "rotation" in start:
        turn = (end.get("rotation", 0.0) - start["rotation"] + 180) % 360 - 180
        moved["rotation"] = start["rotation"] + turn * passed
    return moved
