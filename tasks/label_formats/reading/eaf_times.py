"""When each annotation of an ELAN document is, as ELAN itself says it, in whole milliseconds.

Slots without a time are interpolated where annotations of one tier adjoin from a slot with a time to another
(ELAN's TimeProposer): each of n is as long as the n-th part of the time between, rounded down. An annotation
about another has its time; in a Symbolic_Subdivision the i-th of n children has its i-th part, both ends
rounded down. Everything else has no time.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from tasks.core.rejects import Reason
from tasks.label_formats.reading.eaf import Annotation, Eaf

SUBDIVISION = "Symbolic_Subdivision"
_DEEPEST = 64


@dataclass(slots=True)
class Span:
    """The time of an annotation; with `interpolated` it was not set by a person."""

    start_ms: int
    end_ms: int
    interpolated: bool


@dataclass(frozen=True, slots=True)
class Untimed:
    """Why an annotation has no time."""

    reason: Reason
    detail: str


@dataclass
class Timing:
    """The times of one document's annotations."""

    document: Eaf
    by_key: dict[str, Annotation] = field(default_factory=dict)
    interpolated: set[str] = field(default_factory=set)
    siblings: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Interpolate slots and put siblings in order."""
        self.by_key = {annotation.key: annotation for annotation in self.document.annotations}
        if None in self.document.slots_ms.values():
            _interpolate(self.document, self.interpolated)
        children = defaultdict(list)
        for annotation in self.document.annotations:
            if annotation.parent and self._is_subdivided(annotation):
                children[annotation.tier.name, annotation.parent].append(annotation)
        self.siblings = {key: _in_order(found) for key, found in children.items()}

    def span_of(self, annotation: Annotation, depth: int = 0) -> Span | Untimed:
        """When the annotation is, or why nobody knows."""
        if annotation.start is not None or annotation.parent is None:
            return self._between_slots(annotation)
        parent = self.by_key.get(annotation.parent)
        if parent is None:
            return Untimed(Reason.LABEL_NOT_FOUND, f"there is no annotation '{annotation.parent}'")
        if depth == _DEEPEST:
            return Untimed(Reason.MALFORMED, "annotations refer to one another in a circle")
        span = self.span_of(parent, depth + 1)
        if isinstance(span, Untimed) or not self._is_subdivided(annotation):
            return span
        return self._part_of(span, annotation)

    def _is_subdivided(self, annotation: Annotation) -> bool:
        return self.document.constraints.get(annotation.tier.kind) == SUBDIVISION

    def _between_slots(self, annotation: Annotation) -> Span | Untimed:
        slots = self.document.slots_ms
        start, end = annotation.start or "", annotation.end or ""
        if start not in slots or end not in slots:
            return Untimed(Reason.MALFORMED, f"there are no time slots '{start}' and '{end}'")
        start_ms, end_ms = slots[start], slots[end]
        if start_ms is None or end_ms is None:
            return Untimed(Reason.NO_TIME, "its time slots have no time, and no neighbours to tell it")
        return Span(start_ms, end_ms, start in self.interpolated or end in self.interpolated)

    def _part_of(self, span: Span, annotation: Annotation) -> Span | Untimed:
        order = self.siblings[annotation.tier.name, annotation.parent or ""]
        if annotation.key not in order:
            return Untimed(Reason.MALFORMED, "nothing tells its place among the parts of its parent")
        place, length_ms = order.index(annotation.key), span.end_ms - span.start_ms
        start_ms = span.start_ms + place * length_ms // len(order)
        return Span(start_ms, span.start_ms + (place + 1) * length_ms // len(order), interpolated=True)


def _interpolate(document: Eaf, interpolated: set[str]) -> None:
    """Give slots their times, those of parent tiers first, as those of their parts may begin with them."""
    slots = document.slots_ms
    unset = [one for one in document.annotations if slots.get(one.start or "", 0) is None]
    following = {(one.tier.name, one.start): one for one in unset}
    openers = [one for one in document.annotations if one.end and slots.get(one.end, 0) is None]
    progress = True
    while progress:
        progress = False
        for opener in openers:
            start_ms = slots.get(opener.start or "")
            if start_ms is None or slots[opener.end or ""] is not None:
                continue
            progress = _fill(_chain(opener, following), slots, interpolated) or progress


def _chain(opener: Annotation, following: dict[tuple[str, str | None], Annotation]) -> list[str]:
    """The slots from the opener on, through annotations of its tier that adjoin."""
    chain = [opener.start or "", opener.end or ""]
    seen = set(chain)
    while (after := following.get((opener.tier.name, chain[-1]))) and after.end and after.end not in seen:
        chain.append(after.end)
        seen.add(after.end)
    return chain


def _fill(chain: list[str], slots: dict[str, int | None], interpolated: set[str]) -> bool:
    first_ms, last_ms = slots[chain[0]], slots.get(chain[-1])
    if first_ms is None or last_ms is None:
        return False
    step_ms = (last_ms - first_ms) // (len(chain) - 1)
    for place, slot in enumerate(chain[1:-1], 1):
        slots[slot] = first_ms + place * step_ms
        interpolated.add(slot)
    return True


def _in_order(children: list[Annotation]) -> list[str]:
    """The children's keys, each after the one it calls previous; those in no such chain are left out."""
    following = {child.previous: child.key for child in children}
    order: list[str] = []
    place = following.get(None)
    while place is not None and len(order) < len(children):
        order.append(place)
        place = following.get(place)
    return order
