"""batch.yaml: what a user may write to say what a batch is. One dataclass per mapping, nothing else is read.

A path is relative to the batch folder and stays inside it, or is absolute and then meant. `read_batches`
(in `tasks/core/batch.py`) refuses everything that is wrong before any work is done. What `sources` and
`labels` may say is in `source_entries.py` and `label_entries.py`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from tasks.core.config import DurationNs, OneOf, PathText, read_config
from tasks.core.label_entries import EXPORT_FORMATS, Export
from tasks.core.source_entries import DEFAULT_CLOCK, SOURCE_KINDS, Source


@dataclass(frozen=True)
class Clock:
    """How a recorder's clock is put on the reference clock: given, from paired marks, or from sound.

    reference time = time + offset + time x drift_ppm / 1,000,000: the offset is what is added.
    `sync: events` reads `path`, a CSV of clock_s,reference_s; `sync: audio` compares the sound of the two.
    """

    offset: DurationNs | None = None
    drift_ppm: float = 0.0
    sync: Literal["audio", "events"] | None = None
    path: PathText | None = None

    def __post_init__(self) -> None:
        """Refuse a clock that is told in two ways or in none."""
        if (self.offset is None) == (self.sync is None):
            raise ValueError("expected either offset (with drift_ppm) or sync: audio | events")
        if (self.sync == "events") != (self.path is not None):
            raise ValueError("sync: events needs a path to its marks, and nothing else has one")


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
class Align:
    """How the modalities meet: by `key` (the same session), by time, or by content."""

    method: Literal["key", "timestamp", "content"]
    reference: str | Windows
    tolerance: DurationNs = 20_000_000
    match: Literal["auto", "nearest", "overlap"] = "auto"
    threshold: float = 0.8

    def __post_init__(self) -> None:
        """Refuse windows where nothing has a time."""
        if isinstance(self.reference, Windows) and self.method != "timestamp":
            raise ValueError("reference: windows need method: timestamp")


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
        references = [name for name, clock in self.clocks.items() if clock == "reference"]
        if len(references) > 1:
            raise ValueError(f"clocks: expected one reference clock, got {references}")
        if self.texts and self.align.method != "timestamp":
            raise ValueError("texts: only align with method: timestamp has times to give them")

    @property
    def reference_clock(self) -> str:
        """The name of the clock that all times are brought to."""
        return next((name for name, clock in self.clocks.items() if clock == "reference"), DEFAULT_CLOCK)


def read_batch_file(path: Path) -> BatchFile:
    """The batch file at that path; ConfigError with file and line when anything in it is wrong."""
    return read_config(path, BatchFile)
