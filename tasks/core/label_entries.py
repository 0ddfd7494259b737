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
    """A label export of a format that says everything itself (coco, label_studio, labelme).

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
class CvatExport:
    """CVAT's XML 1.1; `item` names the video, where the name that the export gives is not its."""

    format: Literal["cvat"]
    path: PathText
    item: str | None = None
    annotator: str | None = None


@dataclass(frozen=True)
class ViaExport:
    """VGG Image Annotator's projects and annotations; `label` is the attribute that is the class."""

    format: Literal["via"]
    path: PathText
    label: str
    annotator: str | None = None


@dataclass(frozen=True)
class VocExport:
    """Pascal VOC's XML files: `path` is the folder they lie in (its depths too), or one of them.

    `corners` says what their numbers count: `pixels` from 1, the last one in the box, as VOC defines it; or
    the `edges` of the box, from 0 at the picture's own, as Roboflow writes them.
    """

    format: Literal["voc"]
    path: PathText
    corners: Literal["pixels", "edges"] = "pixels"
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


@dataclass(frozen=True)
class YoloExport:
    """YOLO's text files: `path` is the folder they lie in (its depths too), or one of them.

    `shape` says what a row is: the files do not. `names` is the file of the class names, data.yaml or a list
    with a name a line; without it, data.yaml, classes.txt or obj.names of the folder or of one above it in
    the batch. `kpt_shape` is for poses where no data.yaml says it: the number of points, and 2 or 3 values
    of each.
    """

    format: Literal["yolo"]
    path: PathText
    shape: Literal["detection", "obb", "segmentation", "pose"]
    names: PathText | None = None
    kpt_shape: tuple[int, ...] = ()
    annotator: str | None = None

    def __post_init__(self) -> None:
        """Refuse points that are none."""
        if self.kpt_shape and not is_kpt_shape(self.kpt_shape):
            raise ValueError(f"expected kpt_shape as [number of points, 2 or 3], got {list(self.kpt_shape)}")


def is_kpt_shape(numbers: tuple[int, ...]) -> bool:
    """Whether these are a number of points, and how many values each has: x and y, and perhaps visible."""
    return len(numbers) == 2 and 0 < numbers[0] <= 10_000 and numbers[1] in (2, 3)


Export = (
    ClassFolders
    | CvatExport
    | LabelExport
    | SubtitlesExport
    | TableExport
    | TimedExport
    | TtmlExport
    | ViaExport
    | VocExport
    | VqaExport
    | WebDatasetExport
    | YoloExport
)

EXPORT_FORMATS: dict[str, type] = {
    "ass": TimedExport,
    "audacity": TimedExport,
    "coco": LabelExport,
    "ctm": TimedExport,
    "cvat": CvatExport,
    "elan": TimedExport,
    "imagenet": ClassFolders,
    "jams": TimedExport,
    "kaldi": TimedExport,
    "label_studio": LabelExport,
    "labelme": LabelExport,
    "rttm": TimedExport,
    "subtitles": SubtitlesExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "ttml": TtmlExport,
    "via": ViaExport,
    "voc": VocExport,
    "vqa": VqaExport,
    "webdataset": WebDatasetExport,
    "yolo": YoloExport,
}
