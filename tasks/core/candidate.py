"""What a source yields and what a reader of media finds: the two halves of an item.

A source lists candidates without opening media. `collect` reads each one's bytes once, and a media reader
says what they are. A candidate that cannot be read still becomes an item: `readable` false, `error` says why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from tasks.core.batch import Batch
from tasks.core.batch_file import WHOLE_BATCH
from tasks.core.rejects import Reason


@dataclass(frozen=True)
class Fault:
    """Why media cannot be used: a fixed word, and a sentence for a person."""

    reason: Reason
    detail: str

    def __str__(self) -> str:
        """As the column `items.error` has it."""
        return f"{self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One piece of media as its source lists it: a file at `path`, or `payload` that came with the listing.

    `native_id` is unique in the batch and readable: the path in the batch, or `<table>#<row id>`.
    `modality` is None where only the content can tell. With neither path nor payload there is a `fault`.
    """

    native_id: str
    source: str
    session: str = WHOLE_BATCH
    role: str | None = None
    clock: str = "reference"
    start_ns: int | None = None
    duration_ns: int | None = None
    modality: str | None = None
    path: Path | None = None
    payload: bytes | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What the bytes say; `width` and `height` are of the upright image, `phash` is 16 hexadecimal digits."""

    modality: str
    media_type: str
    duration_ns: int | None = None
    text: str | None = None
    width: int | None = None
    height: int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    frame_rate: float | None = None
    phash: str | None = None
    fault: Fault | None = None


Options = TypeVar("Options")


@dataclass(frozen=True)
class SourceKind(Generic[Options]):
    """A plug-in of `tasks/sources`: lists the candidates of one `sources` entry, sorted by native id."""

    name: str
    options: type[Options]
    list: Callable[[Batch, Options], Iterator[Candidate]]


AnySourceKind = SourceKind[Any]
