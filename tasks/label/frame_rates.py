"""Recognise a label export whose times were counted at another frame rate than its video has.

reads   an export's labels about one video, in ns from its start, and the video's frame rate
writes  a Mismatch: the rate that the export counted in, and the ratio that repairs its times
rules   An editor whose timeline is set to the wrong rate writes whole frames of it: frame n as n / 24 s of a
        video of 23.976 frames a second, where it is shown at n / 23.976 s. So an export counts in a rate
        where nearly all of its times are whole frames of it, to 0.6 ms (exports round to milliseconds). It
        mismatches where they are those of one rate of a pair that is known to be confused, and not those of
        the video's own, the other of the pair. With fewer than 20 different times, or of a video of uneven
        frames, nothing is said: chance could not be told from a rate.
        A time is repaired by the rate counted in / that of the video: 24 / (24000 / 1001) = 1001 / 1000.
        Whole frames of the wrong rate may also be right times that an editor rounded to its own grid. That no
        export can tell, so that a person says what is done: `on_rate_mismatch`.
pairs   24 and 24000/1001, 30 and 30000/1001 (also as NTSC drop frame, which skips numbers and so is of the
        same rate), 60 and 60000/1001; 25 and 24, 25 and 24000/1001 (films for PAL)
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tasks.core.times import NS_PER_S, ns_to_seconds_text

Int64s = npt.NDArray[np.int64]

FILM, NTSC, FAST = (Fraction(rate * 1000, 1001) for rate in (24, 30, 60))
_KNOWN_PAIRS = (
    (Fraction(24), FILM),
    (Fraction(30), NTSC),
    (Fraction(60), FAST),
    (Fraction(25), Fraction(24)),
    (Fraction(25), FILM),
)
FEWEST_TIMES = 20
_LEAST_SHARE = 0.95
_ROUNDING_NS = 600_000
_SAME_RATE = Fraction(1, 4000)


@dataclass(frozen=True)
class Mismatch:
    """The rate that an export counts its frames in, and that of its video."""

    counted: Fraction
    video: Fraction

    @property
    def ratio(self) -> Fraction:
        """What the export's times are multiplied by to be those of the video."""
        return self.counted / self.video

    def repaired_ns(self, times_ns: Int64s) -> Int64s:
        """The times scaled exactly, to the nearest ns (half a ns is the later one)."""
        up, down = self.ratio.numerator, self.ratio.denominator
        whole, rest = np.divmod(times_ns, down)
        repaired: Int64s = whole * up + (2 * rest * up + down) // (2 * down)
        return repaired

    def __str__(self) -> str:
        """What is wrong, for people."""
        return (
            f"its times are whole frames at {_shown(self.counted)} frames a second, the video has"
            f" {_shown(self.video)}"
        )


def find_mismatch(times_ns: Int64s, video_rate: float | None) -> Mismatch | None:
    """The mismatch of these times with a video of that rate; None where there is none, or none to be seen."""
    video = _known_rate(video_rate)
    different = np.unique(times_ns[times_ns > 0])
    if video is None or len(different) < FEWEST_TIMES or _counts_in(different, video):
        return None
    others = [other for pair in _KNOWN_PAIRS for other in pair if video in pair and other != video]
    counted = [other for other in others if _counts_in(different, other)]
    return Mismatch(counted[0], video) if len(counted) == 1 else None


def is_steady(frame_times_ns: Int64s | None) -> bool:
    """Whether no frame is shown half a frame or more from where an even rate has it; False if not known."""
    if frame_times_ns is None or len(frame_times_ns) < 2:
        return False
    even_ns = np.linspace(frame_times_ns[0], frame_times_ns[-1], len(frame_times_ns))
    frame_ns = (even_ns[-1] - even_ns[0]) / (len(even_ns) - 1)
    return bool(np.abs(frame_times_ns - even_ns).max() < frame_ns / 2)


def _known_rate(rate: float | None) -> Fraction | None:
    """The rate of a pair that a measured rate is, if it is one: those of one pair are 1 in 1000 apart."""
    if rate is None:
        return None
    known = {known for pair in _KNOWN_PAIRS for known in pair}
    return next((one for one in sorted(known) if abs(Fraction(rate) / one - 1) < _SAME_RATE), None)


def _counts_in(times_ns: Int64s, rate: Fraction) -> bool:
    """Whether nearly all of the times are whole frames of the rate."""
    frames = np.rint(times_ns * (float(rate) / NS_PER_S))
    misses_ns = np.abs(times_ns - frames * (NS_PER_S / float(rate)))
    return bool(np.mean(misses_ns <= _ROUNDING_NS) >= _LEAST_SHARE)


def _shown(rate: Fraction) -> str:
    return ns_to_seconds_text(round(rate * 1000) * 1_000_000)
