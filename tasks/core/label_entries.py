"""The `labels` of a batch file: one dataclass per way of saying where an export is and what it is about.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder. Formats that
need to be told the same share a dataclass.
"""

from dataclasses import dataclass
from typing import Literal

from tasks.core.config import DurationNs, PathText

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
    """A label export of a format that says everything itself (coco, flickr30k, flickr8k).

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
class LabelStudioExport:
    """Label Studio's JSON.

    `config` is the project's labelling config: it tells which media a result is about, and which labels there
    are. With `predictions` a model's results are imported too. A number on a time series counts `time_unit`
    (a second where none is said), a date in it is of `time_format` (as strptime has it; ISO 8601 where none
    is said) and in UTC; either is on `clock`, a number without one counts from the start of the item.
    `frame_rate` is that of the <Video> tag, where it was not the video's own.
    """

    format: Literal["label_studio"]
    path: PathText
    annotator: str | None = None
    config: PathText | None = None
    predictions: bool = False
    clock: str | None = None
    time_unit: DurationNs | None = None
    time_format: str | None = None
    frame_rate: float | None = None

    def __post_init__(self) -> None:
        """Refuse units and rates that count backwards or not at all."""
        if self.time_unit is not None and self.time_unit <= 0:
            raise ValueError("expected a time_unit of more than nothing")
        if self.frame_rate is not None and not 0 < self.frame_rate <= 100_000:
            raise ValueError("expected a frame_rate of more than 0 frames a second")


@dataclass(frozen=True)
class VqaExport:
    """VQA v2: `path` is the questions file, `answers` the annotations file."""

    format: Literal["vqa"]
    path: PathText
    answers: PathText


@dataclass(frozen=True)
class TimedExport:
    """Timed text (textgrid, subtitles) about one item.

    `item` names the media; without it the item of the same stem is meant. With `clock` the times are on
    that clock, without it they count from the start of the item. `task` is what the text is.
    """

    format: str
    path: PathText
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


Export = LabelExport | ClassFolders | LabelStudioExport | VqaExport | TimedExport | TableExport

EXPORT_FORMATS: dict[str, type] = {
    "coco": LabelExport,
    "imagenet": ClassFolders,
    "label_studio": LabelStudioExport,
    "subtitles": TimedExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "vqa": VqaExport,
}
