"""Take pictures, sound and sensors out of one video while it is decoded, into one spool file.

reads   a video as it is played (see `tasks/media/watching.py`); the rules are in `deriving.py`
writes  a spool file: pictures as JPEG of quality 95 or as PNG, the sound as FLAC, sensors as series
"""

import io
import math
import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self

from tasks.core.candidate import MediaFacts
from tasks.core.containers import Heard, Sensed, Shown, to_ns
from tasks.core.fault import Fault
from tasks.core.pictures import UPRIGHT, turn_upright
from tasks.core.rejects import Reason
from tasks.core.series import SERIES_SUFFIX, Series, pack_series
from tasks.core.sound_track import SoundTrack
from tasks.core.source_entries import VideoOptions
from tasks.media.display import orientation_of_frame
from tasks.media.gpmf import Sensor, SensorTrack
from tasks.media.watching import TooLongError

MOST_PICTURES = 100_000
_FORMS = {"jpeg": ("JPEG", ".jpg", {"quality": 95}), "png": ("PNG", ".png", {})}


@dataclass(frozen=True)
class Taken:
    """One part of a video: where it lies in the spool, and when it is, in ns from the start of the video."""

    name: str
    role: str
    suffix: str
    offset: int
    size: int
    start_ns: int
    duration_ns: int | None = None
    fault: Fault | None = None


class VideoTaker:
    """A viewer that keeps what the options ask for; a context, since its files are open while it looks on."""

    def __init__(self, spool: Path, options: VideoOptions) -> None:
        rate = options.frames_per_second
        self._rate = None if rate is None else Fraction(str(rate))
        self._options = options
        self._spool = spool.open("wb")
        self._sound_place = spool.with_suffix(".flac")
        self._sound = SoundTrack(self._sound_place, "FLAC")
        self._sensors = SensorTrack()
        self._sensor_fault: Fault | None = None
        self._waiting: tuple[int, Shown] | None = None
        self._turn = UPRIGHT
        self._taken: list[Taken] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()
        self._sound.__exit__()
        self._sound_place.unlink(missing_ok=True)

    def see(self, number: int, shown: Shown) -> None:
        """Keep the frame before, if a tick falls between it and this one."""
        if self._rate is None:
            return
        if number == 0:
            # Of the first alone: a frame that was asked for it is let go only by the garbage collector.
            self._turn = orientation_of_frame(shown.frame) or UPRIGHT
        if self._waiting is not None and self._tick_after(self._waiting[1].time) < shown.time:
            self._take_picture(*self._waiting, to_ns(shown.time))
        self._waiting = (number, shown)

    def hear(self, heard: Heard) -> None:
        """Write it on the sound track."""
        if self._options.sound:
            self._sound.add(heard)

    def sense(self, sensed: Sensed) -> None:
        """Keep what the sensors measured."""
        if not self._options.sensors or self._sensor_fault is not None:
            return
        try:
            self._sensors.add(sensed)
        except ValueError as error:
            self._sensor_fault = Fault(Reason.UNREADABLE, f"its sensor track is broken: {error}")

    def finish(self, facts: MediaFacts) -> list[Taken]:
        """Everything that was taken, when the video is over."""
        if self._waiting is not None:
            self._take_last(*self._waiting, facts.duration_ns or 0)
        self._take_sound()
        if self._sensor_fault is not None:
            self._taken.append(Taken("sensors", "sensors", "", 0, 0, 0, fault=self._sensor_fault))
        else:
            for sensor in self._sensors.sensors():
                self._take_sensor(sensor)
        self._spool.flush()
        return self._taken

    def _tick_after(self, time: Fraction) -> Fraction:
        """The first tick that is not before the time."""
        rate = self._rate or Fraction(1)
        return math.ceil(time * rate) / rate

    def _take_last(self, number: int, shown: Shown, end_ns: int) -> None:
        """The last frame is shown until the video ends, and seen at least when it begins."""
        tick = self._tick_after(shown.time)
        if to_ns(tick) < end_ns or tick == shown.time:
            self._take_picture(number, shown, end_ns)

    def _take_picture(self, number: int, shown: Shown, until_ns: int) -> None:
        if len(self._taken) == MOST_PICTURES:
            raise TooLongError(
                f"it gives more than {MOST_PICTURES} pictures; lower frames_per_second, or cut it into pieces"
            )
        kind, suffix, form = _FORMS[self._options.picture]
        start_ns = to_ns(shown.time)
        offset, size = self._write(_to_picture(shown, self._turn, kind, form))
        name = f"frame-{number:06d}"
        self._taken.append(Taken(name, "image", suffix, offset, size, start_ns, until_ns - start_ns))

    def _take_sound(self) -> None:
        self._sound.__exit__()
        if self._sound.samples:
            offset = self._spool.tell()
            with self._sound_place.open("rb") as file:
                shutil.copyfileobj(file, self._spool)
            size = self._spool.tell() - offset
            self._taken.append(Taken("sound", "audio", ".flac", offset, size, to_ns(self._sound.start)))

    def _take_sensor(self, sensor: Sensor) -> None:
        series = sensor.series()
        start_ns = int(series.time_ns[0])
        own = Series(series.time_ns - start_ns, series.channels, series.values)
        offset, size = self._write(pack_series(own, sensor.about))
        self._taken.append(Taken(sensor.name, sensor.name, SERIES_SUFFIX, offset, size, start_ns))

    def _write(self, payload: bytes) -> tuple[int, int]:
        offset = self._spool.tell()
        self._spool.write(payload)
        return offset, len(payload)


def _to_picture(shown: Shown, turn: int, kind: str, form: dict[str, int]) -> bytes:
    """The frame, upright, in the full range of RGB."""
    from PIL.Image import fromarray

    pixels = shown.frame.to_ndarray(format="rgb24", threads=1)
    upright = turn_upright(fromarray(pixels), turn)
    stored = io.BytesIO()
    upright.save(stored, kind, **form)
    return stored.getvalue()
