"""What a source yields and what a reader of media finds: the two halves of an item.

A source lists candidates without opening media. `collect` reads each one's bytes once, and a media reader
says what they are. A candidate that cannot be read still becomes an item: `readable` false, `error` says why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from tasks.core.batch import Batch
from tasks.core.content import Content
from tasks.core.fault import Fault
from tasks.core.source_entries import DEFAULT_CLOCK, WHOLE_BATCH, VideoOptions

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One piece of media as its source lists it; without `content` there is a `fault`.

    `native_id` is unique in the batch and readable: the path in the batch, `<archive>/<member>`, or
    `<table>#<row id>`. `source` is where it is from, for people: a path, a table's line, a URL. `name` is
    what the media was called, for its suffix. `split` is the one that it was delivered with. `modality` is
    None where only the content can tell. `license` is what the source says of this piece alone. `retrieval`
    is JSON: how it was downloaded. `derived_from` is the native id of what it was taken out of (a frame's
    video); `start_ns` then counts from the start of that. `video` says what to take out of this piece, should
    it be a video; `facts` is what was found out on that occasion.
    """

    native_id: str
    source: str
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = DEFAULT_CLOCK
    start_ns: int | None = None
    duration_ns: int | None = None
    modality: str | None = None
    content: Content | None = None
    name: str | None = None
    license: str | None = None
    retrieval: str | None = None
    derived_from: str | None = None
    fault: Fault | None = None
    video: VideoOptions | None = None
    facts: "MediaFacts | None" = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What the bytes say; `width` and `height` are of the upright image, `phash` is 16 hexadecimal digits.

    `orientation` is the EXIF orientation that was applied (1 to 8), None where the media say nothing.
    `captured_at` is ISO 8601, with its offset from UTC only where the media tell it. `license` is what the
    file's own tags say. `small` is a picture, upright, 64 x 64 in grey, a byte a pixel; `sound_print` the
    fingerprint of a sound. `frame_times_ns` are the presentation times of a video's frames, in order.
    """

    modality: str
    media_type: str
    duration_ns: int | None = None
    text: str | None = None
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    frame_rate: float | None = None
    phash: str | None = None
    captured_at: str | None = None
    license: str | None = None
    fault: Fault | None = None
    small: bytes | None = field(default=None, repr=False)
    sound_print: bytes | None = field(default=None, repr=False)
    frame_times_ns: Times | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Delivery:
    """What a source lists from: the batch, a folder for what has to be unpacked, and what came from the web.

    `scratch` is empty at first, and gone when the batch is collected. `fetched` is the batch's partition of
    the stage `fetch`.
    """

    batch: Batch
    scratch: Path
    fetched: Path


Options = TypeVar("Options")


@dataclass(frozen=True)
class SourceKind(Generic[Options]):
    """A plug-in of `tasks/sources`: lists the candidates of one `sources` entry, sorted by native id."""

    name: str
    options: type[Options]
    list: Callable[[Delivery, Options], Iterator[Candidate]]


AnySourceKind = SourceKind[Any]
