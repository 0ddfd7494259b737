"""What a picture says of itself: when it was taken, and under which rights.

reads   a picture that Pillow has decoded
The capture time is EXIF's (CIPA DC-008): DateTimeOriginal, SubSecTimeOriginal and OffsetTimeOriginal; where
there is no offset, the time in UTC of the GPS tags, where there is one; else DateTimeOriginal as it stands,
the camera's own time, without an offset. What is no date is passed over.
Statements of rights, in this order: XMP xmpRights:WebStatement, cc:license, xmpRights:UsageTerms and
dc:rights; EXIF Copyright; the text chunks Copyright and License of a PNG.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tasks.core.pictures import BROKEN_PICTURE

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from PIL.Image import Exif, Image

Tags = Mapping[int, Any]

_COPYRIGHT, _EXIF_BLOCK, _GPS_BLOCK = 0x8298, 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET, _TAKEN_FRACTION = 0x9003, 0x9011, 0x9291
_GPS_TIME, _GPS_DATE = 0x0007, 0x001D
_MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-]\d\d:\d\d")
_XMP_MARKS = (b"ights", b"license")
_RIGHTS = (
    "{http://ns.adobe.com/xap/1.0/rights/}WebStatement",
    "{http://creativecommons.org/ns#}license",
    "{http://ns.adobe.com/xap/1.0/rights/}UsageTerms",
    "{http://purl.org/dc/elements/1.1/}rights",
)
_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_LARGEST_XMP_BYTES = 1_000_000


def capture_time(picture: "Image") -> str | None:
    """ISO 8601; with an offset (Z for UTC) only where the picture tells it."""
    if not (tags := _tags(picture)):
        return None
    exif = _block(tags, _EXIF_BLOCK)
    taken = _iso_time(_text(exif, _TAKEN), _text(exif, _TAKEN_FRACTION))
    offset = _text(exif, _TAKEN_OFFSET)
    if taken and _OFFSET.fullmatch(offset):
        return taken + offset
    return _gps_time(_block(tags, _GPS_BLOCK)) or taken


def rights_of(picture: "Image") -> Iterator[str]:
    """Every statement of rights that the picture carries."""
    yield from _xmp_rights(picture)
    if tags := _tags(picture):
        yield _text(tags, _COPYRIGHT)
    for name in ("Copyright", "License"):
        if name in picture.info:
            yield str(picture.info[name])


def _tags(picture: "Image") -> "Exif | None":
    """The EXIF tags; None where there are none or they are broken."""
    try:
        return picture.getexif() or None
    except BROKEN_PICTURE:
        return None


def _block(tags: "Exif", block: int) -> Tags:
    if block not in tags:
        return {}
    try:
        return tags.get_ifd(block)
    except BROKEN_PICTURE:
        return {}


def _text(tags: "Tags | Exif", tag: int) -> str:
    """The tag's text without the zeros and blanks at its end; empty where it is none."""
    try:
        written = tags.get(tag)
    except BROKEN_PICTURE:
        return ""
    return written.split("\0")[0].strip() if isinstance(written, str) else ""


def _iso_time(written: str, fraction: str) -> str | None:
    match = _MOMENT.fullmatch(written)
    if match is None:
        return None
    iso = "{}-{}-{}T{}".format(*match.groups())
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return None
    return iso + (f".{fraction}" if fraction.isascii() and fraction.isdigit() else "")


def _gps_time(gps: Tags) -> str | None:
    """The time of the last fix: UTC by definition."""
    if _GPS_DATE not in gps:
        return None
    clock = gps.get(_GPS_TIME) or ()
    try:
        hours, minutes, seconds = (float(part) for part in clock)
        written = f"{_text(gps, _GPS_DATE)} {int(hours):02d}:{int(minutes):02d}:{int(seconds):02d}"
    except (TypeError, *BROKEN_PICTURE):
        return None
    milliseconds = int(round(seconds % 1 * 1000, 6))
    found = _iso_time(written, f"{milliseconds:03d}" if milliseconds else "")
    return found and f"{found}Z"


def _xmp_rights(picture: "Image") -> Iterator[str]:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    packet = packet.encode() if isinstance(packet, str) else packet
    if not isinstance(packet, bytes) or not any(mark in packet for mark in _XMP_MARKS):
        return
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(packet[:_LARGEST_XMP_BYTES].rstrip(b"\0"))
    except (ParseError, DefusedXmlException, ValueError):
        return
    for name in _RIGHTS:
        yield from _statements(root, name)


def _statements(root: "Element", name: str) -> Iterator[str]:
    """The property's words, whether it is an attribute, an element, or a list of languages."""
    for element in root.iter():
        if name in element.attrib:
            yield element.attrib[name]
        if element.tag == name:
            yield element.attrib.get(_RESOURCE, "")
            yield from (text.strip() for text in element.itertext())
