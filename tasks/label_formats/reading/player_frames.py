"""The frames of a video as an annotation tool counts them, and the moments that they really are shown at.

A tool's frames are whole numbers from 1. They are the video's own frames in their order, unless the tool
played the video at another rate: then frame n is what is on screen at (n - 1) / rate. Times are ns from the
start of the item; a frame ends where the next begins, the last one with the video.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from tasks.core.label import ItemName, Times
from tasks.core.rejects import Reason
from tasks.core.times import NS_PER_S
from tasks.label_formats.reading.fault_error import FaultError

_MOST_FRAMES = 50_000_000


@dataclass(frozen=True, eq=False)
class PlayerFrames:
    """The video's frame times; `rate` is the player's, where it was not the video's own."""

    times_ns: Times
    duration_ns: int | None
    rate: Fraction | None = None

    def index_of(self, frame: int) -> int:
        """Which of the video's frames, from 0, the tool's frame is; the one after the last means the last.

        Players round their number of frames up, so the end of a timeline may be one frame too far.
        """
        if frame < 1:
            raise ValueError(f"expected frames from 1, got {frame}")
        last = len(self.times_ns) - 1
        if self.rate is None:
            if frame - 1 > last + 1:
                detail = f"frame {frame} is beyond the {last + 1} frames of the video;"
                advice = "if the tool played it at another rate, say that as `frame_rate`"
                raise FaultError(Reason.BEYOND_MEDIA_END, f"{detail} {advice}")
            return min(frame - 1, last)
        shown_ns = round(Fraction(frame - 1) * NS_PER_S / self.rate)
        if shown_ns > self.end_ns(last) + NS_PER_S / self.rate:
            detail = f"frame {frame} at {float(self.rate):g} frames a second is beyond the end of the video"
            raise FaultError(Reason.BEYOND_MEDIA_END, detail)
        return max(int(np.searchsorted(self.times_ns, shown_ns, side="right")) - 1, 0)

    def position_of(self, index: int) -> Fraction:
        """Where the video's frame stands among the tool's frames."""
        if self.rate is None:
            return Fraction(index + 1)
        return self.start_ns(index) * self.rate / NS_PER_S + 1

    def start_ns(self, index: int) -> int:
        """When the frame begins to be shown."""
        return int(self.times_ns[index])

    def end_ns(self, index: int) -> int:
        """When the next frame takes its place, or the video ends."""
        if index + 1 < len(self.times_ns):
            return int(self.times_ns[index + 1])
        start_ns = self.start_ns(index)
        if self.duration_ns is not None and self.duration_ns > start_ns:
            return self.duration_ns
        return start_ns + (start_ns - self.start_ns(index - 1) if index else 0)


def frames_of(item: ItemName, rate: float | None) -> PlayerFrames:
    """The item's frames; FRAME_RATE_UNKNOWN when neither their times nor their rate is known."""
    times_ns = item.frame_times_ns
    if times_ns is None or not len(times_ns):
        times_ns = _even_times(item)
    return PlayerFrames(times_ns, item.duration_ns, None if rate is None else _exact(rate))


def _even_times(item: ItemName) -> Times:
    if not item.frame_rate or not item.duration_ns or item.frame_rate < 0:
        detail = f"the times of the frames of '{item.native_id}' are not known, and no rate is guessed"
        raise FaultError(Reason.FRAME_RATE_UNKNOWN, detail)
    rate = _exact(item.frame_rate)
    count = round(item.duration_ns * rate / NS_PER_S)
    if not 0 < count <= _MOST_FRAMES:
        raise FaultError(Reason.FRAME_RATE_UNKNOWN, f"expected up to {_MOST_FRAMES} frames, got {count}")
    numbers = np.arange(count, dtype=np.int64).astype(object)
    return np.array([round(n * NS_PER_S / rate) for n in numbers], dtype=np.int64)


def _exact(rate: float) -> Fraction:
    """The rate as the fraction that it was rounded from: 29.97 is 30000/1001."""
    nearest = Fraction(rate).limit_denominator(1001)
    thirds = Fraction(round(rate * 1.001) * 1000, 1001)
    return thirds if abs(float(thirds) - rate) < 0.005 and nearest.denominator > 1 else nearest
