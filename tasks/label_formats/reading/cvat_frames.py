"""Which item a frame of CVAT's is, and when it is shown: the video, or the frame's own picture.

A frame of a task is, by the first of these that the batch has:
1  the video that the task (or the entry) names, from when the frame is shown to when the next one is
2  the item <video>#frame-000123 that was taken out of the video
3  the picture frame_000123, as CVAT calls the frames that it exports
Times are the video's own, else even ones by its frame rate; where neither is known no time is guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks.core.fault import Fault
from tasks.core.label import ItemName
from tasks.core.rejects import Reason
from tasks.label_formats.reading.cvat_meta import CvatTask
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.known_items import KnownItems, bare_path
from tasks.label_formats.reading.player_frames import PlayerFrames, frames_of

_FRAME_NAME = re.compile(r"frame_([0-9]{6,12})(?:\.[A-Za-z]{3,4})?")
_FRAME_ITEM = re.compile(r"(.+)#frame-([0-9]{1,12})")


@dataclass(frozen=True)
class TaskFrames:
    """The frames of one task: of a video whose times are known, or pictures by their names."""

    task: CvatTask
    video: ItemName | None = None
    times: PlayerFrames | None = None
    pictures: dict[int, str] | None = None

    @property
    def end(self) -> int | None:
        """The first frame after the video's last, where there is one."""
        return None if self.times is None else len(self.times.times_ns)

    @property
    def size(self) -> tuple[int, int] | None:
        """The size of every frame."""
        if self.task.size is None and self.video and self.video.width and self.video.height:
            return self.video.width, self.video.height
        return self.task.size

    def place(self, frame: int) -> dict[str, Any]:
        """The item and the times of a frame, as fields of a label; FaultError when there is no such frame."""
        if self.video is None or self.times is None:
            name = f"frame_{frame:06d}"
            if self.pictures is not None:
                name = self.pictures.get(frame, f"{self.task.source}#frame-{frame:06d}")
            return {"media": name}
        if frame >= len(self.times.times_ns):
            detail = f"frame {frame} is beyond the {len(self.times.times_ns)} frames of the video, from 0"
            raise FaultError(Reason.BEYOND_MEDIA_END, detail)
        span = {"start_ns": self.times.start_ns(frame), "end_ns": self.times.end_ns(frame)}
        return {"media": self.video.native_id, **span}


class FrameFinder:
    """Finds the frames of tasks among the items of a batch."""

    def __init__(self, items: Sequence[ItemName], named: str | None) -> None:
        self._videos = KnownItems(items, ("video",))
        self._named = named
        self._pictures: dict[str, dict[int, str]] = {}
        self._found: dict[CvatTask, TaskFrames] = {}
        for item in items:
            frame = _FRAME_ITEM.fullmatch(item.native_id)
            if frame and item.modality == "image":
                video = bare_path(frame[1]).rsplit("/", 1)[-1]
                self._pictures.setdefault(video, {})[int(frame[2])] = item.native_id

    def frames(self, task: CvatTask) -> TaskFrames:
        """The task's frames; FaultError when several videos may be meant, or its times are not known."""
        if task not in self._found:
            self._found[task] = self._search(task)
        return self._found[task]

    def frame_named(self, name: str, task: CvatTask) -> dict[str, Any]:
        """The picture of that name; one called as a frame of the task's video is that frame."""
        frame = _FRAME_NAME.fullmatch(name)
        if frame is None or not (self._named or task.source):
            return {"media": name}
        return self.frames(task).place(int(frame[1]))

    def _search(self, task: CvatTask) -> TaskFrames:
        source = self._named or task.source
        found = self._videos.find(source) if source else Fault(Reason.ITEM_NOT_FOUND, "no video is named")
        if isinstance(found, ItemName):
            return TaskFrames(task, found, frames_of(found, None))
        if found.reason is Reason.ITEM_AMBIGUOUS or self._named:
            raise FaultError(found.reason, found.detail)
        return TaskFrames(task, pictures=self._pictures.get(bare_path(source).rsplit("/", 1)[-1]))
