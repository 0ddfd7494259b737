"""When each part of a TTML document is shown: begin, end and dur, in parallel or in sequence.

A time counts from the begin of the parent, in a `seq` parent from the end of the part before. What has no
end lasts as long as its parts, and text for ever, but no time in a `seq` parent. Nothing outlasts what it
is in. Lyrics of Apple (`itunes:timing`) have times that count from the start of the media, wherever they
stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.label_formats.reading.ttml_times import Exact, TimeBase

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PARTS = frozenset({"body", "div", "p", "span"})


@dataclass(slots=True)
class Part:
    """A body, div, p or span with its parts; without an end it lasts for ever. `fault` is what is wrong."""

    element: "Element"
    begin: Exact
    end: Exact | None
    limit: Exact | None
    parts: "list[Part]"
    has_times: bool
    fault: str | None = None

    @property
    def shown_until(self) -> Exact | None:
        """Its end, or that of what it is in."""
        if self.end is None or self.limit is None:
            return self.limit if self.end is None else self.end
        return min(self.end, self.limit)


@dataclass(frozen=True)
class _Place:
    """Where a part stands: what its times count from, when what it is in ends, and its fault."""

    origin: Exact
    limit: Exact | None
    fault: str | None = None


def local_name(element: "Element") -> str:
    """The element's name without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def read_body(body: "Element", base: TimeBase) -> Part:
    """The body with all that is in it, timed."""
    return _read_part(body, base, _Place(0, None))


def _read_part(element: "Element", base: TimeBase, place: _Place) -> Part:
    part = _read_own_times(element, base, place)
    in_sequence = element.get("timeContainer") == "seq"
    if len(element):
        part.parts = list(_read_parts(part, base, in_sequence=in_sequence))
    if part.end is None:
        part.end = _implicit_end(part, in_sequence=in_sequence)
    return part


def _read_own_times(element: "Element", base: TimeBase, place: _Place) -> Part:
    """The part by its own attributes; one that cannot be read is its fault."""
    said = element.attrib
    begin, end, duration = said.get("begin"), said.get("end"), said.get("dur")
    part = Part(element, place.origin, None, place.limit, [], False, place.fault)
    part.has_times = not (begin is end is duration is None)
    origin = 0 if base.apple else place.origin
    try:
        if begin is not None:
            part.begin = origin + base.parse(begin)
        if end is not None:
            part.end = origin + base.parse(end)
        if duration is not None:
            lasts_to = part.begin + base.parse(duration)
            part.end = lasts_to if part.end is None else min(part.end, lasts_to)
    except ValueError as error:
        part.fault = str(error)
    return part


def _read_parts(part: Part, base: TimeBase, *, in_sequence: bool) -> Iterator[Part]:
    limit, origin, fault = part.shown_until, part.begin, part.fault
    for element in part.element:
        if local_name(element) not in _PARTS:
            continue
        inner = _read_part(element, base, _Place(origin, limit, fault))
        yield inner
        if in_sequence and inner.end is not None:
            origin = inner.end
        elif in_sequence:
            fault = fault or "it comes after a part that never ends"


def _implicit_end(part: Part, *, in_sequence: bool) -> Exact | None:
    """When what has no end of its own ends."""
    if not in_sequence and _has_text(part.element):
        return None
    ends = [inner.end for inner in part.parts]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return None
    return known[-1] if known and in_sequence else max(known, default=part.begin)


def _has_text(element: "Element") -> bool:
    """Whether a p or span has text of its own, beside its parts."""
    texts = [element.text, *(inner.tail for inner in element)]
    return local_name(element) in ("p", "span") and any(text and text.strip() for text in texts)
