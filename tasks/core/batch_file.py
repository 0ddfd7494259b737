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
from tasks.core.times import NS_PER_S

MOST_STEPS = 10_000
MOST_DRIFT_PPM = 500_000
LONGEST_SPAN_NS = 366 * 24 * 3600 * NS_PER_S
# How alike a pair must be where batch.yaml does not say, by what is compared: so that strangers stay out,
# and what is one thing in another form comes in. Measured on real photos and captions, each kind against
# references of which half were missing.
# picture_hash: 8 of the 64 bits may differ. No more do those of 437 photos and their copies scaled to 128 px
#   or 256 x 256, at JPEG quality 10, brighter, or grey: all were found, none wrong. The nearest stranger is 6
#   bits away or more, 18 in the median; from 12 bits on (0.8) cropped photos meet wrong ones.
# text: captions with a word less and a typo are 0.56 alike or more, strangers at most 0.36 in 95 of 100. What
#   two people write of one picture is only 0.24 alike in the median: 0.25 finds 42 % of that, 13 % wrong.
# vectors: photos and such copies are 0.97 alike or more (picture_layout), captions with such changes 0.76
#   (hashed_words); the nearest strangers 0.77 and 0.45 in the median. What is alike depends on the encoder.
# coordinated: in a space fitted on 24 to 72 pairs strangers come up to 0.75 alike, and at 0.5 a quarter to
#   all of what is linked is wrong: less certain pairs are for a person to ask for.
THRESHOLDS = {"vectors": 0.8, "coordinated": 0.8, "text": 0.5, "picture_hash": 0.875}
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_UTC_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d|Z", re.ASCII)


@dataclass(frozen=True)
class Clock:
    """How a recorder's clock is put on the reference clock: given, from marks, from sound, from metadata.

    reference time = time + offset + (time - at) x drift_ppm / 1,000,000: the offset is what is added at the
    time `at` of this clock, which a clock that counts from 1970 has to say where it drifts.
    `sync: events` reads `path`, a CSV of clock_s,reference_s; `sync: audio` compares the sound of the two;
    `sync: warp` does so where they play one piece at tempi of their own (to about 50 ms: say a `tolerance`);
    `sync: metadata` compares when items of the two say that they were captured. Where those of this clock do
    not say in which zone, `utc_offset` ("+02:00") does. `epoch` is for a clock whose own times are stamps:
    seconds since 1970 in UTC (unix), or of GPS since 1980 or, with `gps_week`, since the start of that week.
    A clock whose residual is above `tolerance` (align's, where none is said) is refused by the gate.
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

    def __post_init__(self) -> None:
        """Refuse a clock that is told in two ways or in none."""
        if (self.offset is None) == (self.sync is None):
            raise ValueError(
                "expected either offset (with drift_ppm) or sync: audio | events | metadata | warp"
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
        _refuse_wrong_tolerance(self.tolerance)
        self._refuse_wrong_stamps()

    def _refuse_wrong_stamps(self) -> None:
        if self.sync != "metadata" and (self.utc_offset or self.epoch):
            raise ValueError("only sync: metadata has utc_offset or epoch")
        if self.gps_week is not None and (self.epoch != "gps" or self.gps_week < 0):
            raise ValueError("expected gps_week of 0 or more, and only with epoch: gps")
        if self.utc_offset is not None and not _UTC_OFFSET.fullmatch(self.utc_offset):
            raise ValueError(f"expected utc_offset such as \"+02:00\", got '{self.utc_offset}'")


@dataclass(frozen=True)
class Windows:
    """Samples cut from the common time: one every `hop`, `window` long.

    With a hop longer than the window, what lies between two windows is in no sample.
    """

    window: DurationNs
    hop: DurationNs

    def __post_init__(self) -> None:
        """Refuse windows that do not move or have no length."""
        if not (0 < self.window <= LONGEST_SPAN_NS and 0 < self.hop <= LONGEST_SPAN_NS):
            raise ValueError("expected a window and a hop longer than nothing, of one year (8784h) at most")


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

    By time, `least_share` is what two spans must share of the shorter of them; with 0 it is enough to meet.
    `pool` says of which roles the frames are pooled onto the samples, and how.
    By content, `by` says what is compared: encoded `vectors` of one space, vectors brought into one space
    that is fitted on known pairs (`coordinated`: labels and what they are about, the only two of a session,
    and `pairs`, a CSV of member,reference ids), the words of a `text`, or the looks of pictures
    (`picture_hash`). `pairing`: each other's nearest (`mutual`), the best one-to-one `assignment`, or
    everything with what it is most like (`threshold`). A pair is at least `threshold` alike, from -1 to 1
    (that of THRESHOLDS where none is said), and clearer than the second best by `margin`. `candidates` are of
    the same session, of the whole batch, or `everywhere`: of all batches that say so with the same reference,
    by, pairing, threshold and margin. Those form a round, paired as if delivered as one, whatever the gate
    says of each; one that comes, changes or goes has the whole round aligned anew. `pairs` are of the batch's
    own ids there too.
    """

    method: Literal["key", "timestamp", "content"]
    reference: str | Windows
    tolerance: DurationNs = 20_000_000
    match: Literal["auto", "nearest", "overlap"] = "auto"
    threshold: float | None = None
    by: Literal["vectors", "coordinated", "text", "picture_hash"] = "vectors"
    pairing: Literal["mutual", "assignment", "threshold"] = "mutual"
    candidates: Literal["session", "batch", "everywhere"] = "batch"
    margin: float = 0.0
    pairs: PathText | None = None
    least_share: float = 0.0
    pool: dict[str, Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what has no meaning: windows where nothing has a time, options of another method."""
        if isinstance(self.reference, Windows) and self.method != "timestamp":
            raise ValueError("reference: windows need method: timestamp")
        self._refuse_wrong_times()
        self._refuse_wrong_content()

    @property
    def least_alike(self) -> float:
        """How alike a pair is at least, by content."""
        return THRESHOLDS[self.by] if self.threshold is None else self.threshold

    def _refuse_wrong_times(self) -> None:
        _refuse_wrong_tolerance(self.tolerance)
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
        if not -1 <= self.least_alike <= 1 or not 0 <= self.margin <= 2:
            raise ValueError("expected a threshold from -1 to 1 and a margin from 0 to 2")

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
        """Refuse what contradicts itself between the parts."""
        if not self.sources:
            raise ValueError("sources: expected at least one source")
        self._refuse_wrong_clocks()
        if self.texts and self.align.method != "timestamp":
            raise ValueError("texts: only align with method: timestamp has times to give them")

    def _refuse_wrong_clocks(self) -> None:
        """Clocks that are used and not declared, or told for nothing, and more than one reference."""
        used = {source.clock for source in self.sources}
        # Only entries whose times can be on a clock have one.
        used |= {clock for export in self.labels if (clock := getattr(export, "clock", None))}
        unknown = sorted(used - set(self.clocks) - {DEFAULT_CLOCK})
        if unknown:
            raise ValueError(f"clocks: {unknown} are used but not declared under clocks")
        references = [name for name, clock in self.clocks.items() if clock == "reference"]
        if len(references) > 1:
            raise ValueError(f"clocks: expected one reference clock, got {references}")
        idle = sorted({name for name, clock in self.clocks.items() if clock != "reference"} - used)
        if idle:
            raise ValueError(
                f"clocks: {idle} are declared, but nothing is on them: say clock: {idle[0]} at the source or"
                " the label export whose times it counts"
            )
        if self.reference_clock == DEFAULT_CLOCK and isinstance(self.clocks.get(DEFAULT_CLOCK), Clock):
            raise ValueError(
                f"clocks: '{DEFAULT_CLOCK}' is what all others are put on; to put it on another, declare that"
                " one as the reference"
            )

    @property
    def reference_clock(self) -> str:
        """The name of the clock that all times are brought to."""
        return next((name for name, clock in self.clocks.items() if clock == "reference"), DEFAULT_CLOCK)


def _refuse_wrong_tolerance(tolerance_ns: int | None) -> None:
    if tolerance_ns is not None and not 0 <= tolerance_ns <= LONGEST_SPAN_NS:
        raise ValueError("tolerance: expected a duration from 0s to one year (8784h)")


def read_batch_file(path: Path) -> BatchFile:
    """The batch file at that path; ConfigError with file and line when anything in it is wrong."""
    return read_config(path, BatchFile)
