"""batch.yaml: what a user may write to say what a batch is. One dataclass per mapping, nothing else is read.

A path is relative to the batch folder and stays inside it, or is absolute and then meant. `read_batches`
(in `tasks/core/batch.py`) refuses everything that is wrong before any work is done.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from tasks.core.config import DurationNs, OneOf, read_config

DEFAULT_CLOCK = "reference"
WHOLE_BATCH = "all"

Modality = Literal["image", "text", "audio", "video", "signal"]
Task = Literal[
    "classification",
    "detection",
    "segmentation",
    "keypoints",
    "caption",
    "transcript",
    "vqa",
    "sentiment",
    "event",
]


@dataclass(frozen=True)
class FilesSource:
    """Media files in a folder (searched to its depths), or one file; told by their content, not their suffix.

    `session` is a template over {parent}, {stem}, {name} and {batch}. `role` names the stream, and is the
    modality when not given.
    """

    kind: Literal["files"]
    path: str
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    start: DurationNs | None = None


@dataclass(frozen=True)
class TableSource:
    """Items listed by a table (CSV, TSV, JSONL, Parquet): a media file, a text or numbers per row.

    Exactly one of `media` (column of paths relative to the table), `text` (column) and `values`
    (numeric columns, one signal item a row) is given. `time` and `duration` are columns of seconds.
    `columns` names the columns of a file without a header; lines that start with `comment` are skipped.
    """

    kind: Literal["table"]
    path: str
    media: str | None = None
    text: str | None = None
    values: tuple[str, ...] = ()
    id: str | None = None
    time: str | None = None
    duration: str | None = None
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Refuse a table that does not say, or says twice, what its items are."""
        given = [name for name in ("media", "text", "values") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"expected exactly one of media, text and values, got {given or 'none'}")


@dataclass(frozen=True)
class LabelExport:
    """A label export of a format that says everything itself (coco, label_studio).

    `annotator` is who made the labels where the export does not say.
    """

    format: str
    path: str
    annotator: str | None = None


@dataclass(frozen=True)
class ClassFolders:
    """ImageNet-style folders: the name of the folder that a picture lies in is its class."""

    format: Literal["imagenet"]
    path: str
    annotator: str | None = None


@dataclass(frozen=True)
class VqaExport:
    """VQA v2: `path` is the questions file, `answers` the annotations file."""

    format: Literal["vqa"]
    path: str
    answers: str


@dataclass(frozen=True)
class TimedExport:
    """Timed text (textgrid, subtitles) about one item.

    `item` names the media; without it the item of the same stem is meant. With `clock` the times are on
    that clock, without it they count from the start of the item. `task` is what the text is.
    """

    format: str
    path: str
    item: str | None = None
    clock: str | None = None
    task: Task = "transcript"
    annotator: str | None = None


@dataclass(frozen=True)
class TableExport:
    """Labels in the columns of a table (CSV, TSV, JSONL, Parquet).

    `item` is the column that names the media, `label` and `text` what is said of it, `start` and `end`
    columns of seconds, `annotator` and `confidence` columns too.
    """

    format: Literal["table"]
    path: str
    item: str
    task: Task
    label: str | None = None
    text: str | None = None
    start: str | None = None
    end: str | None = None
    annotator: str | None = None
    confidence: str | None = None
    clock: str | None = None
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Refuse a table that says nothing about its items."""
        if self.label is None and self.text is None:
            raise ValueError("expected the column of the label or of the text")


Source = FilesSource | TableSource
Export = LabelExport | ClassFolders | VqaExport | TimedExport | TableExport

SOURCE_KINDS: dict[str, type] = {"files": FilesSource, "table": TableSource}
EXPORT_FORMATS: dict[str, type] = {
    "coco": LabelExport,
    "imagenet": ClassFolders,
    "label_studio": LabelExport,
    "subtitles": TimedExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "vqa": VqaExport,
}


@dataclass(frozen=True)
class Clock:
    """How a recorder's clock is put on the reference clock: given, from paired marks, or from sound.

    reference time = time + offset + time x drift_ppm / 1,000,000: the offset is what is added.
    `sync: events` reads `path`, a CSV of clock_s,reference_s; `sync: audio` compares the sound of the two.
    """

    offset: DurationNs | None = None
    drift_ppm: float = 0.0
    sync: Literal["audio", "events"] | None = None
    path: str | None = None

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
class BatchFile:
    """The whole of batch.yaml."""

    about: str
    license: str
    sources: tuple[Annotated[Source, OneOf("kind", SOURCE_KINDS)], ...]
    align: Align
    labels: tuple[Annotated[Export, OneOf("format", EXPORT_FORMATS)], ...] = ()
    clocks: dict[str, Literal["reference"] | Clock] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse clocks that are used and not declared, or more than one reference."""
        if not self.sources:
            raise ValueError("sources: expected at least one source")
        used = {source.clock for source in self.sources}
        used |= {
            export.clock
            for export in self.labels
            if isinstance(export, TimedExport | TableExport) and export.clock
        }
        unknown = sorted(used - set(self.clocks) - {DEFAULT_CLOCK})
        if unknown:
            raise ValueError(f"clocks: {unknown} are used but not declared under clocks")
        references = [name for name, clock in self.clocks.items() if clock == "reference"]
        if len(references) > 1:
            raise ValueError(f"clocks: expected one reference clock, got {references}")

    @property
    def reference_clock(self) -> str:
        """The name of the clock that all times are brought to."""
        return next((name for name, clock in self.clocks.items() if clock == "reference"), DEFAULT_CLOCK)


def read_batch_file(path: Path) -> BatchFile:
    """The batch file at that path; ConfigError with file and line when anything in it is wrong."""
    return read_config(path, BatchFile)
