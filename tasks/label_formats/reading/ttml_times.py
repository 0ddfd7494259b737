"""Time expressions of TTML (W3C TTML2, 12.3 and annex H) as exact numbers of ns.

There are frameRate times frameRateMultiplier frames a second (30 x 1000/1001 are 29.97), and tickRate ticks.
On a SMPTE time base a clock time counts frames from 00:00:00:00, which is the start of the media; dropped
ones are left out as `dropMode` says. Times of a wall clock, and discontinuous SMPTE codes, are no times in
the media: they are refused.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from tasks.core.times import NS_PER_S, fraction_to_ns, parse_clock_time_ns, seconds_to_ns

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Exact = int | Fraction

_CLOCK = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2})(?:\.([0-9]+)|:([0-9]{2,})(?:\.([0-9]+))?)?", re.ASCII)
_OFFSET = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|f|t)", re.ASCII)
_RATE = re.compile(r"0*([1-9][0-9]{0,9})")
_LONGEST = 32


@dataclass(frozen=True)
class TimeBase:
    """What a document's parameters say of its times; rates are per second."""

    frame_rate: int = 30
    effective_rate: Fraction = Fraction(30)
    sub_frame_rate: int = 1
    tick_rate: int = 1
    smpte: bool = False
    drop_mode: str = "nonDrop"
    apple: bool = False

    def parse(self, written: str) -> Exact:
        """The ns of a time expression; ValueError when it is none."""
        text = written.strip()
        clock = _CLOCK.fullmatch(text) if len(text) <= _LONGEST else None
        if clock:
            return self._clock_time(clock)
        offset = _OFFSET.fullmatch(text) if len(text) <= _LONGEST else None
        if offset:
            return self._offset_time(offset[1], offset[2])
        if self.apple:
            return parse_clock_time_ns(text) if ":" in text else seconds_to_ns(text)
        raise ValueError(f"expected a time such as 00:00:01.5, 00:00:01:12 or 1.5s, got {written[:40]!r}")

    def _clock_time(self, clock: re.Match[str]) -> Exact:
        hours, minutes, seconds, fraction, frames, sub_frames = clock.groups()
        whole_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
        if not self.smpte and frames is None:
            return whole_s * NS_PER_S + (fraction_to_ns(fraction) if fraction else 0)
        counted = Fraction(int(frames or 0)) + Fraction(int(sub_frames or 0), self.sub_frame_rate)
        if counted >= self.frame_rate or int(sub_frames or 0) >= self.sub_frame_rate > 1:
            raise ValueError(f"expected a frame below {self.frame_rate}, got {clock[0]!r}")
        if not self.smpte:
            return whole_s * NS_PER_S + counted * NS_PER_S / self.effective_rate
        exact_s = whole_s + Fraction(f"0.{fraction or 0}")
        total = exact_s * self.frame_rate + counted - self._dropped(int(hours), int(minutes))
        return total * NS_PER_S / self.effective_rate

    def _dropped(self, hours: int, minutes: int) -> int:
        """The frame numbers that were left out up to that minute."""
        if self.drop_mode == "dropNTSC":
            return (hours * 54 + minutes - minutes // 10) * 2
        if self.drop_mode == "dropPAL":
            return (hours * 27 + minutes // 2 - minutes // 20) * 4
        return 0

    def _offset_time(self, count: str, metric: str) -> Exact:
        if metric == "s":
            return seconds_to_ns(count)
        seconds = {"h": Fraction(3600), "m": Fraction(60), "ms": Fraction(1, 1000)}
        seconds |= {"f": 1 / self.effective_rate, "t": Fraction(1, self.tick_rate)}
        return Fraction(count) * seconds[metric] * NS_PER_S


def read_time_base(document: "Element") -> TimeBase:
    """The time base of the outermost element; ValueError when its times cannot be times in the media."""
    parameters = [(key, value) for key, value in document.items() if "#parameter}" in key]
    said = {key.rpartition("}")[2]: value for key, value in parameters}
    base = said.get("timeBase", "media")
    if base not in ("media", "smpte") or said.get("markerMode") == "discontinuous":
        raise ValueError("expected times in the media, got a wall clock or discontinuous time codes")
    rates = {name: _rate(said, name) for name in ("frameRate", "subFrameRate", "tickRate")}
    frame_rate, sub_frame_rate = rates["frameRate"] or 30, rates["subFrameRate"] or 1
    return TimeBase(
        frame_rate=frame_rate,
        effective_rate=frame_rate * _multiplier(said.get("frameRateMultiplier", "1 1")),
        sub_frame_rate=sub_frame_rate,
        tick_rate=rates["tickRate"] or (frame_rate * sub_frame_rate if rates["frameRate"] else 1),
        smpte=base == "smpte",
        drop_mode=said.get("dropMode", "nonDrop"),
        apple=any(key.endswith("lyric-ttml-internal}timing") for key in document.attrib),
    )


def _rate(said: dict[str, str], name: str) -> int | None:
    if name not in said:
        return None
    match = _RATE.fullmatch(said[name].strip())
    if not match:
        raise ValueError(f"expected a whole number as {name}, got {said[name][:40]!r}")
    return int(match[1])


def _multiplier(written: str) -> Fraction:
    """Two whole numbers, in the drafts of 2006 with a colon between them; the second may be left out."""
    parts = [_RATE.fullmatch(part) for part in re.split(r"[\s:]+", written.strip())]
    numbers = [int(part[1]) for part in parts if part]
    if len(numbers) != len(parts) or len(numbers) not in (1, 2):
        raise ValueError(f"expected two whole numbers as frameRateMultiplier, got {written[:40]!r}")
    return Fraction(numbers[0], numbers[-1] if len(numbers) == 2 else 1)
