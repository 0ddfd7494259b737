"""The `labels` of a batch file: one dataclass per way of saying where an export is and what it is about.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder. Formats that
need to be told the same share a dataclass.
"""

from dataclasses import dataclass
from typing import Literal

from tasks.core.config import PathsText, PathText

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
    columns of seconds, `annotator` and `confidence` columns too. With `item: "#"` a row is about the item
    that a source made of this same row of this same table.
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


@dataclass(frozen=True)
class WebDatasetExport:
    """The `.cls` and `.json` members of WebDataset shards: a tar, several, or a folder of them.

    `label` and `caption` are keys of the `.json`. A label is about the one member of its sample that is media
    and no text; where there are several, `item` is the extension of the one that is meant.
    """

    format: Literal["webdataset"]
    path: PathsText
    label: str | None = None
    caption: str | None = None
    item: str | None = None
    annotator: str | None = None


Export = LabelExport | ClassFolders | VqaExport | TimedExport | TableExport | WebDatasetExport

EXPORT_FORMATS: dict[str, type] = {
    "coco": LabelExport,
    "imagenet": ClassFolders,
    "label_studio": LabelExport,
    "subtitles": TimedExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "vqa": VqaExport,
    "webdataset": WebDatasetExport,
}
