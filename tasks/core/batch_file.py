"""batch.yaml: what a user may write to say what a batch is. One dataclass per mapping, nothing else is read.

A path is relative to the batch folder and stays inside it, or is absolute and then meant. `read_batches`
(in `tasks/core/batch.py`) refuses everything that is wrong before any work is done. What `sources`, `labels`,
`clocks` and `align` may say is in `source_entries.py`, `label_entries.py`, `clock_entry.py` and
`align_entry.py`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from tasks.core.align_entry import Align
from tasks.core.clock_entry import Clock
from tasks.core.config import OneOf, read_config
from tasks.core.label_entries import EXPORT_FORMATS, Export
from tasks.core.source_entries import DEFAULT_CLOCK, SOURCE_KINDS, Source


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
    """The whole of batch.yaml.

    `split_ties` is what becomes of a sample that was delivered with a split (`split` in a source) and is tied
    to samples of another one: it is left out by name, or stays and is reported.
    """

    about: str
    license: str
    sources: tuple[Annotated[Source, OneOf("kind", SOURCE_KINDS)], ...]
    align: Align
    labels: tuple[Annotated[Export, OneOf("format", EXPORT_FORMATS)], ...] = ()
    clocks: dict[str, Literal["reference"] | Clock] = field(default_factory=dict)
    annotators: dict[str, Annotator] = field(default_factory=dict)
    texts: tuple[Text, ...] = ()
    split_ties: Literal["leave_out", "report"] = "leave_out"

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
        references = self._references()
        if len(references) > 1:
            raise ValueError(f"clocks: expected one reference clock, got {references}")
        idle = sorted(set(self.clocks) - set(references) - used)
        if idle:
            raise ValueError(
                f"clocks: {idle} are declared, but nothing is on them: say clock: {idle[0]} at the source or"
                " the label export whose times it counts"
            )
        if not references and DEFAULT_CLOCK in self.clocks:
            raise ValueError(
                f"clocks: '{DEFAULT_CLOCK}' is what all others are put on; to put it on another, declare that"
                " one as the reference"
            )
        self._refuse_idle_stamps()

    @cached_property
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
