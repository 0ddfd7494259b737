"""The `labels` of a batch file: one dataclass per way of saying where an export is and what it is about.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder. Formats that
need to be told the same share a dataclass.
"""

import re
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

MEDIA_PLACEHOLDERS = ("dialogue", "utterance", "season", "episode")


@dataclass(frozen=True)
class LabelExport:
    """A label export of a format that says everything itself (coco, flickr30k_entities).

    `annotator` is who made the labels where the export does not say.
    """

    format: str
    path: PathText
    annotator: str | None = None


@dataclass(frozen=True)
class ClassFolders:
    """ImageNet-style folders: the name of the folder that a picture lies in is its class.

    `synsets` is a file that says what is called so (n01440764: tench, Tinca tinca); then that is the class.
    """

    format: Literal["imagenet"]
    path: PathText
    annotator: str | None = None
    synsets: PathText | None = None


@dataclass(frozen=True)
class DialogueExport:
    """Utterances of dialogues in the rows of a CSV file, with MELD's columns where no others are said.

    `media` is the file of an utterance, with {dialogue}, {utterance}, {season} and {episode} in it. With
    `timed` the media are whole episodes, and the times count from their start. A column that is null is
    not read.
    """

    format: Literal["dialogue"]
    path: PathText
    annotator: str | None = None
    media: str = "dia{dialogue}_utt{utterance}.mp4"
    encoding: Literal["utf-8", "windows-1252"] = "utf-8"
    timed: bool = False
    text: str | None = "Utterance"
    speaker: str | None = "Speaker"
    emotion: str | None = "Emotion"
    sentiment: str | None = "Sentiment"
    dialogue: str = "Dialogue_ID"
    utterance: str = "Utterance_ID"
    season: str | None = "Season"
    episode: str | None = "Episode"
    start: str | None = "StartTime"
    end: str | None = "EndTime"

    def __post_init__(self) -> None:
        """Refuse a name of media that no row can fill in, or rows that say nothing."""
        unknown = set(re.findall(r"\{([^}]*)\}", self.media)) - {*MEDIA_PLACEHOLDERS}
        if unknown:
            raise ValueError(f"expected {MEDIA_PLACEHOLDERS} in `media`, got {sorted(unknown)}")
        if not (self.text or self.emotion or self.sentiment):
            raise ValueError("expected the column of the text, of the emotion or of the sentiment")


@dataclass(frozen=True)
class FlickrExport:
    """Flickr30k's and Flickr8k's captions, a file of one caption a line.

    `expert` and `crowd` are Flickr8k's judgements of how well a caption describes a picture.
    """

    format: Literal["flickr30k", "flickr8k"]
    path: PathText
    annotator: str | None = None
    expert: PathText | None = None
    crowd: PathText | None = None


@dataclass(frozen=True)
class IlsvrcExport:
    """ILSVRC's ground truth: a list of class numbers, of pictures with theirs, or of pictures with boxes.

    `synsets` says which class a number is. With `words` a class is called by its words, not by its id.
    """

    format: Literal["ilsvrc"]
    path: PathText
    annotator: str | None = None
    synsets: PathText | None = None
    words: bool = False


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
        if self.frame_rate is not None and not 1 <= self.frame_rate <= 100_000:
            raise ValueError("expected a frame_rate of at least 1 frame a second")


@dataclass(frozen=True)
class VqaExport:
    """VQA v2: `path` is the questions file, `answers` the annotations file (there is none of test-dev)."""

    format: Literal["vqa"]
    path: PathText
    answers: PathText | None = None


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


Export = (
    LabelExport
    | ClassFolders
    | DialogueExport
    | FlickrExport
    | IlsvrcExport
    | LabelStudioExport
    | TableExport
    | TimedExport
    | VqaExport
)

EXPORT_FORMATS: dict[str, type] = {
    "coco": LabelExport,
    "dialogue": DialogueExport,
    "flickr30k": FlickrExport,
    "flickr30k_entities": LabelExport,
    "flickr8k": FlickrExport,
    "ilsvrc": IlsvrcExport,
    "imagenet": ClassFolders,
    "label_studio": LabelStudioExport,
    "subtitles": TimedExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "vqa": VqaExport,
}
