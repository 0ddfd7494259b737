"""What batch.yaml may say of a clock: one entry of `clocks`."""

import re
from dataclasses import dataclass
from typing import Literal

from tasks.core.config import DurationNs, PathText
from tasks.core.times import NS_PER_S

MOST_DRIFT_PPM = 500_000
LONGEST_SPAN_NS = 366 * 24 * 3600 * NS_PER_S
_UTC_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d|Z", re.ASCII)


@dataclass(frozen=True)
class Clock:
    """How a recorder's clock is put on the reference clock: given, from marks, from sound, from metadata.

    reference time = time + offset + (time - at) x drift_ppm / 1,000,000: the offset is what is added at the
    time `at` of this clock, which a clock that counts from 1970 has to say where it drifts.
    `sync: events` reads `path`, a CSV of clock_s,reference_s, the same moments on both; `sync: audio`
    compares the sound of the two, be it files or that of videos, each by itself; `sync: warp` does so
    where they play one piece at tempi of their own; `sync: metadata` compares when items of the two say
    that they were captured. Where those of a clock do not say in which zone, its `utc_offset` ("+02:00")
    does, also that of the reference (`reference: true, utc_offset: "+02:00"`). `epoch` is for a clock
    whose own times are stamps: seconds since 1970 in UTC (unix), or of GPS since 1980 or, with
    `gps_week`, since the start of that week.
    `chapters: consecutive` is for a recorder that splits what it records into files without a break: those
    of one session and role that say no start begin, in the order of their names, where the one before ends.
    A clock whose residual is above `tolerance` is refused by the gate. Where none is said it is that of
    `align`, and where that is not said either, 20 ms, or 60 ms for `warp`.
    """

    offset: DurationNs | None = None
    drift_ppm: float = 0.0
    at: DurationNs = 0
    sync: Literal["audio", "events", "metadata", "warp"] | None = None
    path: PathText | None = None
    utc_offset: str | None = None
    epoch: Literal["unix", "gps"] | None = None
    gps_week: int | None = None
    tolerance: DurationNs | None = None
    reference: bool = False
    chapters: Literal["consecutive"] | None = None

    def __post_init__(self) -> None:
        """Refuse a clock that is told in several ways or in none."""
        if (self.offset is not None) + (self.sync is not None) + self.reference != 1:
            raise ValueError(
                "expected one of reference: true, offset (with drift_ppm)"
                " and sync: audio | events | metadata | warp"
            )
        if self.offset is None and (self.drift_ppm or self.at):
            raise ValueError("drift_ppm and at belong to a given offset; sync finds the drift itself")
        if not abs(self.drift_ppm) <= MOST_DRIFT_PPM:
            raise ValueError(
                f"drift_ppm: expected at most {MOST_DRIFT_PPM} parts in a million either way (a clock that is"
                f" wrong by half), got {self.drift_ppm:g}"
            )
        if (self.sync == "events") != (self.path is not None):
            raise ValueError("sync: events needs a path to its marks, and nothing else has one")
        if self.reference and (self.drift_ppm or self.tolerance is not None):
            raise ValueError("the reference clock has no drift_ppm and no tolerance: others are told by it")
        refuse_wrong_tolerance(self.tolerance)
        self._refuse_wrong_stamps()

    def has_stamps(self) -> bool:
        """Whether what it says concerns the stamps of its items."""
        return self.utc_offset is not None or self.epoch is not None

    def _refuse_wrong_stamps(self) -> None:
        if self.has_stamps() and self.sync != "metadata" and not self.reference:
            raise ValueError("only sync: metadata and the reference have utc_offset or epoch")
        if self.gps_week is not None and (self.epoch != "gps" or self.gps_week < 0):
            raise ValueError("expected gps_week of 0 or more, and only with epoch: gps")
        if self.utc_offset is not None and not _UTC_OFFSET.fullmatch(self.utc_offset):
            raise ValueError(f"expected utc_offset such as \"+02:00\", got '{self.utc_offset}'")


def refuse_wrong_tolerance(tolerance_ns: int | None) -> None:
    """ValueError where a tolerance is no length of time that a recorder could stray by."""
    if tolerance_ns is not None and not 0 <= tolerance_ns <= LONGEST_SPAN_NS:
        raise ValueError("tolerance: expected a duration from 0s to one year (8784h)")
