"""Annotations of COCO by the thousand, decoded as far as labels need them."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from tasks.core.json_rules import is_utf8

NULL = msgspec.Raw(b"null")


_Pixels = Annotated[int, msgspec.Meta(ge=0)]


class Mask(msgspec.Struct, gc=False):
    """A run-length mask."""

    size: list[_Pixels]
    counts: list[_Pixels] | str


class Annotation(msgspec.Struct, gc=False):
    """The members of an annotation that labels are made of; boxes and polygons are still text."""

    id: int | str
    image_id: int | str
    category_id: int | str | None = None
    caption: str | None = None
    bbox: msgspec.Raw = NULL
    segmentation: list[msgspec.Raw] | Mask | None = None
    score: float | msgspec.UnsetType = msgspec.UNSET
    iscrowd: int = 0
    num_keypoints: int = 0
    keypoints: msgspec.Raw = NULL
    segments_info: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    attributes: msgspec.Raw = NULL


@dataclass(frozen=True)
class AnnotationBlock:
    """Some annotations, and the JSON text that they were decoded from.

    One with members of strange types has an empty id here.
    """

    text: bytes
    annotations: list[Annotation]


_ONE = msgspec.json.Decoder(Annotation)
_ALL = msgspec.json.Decoder(list[Annotation])
_TEXTS = msgspec.json.Decoder(list[msgspec.Raw])
_STRANGE = Annotation("", "")


def decode_block(text: bytes) -> AnnotationBlock | None:
    """The annotations of a JSON list; None when it is none, or has escapes and members of strange types."""
    if not is_utf8(text):
        return None
    try:
        return AnnotationBlock(text, _ALL.decode(text))
    except msgspec.ValidationError:
        # An escape may be half a character, which is refused where the text is read with care.
        return None if b"\\u" in text else _decoded_one_by_one(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _decoded_one_by_one(text: bytes) -> AnnotationBlock | None:
    try:
        return AnnotationBlock(text, [_decoded(one) for one in _TEXTS.decode(text)])
    except (msgspec.DecodeError, RecursionError):
        return None


def _decoded(text: msgspec.Raw) -> Annotation:
    try:
        return _ONE.decode(text)
    except msgspec.ValidationError:
        return _STRANGE
