"""batch.yaml: what a user may write to say what a batch is. One dataclass per mapping, nothing else is read.

A path is relative to the batch folder and stays inside it, or is absolute and then meant. `read_batches`
(in `tasks/core/batch.py`) refuses everything that is wrong before any work is done. What `sources` and
`labels` may say is in `source_entries.py` and `label_entries.py`.
"""

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal

from tasks.core.config import DurationNs, OneOf, PathText, read_config
from tasks.core.label_entries import EXPORT_FORMATS, Export
from tasks.core.source_entries import DEFAULT_CLOCK, SOURCE_KINDS, Source
from tasks.core.times import NS_PER_MS

MOST_STEPS = 10_000
USUAL_TOLERANCE_NS = 20 * NS_PER_MS
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_UTC_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d|Z", re.ASCII)


@dataclass(frozen=True)
class Clock:
    """How a recorder's clock is put on the reference clock: given, from marks, from sound, from metadata.

    reference time = time + offset + time x drift_ppm / 1,000,000: the offset is what is added.
    `sync: events` reads `path`, a CSV of clock_s,reference_s; `sync: audio` compares the sound of the two,
    be it a file or that of a video; `sync: warp` does so where they play one piece at tempi of their own;
    `sync: metadata` compares when items of the two say that they were captured. Where those of a clock do
    not say in which zone, its `utc_offset` ("+02:00") does, also that of the reference (`reference: true,
    utc_offset: "+02:00"`). `epoch` is for a clock whose own times are stamps: seconds since 1970 in UTC
    (unix), or of GPS since 1980 or, with `gps_week`, since the start of that week.
    A clock whose residual is above `tolerance` is refused by the gate. Where none is said it is that of
    `align`, and where that is not said either, 20 ms, or 60 ms for `warp`.
    """

    offset: DurationNs | None = None
    drift_ppm: float = 0.0
    sync: Literal["audio", "events", "metadata", "warp"] | None = None
    path: PathText | None = None
    utc_offset: str | None = None
    epoch: Literal["unix", "gps"] | None = None
    gps_week: int | None = None
    tolerance: DurationNs | None = None
    reference: bool = False

    def __post_init__(self) -> None:
        """Refuse a clock that is told in several ways or in none."""
        if (self.offset is not None) + (self.sync is not None) + self.reference != 1:
            raise ValueError(
                "expected one of reference: true, offset (with drift_ppm)"
                " and sync: audio | events | metadata | warp"
            )
        if (self.sync == "events") != (self.path is not None):
            raise ValueError("sync: events needs a path to its marks, and nothing else has one")
        if self.reference and (self.drift_ppm or self.tolerance is not None):
            raise ValueError("the reference clock has no drift_ppm and no tolerance: others are told by it")
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


@dataclass(frozen=True)
class Windows:
    """Samples cut from the common time: one every `hop`, `window` long."""

    window: DurationNs
    hop: DurationNs

    def __post_init__(self) -> None:
        """Refuse windows that do not move or have no length."""
        if self.window <= 0 or self.hop <= 0:
            raise ValueError("expected a window and a hop longer than nothing")


@dataclass(frozen=True)
class Pool:
    """How the frames of a role become one row of numbers a sample, each kind in each of `steps` equal parts.

    `concat` joins texts instead, in the order of time, and stands alone.
    """

    kinds: tuple[Literal["mean", "max", "min", "std", "sum", "last", "concat"], ...] = ("mean",)
    steps: int = 1

    def __post_init__(self) -> None:
        """Refuse what gives no row, the same twice, or texts among numbers."""
        if not self.kinds or len(set(self.kinds)) < len(self.kinds):
            raise ValueError(f"kinds: expected different ones, at least one, got {list(self.kinds)}")
        if not 1 <= self.steps <= MOST_STEPS:
            raise ValueError(f"steps: expected 1 to {MOST_STEPS}, got {self.steps}")
        if "concat" in self.kinds and (len(self.kinds) > 1 or self.steps > 1):
            raise ValueError("kinds: concat joins texts: no other kind and no steps go with it")


@dataclass(frozen=True)
class Align:
    """How the modalities meet: by `key` (the same session), by time, or by content.

    By time, the nearest are at most `tolerance` apart, 20 ms where none is said; `least_share` is what two
    spans must share of the shorter of them; with 0 it is enough to meet.
    `pool` says of which roles the frames are pooled onto the samples, and how.
    By content, `by` says what is compared: encoded `vectors` of one space, vectors brought into one space
    that is fitted on known pairs (`coordinated`: labels and what they are about, the only two of a session,
    and `pairs`, a CSV of member,reference ids), the words of a `text`, or the looks of pictures
    (`picture_hash`). `pairing`: each other's nearest (`mutual`), the best one-to-one `assignment`, or
    everything with what it is most like (`threshold`). A pair is at least `threshold` alike, from -1 to 1,
    and clearer than the second best by `margin`. `candidates` are of the same session or the whole batch.
    """

    method: Literal["key", "timestamp", "content"]
    reference: str | Windows
    tolerance: DurationNs | None = None
    match: Literal["auto", "nearest", "overlap"] = "auto"
    threshold: float = 0.8
    by: Literal["vectors", "coordinated", "text", "picture_hash"] = "vectors"
    pairing: Literal["mutual", "assignment", "threshold"] = "mutual"
    candidates: Literal["session", "batch", "everywhere"] = "batch"
    margin: float = 0.0
    pairs: PathText | None = None
    least_share: float = 0.0
    pool: dict[str, Pool] = field(default_factory=dict)

    @property
    def tolerance_ns(self) -> int:
        """How far the nearest may be apart."""
        return USUAL_TOLERANCE_NS if self.tolerance is None else self.tolerance

    def __post_init__(self) -> None:
        """Refuse what has no meaning: windows where nothing has a time, options of another method."""
        if isinstance(self.reference, Windows) and self.method != "timestamp":
            raise ValueError("reference: windows need method: timestamp")
        self._refuse_wrong_times()
        self._refuse_wrong_content()

    def _refuse_wrong_times(self) -> None:
        if not 0 <= self.least_share <= 1:
            raise ValueError(f"least_share: expected a share from 0 to 1, got {self.least_share:g}")
        if self.pool and self.method != "timestamp":
            raise ValueError("pool: frames are pooled by time, with method: timestamp")
        unsafe = sorted(role for role in self.pool if not _FILE_NAME.fullmatch(role))
        if unsafe:
            raise ValueError(f"pool: a role names a file here: expected letters, digits, _ . -, got {unsafe}")

    def _refuse_wrong_content(self) -> None:
        if self.method != "content":
            self._refuse_options("method: content", "by", "pairing", "candidates", "margin")
        if self.by != "coordinated":
            self._refuse_options("by: coordinated", "pairs")
        if not -1 <= self.threshold <= 1 or not 0 <= self.margin <= 2:
            raise ValueError("expected a threshold from -1 to 1 and a margin from 0 to 2")
        if self.candidates == "everywhere":
            # Links would change with batches that this one knows nothing of, after the gate has judged it.
            raise ValueError(
                "candidates: everywhere would let other batches change this one's links; deliver what is to"
                " be compared as one batch (a source's path may be absolute) and use candidates: batch"
            )

    def _refuse_options(self, needed: str, *names: str) -> None:
        defaults = {option.name: option.default for option in fields(self)}
        for name in names:
            if getattr(self, name) != defaults[name]:
                raise ValueError(f"{name} has a meaning only with {needed}")


@dataclass(frozen=True)
class Text:
    """A text without times, and what says the same in time: each a role of items or a task of labels.

    The members of `transcript` that have no time get one from the members of `cues` that have; `cue_label`
    keeps to those with that label (the tier in ELAN and TextGrid, the speaker in CTM). `threshold` is the
    least share of a sentence, in characters of its words, that must be found.
    """

    transcript: str
    cues: str
    cue_label: str | None = None
    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold: expected a share above 0 and at most 1, got {self.threshold:g}")


@dataclass(frozen=True)
class Annotator:
    """Someone who labelled; `skill` is the weight of a vote, above 0 and at most 1."""

    skill: float

    def __post_init__(self) -> None:
        """Refuse a skill that cannot be weighed."""
        if not 0 < self.skill <= 1:
            raise ValueError(f"skill: expected a number above 0 and at most 1, got {self.skill:g}")


@dataclass(frozen=True)
class BatchFile:
    """The whole of batch.yaml."""

    about: str
    license: str
    sources: tuple[Annotated[Source, OneOf("kind", SOURCE_KINDS)], ...]
    align: Align
    labels: tuple[Annotated[Export, OneOf("format", EXPORT_FORMATS)], ...] = ()
    clocks: dict[str, Literal["reference"] | Clock] = field(default_factory=dict)
    annotators: dict[str, Annotator] = field(default_factory=dict)
    texts: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        """Refuse clocks that are used and not declared, or more than one reference."""
        if not self.sources:
            raise ValueError("sources: expected at least one source")
        used = {source.clock for source in self.sources}
        # Only entries whose times can be on a clock have one.
        used |= {clock for export in self.labels if (clock := getattr(export, "clock", None))}
        unknown = sorted(used - set(self.clocks) - {DEFAULT_CLOCK})
        if unknown:
            raise ValueError(f"clocks: {unknown} are used but not declared under clocks")
        references = self._references()
        if len(references) > 1:
            raise ValueError(f"clocks: expected one reference clock, got {references}")
        self._refuse_idle_stamps()
        if self.texts and self.align.method != "timestamp":
            raise ValueError("texts: only align with method: timestamp has times to give them")

    @property
    def reference_clock(self) -> str:
        """The name of the clock that all times are brought to."""
        return next(iter(self._references()), DEFAULT_CLOCK)

    def _references(self) -> list[str]:
        return [name for name, clock in self.clocks.items() if isinstance(clock, str) or clock.reference]

    def _refuse_idle_stamps(self) -> None:
        """What the reference says of its stamps is said for clocks that are compared by theirs."""
        told = [clock for clock in self.clocks.values() if isinstance(clock, Clock)]
        stamped = any(clock.reference and clock.has_stamps() for clock in told)
        if stamped and not any(clock.sync == "metadata" for clock in told):
            raise ValueError(
                f"clocks.{self.reference_clock}: utc_offset and epoch of the reference have a meaning only"
                " where another clock has sync: metadata"
            )


def read_batch_file(path: Path) -> BatchFile:
    """The batch file at that path; ConfigError with file and line when anything in it is wrong."""
    return read_config(path, BatchFile)
