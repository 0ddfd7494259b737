"""What CVAT says of its tasks before any annotation: which video, and which of its frames.

A frame's number is its place in the video, from 0, whatever step the task takes (`frame_filter` step=3):
frame 13 of a task that starts at 10 is the fourteenth of the video and the second of the task.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_STEP = re.compile(r"\s*step\s*=\s*([0-9]{1,9})\s*")
_NUMBER = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class CvatTask:
    """One task: the video's name, its first and last frame and the step between them, the picture's size."""

    source: str = ""
    first: int = 0
    last: int | None = None
    step: int = 1
    size: tuple[int, int] | None = None

    def frames_after(self, frame: int, end: int) -> range:
        """The task's frames later than one and before another."""
        late = (frame - self.first) // self.step + 1
        return range(self.first + late * self.step, end, self.step)


def tasks_in(meta: "Element") -> dict[str, CvatTask]:
    """The tasks of a task's, a job's or a project's export, by their ids."""
    elsewhere = (meta.findtext("source") or "").strip()
    return {
        (element.findtext("id") or "").strip(): _to_task(element, elsewhere)
        for element in _task_elements(meta)
    }


def _task_elements(meta: "Element") -> "Iterator[Element]":
    for tag in ("task", "job"):
        yield from meta.iter(tag)


def _to_task(element: "Element", elsewhere: str) -> CvatTask:
    first = _number(element.findtext("start_frame")) or 0
    step = _STEP.fullmatch(element.findtext("frame_filter") or "")
    stride = max(int(step[1]), 1) if step else 1
    last, count = _number(element.findtext("stop_frame")), _number(element.findtext("size"))
    if last is None and count:
        last = first + (count - 1) * stride
    width = _number(element.findtext("original_size/width"))
    height = _number(element.findtext("original_size/height"))
    size = (width, height) if width and height else None
    return CvatTask((element.findtext("source") or "").strip() or elsewhere, first, last, stride, size)


def _number(text: str | None) -> int | None:
    return int(text) if text and _NUMBER.fullmatch(text.strip()) else None
