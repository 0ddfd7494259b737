"""One export as an example: what stands in its files, and every label that must come out of it.

The box and the segments are the same for all formats, so that a test can compare the formats with each other.
"""

from dataclasses import dataclass
from typing import Any

from tasks.core.label import ItemName, Label
from tasks.core.label_entries import Export

PICTURE = ItemName("images/a.jpg", "image", 640, 480)
RECORDING = ItemName("talk.wav", "audio", duration_ns=10_000_000_000)
# The box of a cat in the picture of 640 x 480, in pixels.
BOX: dict[str, Any] = {"x": 64.0, "y": 48.0, "width": 320.0, "height": 240.0}
BOX_LABEL = "cat"
# What formats that state the size of a picture say of it.
SIZE: dict[str, Any] = {"stated_width": 640.0, "stated_height": 480.0}
# What is said in the recording; a format with one segment says the first.
SEGMENTS_NS = ((1_250_000_000, 2_500_000_000), (3_000_000_000, 4_500_000_000))
SEGMENT_TEXTS = ("Hello", "world")
SPAN: dict[str, Any] = {"start_ns": SEGMENTS_NS[0][0], "end_ns": SEGMENTS_NS[0][1]}
SECOND_SPAN: dict[str, Any] = {"start_ns": SEGMENTS_NS[1][0], "end_ns": SEGMENTS_NS[1][1]}


@dataclass(frozen=True)
class Example:
    """An export by its files (text, bytes, or a value that is written as JSON), and its labels.

    A format with `spatial` imports BOX as its first label; one with `timed` imports SEGMENTS_NS, each time
    exact to half of `resolution_ns`.
    """

    export: Export
    files: dict[str, Any]
    expected: tuple[Label, ...]
    items: tuple[ItemName, ...] = (PICTURE,)
    spatial: bool = False
    timed: bool = False
    resolution_ns: int = 1
