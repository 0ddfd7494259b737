"""A video, or the sound of a container, decoded once to its last packet: what it is, what is wrong with it.

reads   the bytes of a container (see `tasks/core/containers.py`); a viewer sees and hears it as it comes
Everything is decoded, not only unpacked: a stream that unpacks and does not decode is as useless as none.
duration    from the start of the container to the end of the last frame or sound; a last frame that does not
            say how long it stays, stays as long as the one before
frame_rate  frames less one, over the time from the first to the last
captured_at com.apple.quicktime.creationdate with its own offset; else the container's creation time, which is
            UTC by the specifications of MP4, QuickTime, Matroska and ASF (a camera that writes its local time
            there is wrong, and cannot be told from one that does not)
license     of the container's tags license, WCOP and copyright, by the rules of `licences.py`
"""

import io
import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tasks.core.candidate import MediaFacts
from tasks.core.containers import ContainerError, Heard, Reel, Sensed, Shown, open_reel, play, to_ns
from tasks.core.fault import Fault
from tasks.core.pictures import UPRIGHT, upright_size
from tasks.core.rejects import Reason
from tasks.media.display import orientation_of_frame
from tasks.media.endings import missing_bytes
from tasks.media.licences import find_licence
from tasks.media.reader import Limits

if TYPE_CHECKING:
    from av import AudioFrame

MOST_FRAMES = 10_000_000
_RIGHTS = ("license", "LICENSE", "WCOP", "copyright", "COPYRIGHT")
_CREATED = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.0+)?(Z|[+-]\d\d:?\d\d)")


class TooLongError(ContainerError):
    """There is more in the container than is taken."""


class Viewer(Protocol):
    """Whoever wants more of a video than its facts; ContainerError from it is a fault of the video."""

    def see(self, number: int, shown: Shown) -> None:
        """A frame, in order; the first is number 0."""

    def hear(self, heard: Heard) -> None:
        """A run of sound."""

    def sense(self, sensed: Sensed) -> None:
        """A packet of another stream."""


@dataclass
class _Seen:
    """What has been played so far."""

    times_ns: "array[int]" = field(default_factory=lambda: array("q"))
    first: Fraction = Fraction(0)
    last: Fraction = Fraction(0)
    last_stays: Fraction = Fraction(0)
    size: tuple[int, int] | None = None
    orientation: int | None = None
    damaged: int = 0
    sound: tuple[int, int] | None = None
    sound_end: Fraction = Fraction(0)

    def take(self, event: Shown | Heard) -> None:
        if isinstance(event, Heard):
            self._hear(event.time, event.frame)
        else:
            self._see(event)

    def _see(self, shown: Shown) -> None:
        if self.times_ns and shown.time < self.last:
            raise ContainerError(f"its times go backwards at frame {len(self.times_ns)}")
        if len(self.times_ns) == MOST_FRAMES:
            raise TooLongError(f"it has more than {MOST_FRAMES} frames; cut it into pieces")
        if self.size is None:
            self.orientation = orientation_of_frame(shown.frame)
            self.size = upright_size(shown.frame.width, shown.frame.height, self.orientation or UPRIGHT)
            self.first = self.last = shown.time
        self.last_stays = shown.duration or shown.time - self.last
        self.last = shown.time
        self.times_ns.append(to_ns(shown.time))
        self.damaged += shown.frame.is_corrupt

    def _hear(self, time: Fraction, frame: "AudioFrame") -> None:
        self.sound = self.sound or (frame.sample_rate, frame.layout.nb_channels)
        samples = frame.samples
        if frame.duration and frame.time_base == Fraction(1, frame.sample_rate):
            samples = min(samples, frame.duration)
        self.sound_end = max(self.sound_end, time + Fraction(samples, frame.sample_rate))

    def end(self) -> Fraction:
        """When the last frame or sound ends."""
        return max(self.last + self.last_stays, self.sound_end)

    def frame_rate(self) -> float | None:
        """Frames a second, on average; None of a single moment."""
        spanned = self.last - self.first
        return float((len(self.times_ns) - 1) / spanned) if spanned else None


def watch(payload: bytes, media_type: str, limits: Limits, viewer: Viewer | None = None) -> MediaFacts:
    """The facts of a video, or of a sound where no picture moves; MissingExtraError without PyAV."""
    missing = missing_bytes(payload, media_type)
    cut = Fault(Reason.TRUNCATED, f"at least {missing} bytes are missing at its end") if missing else None
    seen, fault = _Seen(), None
    facts = MediaFacts(media_type.split("/")[0], media_type)
    try:
        with open_reel(io.BytesIO(payload), limits.most_pixels) as reel:
            facts = _told_facts(reel, media_type)
            fault = _too_large(reel, limits) or _play(reel, seen, viewer)
    except ContainerError as error:
        reason = Reason.TOO_LARGE if isinstance(error, TooLongError) else Reason.UNREADABLE
        fault = Fault(reason, _where(error, seen))
    return _with_seen(replace(facts, fault=cut or fault), seen)


def _play(reel: Reel, seen: _Seen, viewer: Viewer | None) -> Fault | None:
    for event in play(reel):
        if not isinstance(event, Sensed):
            seen.take(event)
        if viewer is not None:
            _show(viewer, event, len(seen.times_ns) - 1)
    if seen.damaged:
        return Fault(Reason.UNREADABLE, f"{seen.damaged} of its {len(seen.times_ns)} frames are damaged")
    if reel.picture is not None and not seen.times_ns:
        return Fault(Reason.FILE_EMPTY, "there is not one frame in it")
    if reel.picture is None and seen.sound is None:
        return Fault(Reason.FILE_EMPTY, "there is neither a picture nor a sound in it")
    return None


def _show(viewer: Viewer, event: Shown | Heard | Sensed, number: int) -> None:
    if isinstance(event, Shown):
        viewer.see(number, event)
    elif isinstance(event, Heard):
        viewer.hear(event)
    else:
        viewer.sense(event)


def _too_large(reel: Reel, limits: Limits) -> Fault | None:
    context = reel.picture.codec_context if reel.picture else None
    if context is None or context.width * context.height <= limits.most_pixels:
        return None
    detail = f"expected at most {limits.most_pixels} pixels a frame, got {context.width} x {context.height}"
    return Fault(Reason.TOO_LARGE, detail)


def _where(error: ContainerError, seen: _Seen) -> str:
    return f"{error}, after {len(seen.times_ns)} frames" if seen.times_ns else f"{error}"


def _told_facts(reel: Reel, media_type: str) -> MediaFacts:
    """What the container says; one without a picture is a sound, and no other is one."""
    tags = reel.container.metadata
    if reel.picture is not None:
        media_type = media_type.replace("audio/", "video/")
    elif reel.sound is not None:
        media_type = media_type.replace("video/", "audio/")
    return MediaFacts(
        media_type.split("/")[0],
        media_type,
        captured_at=_created(tags),
        license=find_licence(*(tags.get(name) for name in _RIGHTS)),
    )


def _created(tags: Mapping[str, str]) -> str | None:
    for name in ("com.apple.quicktime.creationdate", "creation_time"):
        match = _CREATED.fullmatch(tags.get(name, ""))
        if match:
            day, clock, zone = match.groups()
            offset = zone if zone == "Z" or ":" in zone else f"{zone[:3]}:{zone[3:]}"
            return f"{day}T{clock}{offset}"
    return None


def _with_seen(facts: MediaFacts, seen: _Seen) -> MediaFacts:
    width, height = seen.size or (None, None)
    rate, channels = seen.sound or (None, None)
    return replace(
        facts,
        duration_ns=to_ns(seen.end()) if seen.times_ns or seen.sound else None,
        width=width,
        height=height,
        orientation=seen.orientation,
        sample_rate=rate,
        channels=channels,
        frame_rate=seen.frame_rate(),
        frame_times_ns=np.array(seen.times_ns, np.int64) if seen.times_ns else None,
    )
