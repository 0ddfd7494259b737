"""The `labels` of a batch file: one dataclass per way of saying where an export is and what it is about.

A field of type PathText is a path that must exist: relative ones stay inside the batch folder. Formats that
need to be told the same share a dataclass.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tasks.core.config import DurationNs, PathsText, PathText
from tasks.core.registry import nearest_word

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

Encoding = Literal[
    "utf-8",
    "utf-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "koi8-r",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-kr",
]

OnRateMismatch = Literal["refuse", "repair", "keep"]

ITEM_PLACEHOLDERS = ("stem", "name", "parent")
MEDIA_PLACEHOLDERS = ("dialogue", "utterance", "season", "episode")


_BRACES = re.compile(r"\{([^{}]*)\}")


def refuse_item_pattern(item: str | None) -> None:
    """ValueError when `item` has a placeholder that no file fills in."""
    for name in _BRACES.findall(item or ""):
        if name not in ITEM_PLACEHOLDERS:
            hint = nearest_word(name, [*ITEM_PLACEHOLDERS])
            raise ValueError(f"expected {ITEM_PLACEHOLDERS} in `item`, got '{{{name}}}'.{hint}")


def fill_item(item: str, path: Path) -> str:
    """The item that an export is about, by the name of its file, and of the folder that it lies in."""
    told = {"stem": path.stem, "name": path.name, "parent": path.parent.name}
    return _BRACES.sub(lambda name: told[name[1]], item)


@dataclass(frozen=True)
class LabelExport:
    """A label export of a format that says everything itself (coco, flickr30k_entities, labelme).

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
    """VQA v2: `path` is the questions file, `answers` the annotations file (there is none of test-dev)."""

    format: Literal["vqa"]
    path: PathText
    answers: PathText | None = None


@dataclass(frozen=True)
class TimedExport:
    """Timed labels (textgrid, elan, rttm, ...): a file of them, or a folder of files.

    `item` names the media, of a folder by {stem}, {name} and {parent} of each file; without it those that the
    file names are meant, else the item of the same stem.
    With `clock` the times are on that clock, without it they count from the start of the item. `task` is what
    the labels are; without it what their format says, for text a transcript. `annotator` is who made the
    labels where the export does not say. `on_rate_mismatch` says what is done where the times about a video
    are whole frames of another rate (24 for 23.976, 30 for 29.97, 25 for 24): the labels are refused, their
    times scaled, or kept as they are.
    """

    format: str
    path: PathText
    item: str | None = None
    clock: str | None = None
    task: Task | None = None
    annotator: str | None = None
    on_rate_mismatch: OnRateMismatch = "refuse"

    def __post_init__(self) -> None:
        """Refuse a pattern of `item` that no file fills in."""
        refuse_item_pattern(self.item)


@dataclass(frozen=True)
class SubtitlesExport(TimedExport):
    """SRT and WebVTT; `encoding` is that of a file that is neither UTF-8 nor UTF-16 with its mark.

    `roll_up` says what is done with captions that show the line before once more.

    `lines` leaves the repeated lines out, `words` does so and makes a label of every word that has its own
    time, `keep` takes every cue as it is. Without it a file with times inside its cues is read as `lines`.
    """

    roll_up: Literal["keep", "lines", "words"] | None = None
    encoding: Encoding | None = None


@dataclass(frozen=True)
class TranscriptExport:
    """What was said in a recording as plain text without times: a .txt file, or a folder of them.

    `split` says what a label is. `lines`: every line. `paragraphs`: lines up to a blank one. `sentences`: the
    sentences of a paragraph, whose lines may break anywhere; none ends behind one of the `abbreviations`,
    written without their last full stop. `item` names the media; without it the item of the same stem is
    meant. The times come from what else says the same: `texts` of the batch file.
    """

    format: Literal["transcript"]
    path: PathText
    item: str | None = None
    split: Literal["sentences", "lines", "paragraphs"] = "sentences"
    abbreviations: tuple[str, ...] = ("Dr", "Mr", "Mrs", "Ms", "Prof", "St")
    encoding: Literal["utf-8", "windows-1252"] = "utf-8"
    task: Literal["transcript", "caption"] = "transcript"
    annotator: str | None = None

    def __post_init__(self) -> None:
        """Refuse a pattern of `item` that no file fills in."""
        refuse_item_pattern(self.item)


@dataclass(frozen=True)
class TtmlExport(TimedExport):
    """TTML; with `words` a timed part of a line is a label of its own, which refers to its line."""

    words: bool = False


@dataclass(frozen=True)
class TableExport:
    """Labels in the columns of a table (CSV, TSV, JSONL, Parquet).

    `item` is the column that names the media, `label` and `text` what is said of it, `start` and `end`
    columns of seconds or of clock times (00:14:38,127), `annotator` and `confidence` columns too. An `item`
    that is no column is the one item that all rows are about; {stem}, {name} and {parent} in it are those of
    the table's file. With `item: "#"` a row is about the item
    that a source made of this same row of this same table. `on_rate_mismatch` is as for other timed labels.
    """

    format: Literal["table"]
    path: PathsText
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
    on_rate_mismatch: OnRateMismatch = "refuse"

    def __post_init__(self) -> None:
        """Refuse a table that says nothing about its items."""
        refuse_item_pattern(self.item)
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
    | DialogueExport
    | FlickrExport
    | IlsvrcExport
    | LabelExport
    | LabelStudioExport
    | SubtitlesExport
    | TableExport
    | TimedExport
    | TranscriptExport
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
    "csd": TimedExport,
    "ctm": TimedExport,
    "cvat": CvatExport,
    "dialogue": DialogueExport,
    "elan": TimedExport,
    "flickr30k": FlickrExport,
    "flickr30k_entities": LabelExport,
    "flickr8k": FlickrExport,
    "ilsvrc": IlsvrcExport,
    "imagenet": ClassFolders,
    "jams": TimedExport,
    "kaldi": TimedExport,
    "label_studio": LabelStudioExport,
    "labelme": LabelExport,
    "rttm": TimedExport,
    "subtitles": SubtitlesExport,
    "table": TableExport,
    "textgrid": TimedExport,
    "transcript": TranscriptExport,
    "ttml": TtmlExport,
    "via": ViaExport,
    "voc": VocExport,
    "vqa": VqaExport,
    "webdataset": WebDatasetExport,
    "yolo": YoloExport,
}
