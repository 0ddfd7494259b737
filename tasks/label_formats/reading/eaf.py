"""An ELAN document as it is written: its media, time slots, tiers and annotations (EAF 3.0 and before)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.core.errors import LabelFormatError
from tasks.label_formats.reading.xml_export import read_tree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Media:
    """One file that the document is about; `origin_ms` is where its time 0 of annotations is in it."""

    url: str
    origin_ms: int


@dataclass(frozen=True)
class Tier:
    """One tier, by what its attributes say."""

    name: str
    kind: str
    participant: str | None
    annotator: str | None
    language: str | None


@dataclass(slots=True)
class Annotation:
    """One annotation: between two time slots, or about its parent, in the order of who is `previous`."""

    key: str
    tier: Tier
    text: str
    start: str | None
    end: str | None
    parent: str | None
    previous: str | None
    entry: str | None


@dataclass(frozen=True)
class Eaf:
    """One document; a slot without a time is None, `constraints` are the stereotypes of the tiers' kinds."""

    media: list[Media] = field(default_factory=list)
    slots_ms: dict[str, int | None] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    constraints: dict[str, str] = field(default_factory=dict)


def read_eaf(path: Path) -> Eaf:
    """The document; LabelFormatError when it is none, or its times are not milliseconds."""
    document = Eaf()
    for element in read_tree(path, "ANNOTATION_DOCUMENT"):
        try:
            _take(document, element)
            element.clear()
        except KeyError as error:
            raise LabelFormatError(path, None, f"expected {error} in each <{element.tag}>") from error
        except ValueError as error:
            raise LabelFormatError(path, None, f"<{element.tag}>: {error}") from error
    return document


def _take(document: Eaf, element: "Element") -> None:
    if element.tag == "TIME_ORDER":
        for slot in element:
            value = slot.get("TIME_VALUE")
            document.slots_ms[slot.attrib["TIME_SLOT_ID"]] = None if value is None else _milliseconds(value)
    elif element.tag == "TIER":
        _take_tier(document, element)
    elif element.tag == "LINGUISTIC_TYPE":
        document.constraints[element.attrib["LINGUISTIC_TYPE_ID"]] = element.get("CONSTRAINTS", "")
    elif element.tag == "HEADER":
        _take_header(document, element)


def _take_header(document: Eaf, header: "Element") -> None:
    units = header.get("TIME_UNITS", "milliseconds")
    if units != "milliseconds":
        raise ValueError(f"expected times in milliseconds, got {units[:40]}; save it with a newer ELAN")
    for media in header.iter("MEDIA_DESCRIPTOR"):
        url = media.get("RELATIVE_MEDIA_URL") or media.attrib["MEDIA_URL"]
        document.media.append(Media(url, _milliseconds(media.get("TIME_ORIGIN", "0"))))
    if not document.media and header.get("MEDIA_FILE"):
        document.media.append(Media(header.attrib["MEDIA_FILE"], 0))


def _take_tier(document: Eaf, element: "Element") -> None:
    told = [element.get(name) or None for name in ("PARTICIPANT", "ANNOTATOR", "LANG_REF")]
    tier = Tier(element.attrib["TIER_ID"], element.get("LINGUISTIC_TYPE_REF", ""), *told)
    for holder in element:
        for written in holder:
            said = written.find("ANNOTATION_VALUE")
            get = written.get
            document.annotations.append(
                Annotation(
                    written.attrib["ANNOTATION_ID"],
                    tier,
                    (said.text or "").strip() if said is not None else "",
                    get("TIME_SLOT_REF1"),
                    get("TIME_SLOT_REF2"),
                    get("ANNOTATION_REF"),
                    get("PREVIOUS_ANNOTATION"),
                    get("CVE_REF"),
                )
            )


def _milliseconds(written: str) -> int:
    if len(written) > 15:
        raise ValueError(f"expected a time in milliseconds, got {written[:20]}")
    return int(written)
