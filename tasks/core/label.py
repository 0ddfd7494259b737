"""What a label format yields: labels as the export writes them, and faults for what cannot be one.

A format only parses. The label stage finds the item that `media` means, moves media-relative times onto the
item's clock and refuses what cannot be true of the item (a box outside the image, an end beyond the media).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.core.batch import Batch
from tasks.core.errors import FileError
from tasks.core.rejects import Reason

Keypoint = dict[str, str | float | int | None]
Times = npt.NDArray[np.int64]

# The attribute of a label that declares: somebody looked, and nothing of the task is there.
NEGATIVE = "negative"


# Not frozen: that would make each of millions of labels cost four times as much. Nothing changes a label.
@dataclass(slots=True)
class Label:
    """One annotation by one annotator; `native_id` is unique in its export, `media` is the item as written.

    x, y, width, height: pixels of the upright image, from the top left of its top-left pixel; `rotation` is
    in degrees, clockwise, about (x, y). Times in ns: on `clock` where given, else from the start of the item.
    `keypoints` are dicts of name, x, y and visible (0, 1, 2 as in COCO, or None). `track` is one thing
    through the frames of a video. `refers_to` are native ids of labels of the same export that this one is
    about.
    `stated_width` and `stated_height` are the size in pixels that the export says the picture or video has.
    `origin` is the export's file and line or id.
    """

    native_id: str
    media: str
    task: str
    origin: str
    label: str | None = None
    text: str | None = None
    question: str | None = None
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    rotation: float | None = None
    polygon: list[list[float]] | None = None
    mask: str | None = None
    keypoints: list[Keypoint] | None = None
    track: str | None = None
    clock: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    confidence: float | None = None
    annotator: str | None = None
    created_at: str | None = None
    ground_truth: bool | None = None
    refers_to: list[str] | None = None
    attributes: Mapping[str, str] | None = None
    stated_width: float | None = None
    stated_height: float | None = None


@dataclass(frozen=True, slots=True)
class LabelFault:
    """One annotation that cannot be imported: where it stands, why, and a sentence for a person."""

    native_id: str
    origin: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class LabelBlock:
    """Many labels of one export at once, for formats whose exports are large.

    `columns` are named like the fields of Label and have the types of the labels table; texts may be
    dictionary-encoded. `native_id`, `media`, `task` and `origin` are there; what is not there is null.
    """

    columns: Mapping[str, pa.Array]

    def labels(self) -> Iterator[Label]:
        """Label by label."""
        for row in pa.table(dict(self.columns)).to_pylist():
            pairs = row.pop("attributes", None)
            attributes = None if pairs is None else {pair["name"]: pair["value"] for pair in pairs}
            yield Label(**row, attributes=attributes)


def broken_export(native_id: str, origin: str, error: FileError) -> LabelFault:
    """The fault of a file that cannot be read on: its encoding is wrong, or it is broken in another way."""
    encoded = isinstance(error.__cause__, UnicodeError)
    return LabelFault(
        native_id, origin, Reason.WRONG_ENCODING if encoded else Reason.EXPORT_BROKEN, error.detail
    )


@dataclass(frozen=True, slots=True)
class ItemName:
    """What label formats may know of an item: its native id, upright size, length and frames.

    `frame_times_ns` are the presentation times of a video's frames from its start, in order; int64.
    """

    native_id: str
    modality: str
    width: int | None = None
    height: int | None = None
    duration_ns: int | None = None
    frame_rate: float | None = None
    frame_times_ns: Times | None = None


Options = TypeVar("Options")


@dataclass(frozen=True)
class LabelFormat(Generic[Options]):
    """A plug-in of `tasks/label_formats`: reads one `labels` entry of a batch file, given the batch's items.

    LabelFormatError when the export as a whole is not of the format.
    """

    name: str
    options: type[Options]
    read: Callable[[Batch, Options, tuple[ItemName, ...]], Iterator[Label | LabelFault | LabelBlock]]


AnyLabelFormat = LabelFormat[Any]
