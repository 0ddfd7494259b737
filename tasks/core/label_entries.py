"""The `labels` of a batch file: one dataclass per way of saying where an export is and what it is about.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder. Formats that
need to be told the same share a dataclass.
"""

from dataclasses import dataclass
from typing import Literal

from tasks.core.config import PathText

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
    "relation",
]


@dataclass(frozen=True)
class LabelExport:
    """A label export of a format that says everything itself (coco, label_studio).

    `annotator` is who made the labels where the export does not say.
    """

    format: str
    path: PathText
    annotator: str | None = None


@dataclass(frozen=True)
class ClassFolders:
    """ImageNet-style folders: the name of the folder that a picture lies in is its class."""

    format: Literal["imagenet"]
    path: PathText
    annotator: str | None = None


@dataclass(frozen=True)
class VqaExport:
    """VQA v2: `path` is the questions file, `answers` the annotations file."""

    format: Literal["vqa"]
    path: PathText
    answers: PathText


@dataclass(frozen=True)
class TimedExport:
    """Timed labels (textgrid, elan, rttm, ...): a file of them, or a folder of files.

    `item` names the media; without it those that the file names are meant, else the item of the same stem.
    With `clock` the times are on that clock, without it they count from the start of the item. `task` is what
    the labels are; without it what their format says, for text a transcript. `annotator` is who made the
    labels where the export does not say.
    """

    format: str
    path: PathText
    item: str | None = None
    clock: str | None = None
    task: Task | None = None
    annotator: str | None = None


@dataclass(frozen=True)
class SubtitlesExport(TimedExport):
    """SRT and WebVTT; `roll_up` says what is done with captions that show the line before once more.

    `lines` leaves the repeated lines out, `words` does so and makes a label of every word that has its own
    time, `keep` takes every cue as it is. Without it a file with times inside its cues is read as `lines`.
    """

    roll_up: Literal["keep", "lines", "words"] | None = None


@dataclass(frozen=True)
class TtmlExport(TimedExport):
    """TTML; with `words` a timed part of a line is a label of its own, which refers to its line."""

    words: bool = False


@dataclass(frozen=True)
class TableExport:
    """Labels in the columns of a table (CSV, TSV, JSONL, Parquet).

    `item` is the column that names the media, `label` and `text` what is said of it, `start` and `end`
    columns of seconds, `annotator` and `confidence` columns too.
    """

    format: Literal["table"]
    path: PathText
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


Export = LabelExport | ClassFolders | VqaExport | TimedExport | TableExport

EXPORT_FORMATS: dict[str, type] = {
    "ass": TimedExport,
    "audacity": TimedExport,
    "coco": LabelExport,
    "csd": TimedExport,
    "ctm": TimedExport,
    "elan": TimedExport,
    "imagenet": ClassFolders,
    "jams": TimedExport,
    "kaldi": TimedExport,
    "label_studio": LabelExport,
    "rttm": TimedExport,
    "subtitles": SubtitlesExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "ttml": TtmlExport,
    "vqa": VqaExport,
}
