"""What bytes are, told by their content: modality and media type.

The name decides only where content cannot: what an unknown or empty file was meant to be, TGA (which has no
signature), and text. Anything printable is text, so text under a picture's name is a fault (mostly an error
page that was saved as photo.jpg), and a label export that no entry of batch.yaml names is no text either.
What nothing tells is a `signal`: a recording in a form that we do not know.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from tasks.core.delivered import ANNOTATION_SUFFIXES
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.series import SERIES_TYPE
from tasks.media.signatures import SUFFIX_MODALITIES, media_type_of, weak_media_type_of

UNKNOWN_TYPE = "application/octet-stream"
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"
_LOOKED_AT_BYTES = 4_096


@dataclass(frozen=True)
class Sniffed:
    """What bytes are, or with a fault what they were meant to be."""

    modality: str
    media_type: str
    fault: Fault | None = None


def sniff(payload: bytes, name: str) -> Sniffed:
    """What the bytes are; `name` is the file's."""
    meant = modality_by_name(name)
    if not payload:
        return Sniffed(meant, UNKNOWN_TYPE, Fault(Reason.FILE_EMPTY, "the file has no bytes"))
    media_type = media_type_of(payload)
    if media_type is None and _is_text(payload):
        return _as_text(name)
    media_type = media_type or weak_media_type_of(payload, _suffix(name))
    if media_type is None:
        return Sniffed(meant, UNKNOWN_TYPE, Fault(Reason.UNKNOWN_MEDIA, "the bytes are of no known kind"))
    if media_type == SERIES_TYPE:
        return Sniffed("signal", media_type)
    return Sniffed(media_type.split("/")[0], media_type)


def modality_by_name(name: str) -> str:
    """What the suffix promises; `signal` when it promises nothing."""
    return SUFFIX_MODALITIES.get(_suffix(name), "signal")


def _is_text(payload: bytes) -> bool:
    head = payload[:_LOOKED_AT_BYTES]
    return head.startswith(_TEXT_MARKS) or len(head.translate(None, _CONTROL_BYTES)) == len(head)


def _as_text(name: str) -> Sniffed:
    suffix = _suffix(name)
    meant = SUFFIX_MODALITIES.get(suffix, "text")
    if meant != "text":
        return Sniffed(meant, "text/plain", Fault(Reason.UNKNOWN_MEDIA, f"named as {meant}, but holds text"))
    if suffix in ANNOTATION_SUFFIXES:
        advice = "name it under labels, or under sources as a table, or move it out of the source"
        return Sniffed("text", "text/plain", Fault(Reason.UNKNOWN_MEDIA, f"{suffix} is no media: {advice}"))
    return Sniffed("text", "text/plain")


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
