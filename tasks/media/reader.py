"""What a media reader is: the bytes of one item in, what they say out."""

from collections.abc import Callable
from dataclasses import dataclass

from tasks.core.candidate import MediaFacts


@dataclass(frozen=True)
class Limits:
    """What is refused unopened: pictures of more pixels, texts of more bytes."""

    most_pixels: int
    largest_text_bytes: int


@dataclass(frozen=True)
class MediaReader:
    """A plug-in of `tasks/media`: reads one modality to the last byte.

    `read(payload, media_type, limits)` never raises for what the bytes hold: what is broken has a fault. It
    raises MissingExtraError where an optional package is missing, so that no machine quarantines what another
    one reads.
    """

    modality: str
    read: Callable[[bytes, str, Limits], MediaFacts]
