"""Which boxes (or spans) of several annotators are the same thing.

Every pair of annotators is matched one to one; then the matches are taken from the greatest overlap down, and
each joins two regions that have no annotator in common. So a region has at most one place of each annotator.
Of equal overlaps the one with the lower place comes first: the order of the rows does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tasks.label.agreement.overlap import Place, match, overlap
from tasks.label.agreement.voices import Topic, Voice, by_place

Region = tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A voice that has a place, by its position among all of them."""

    position: int
    annotator: str
    place: Place


def things_of(topic: Topic, least: float) -> list[Region]:
    """What the topic's voices are about: the whole item first, then each box or span."""
    things: list[Region] = []
    for voices in by_place(topic):
        things += [voices] if voices[0].place is None else regions(voices, least)
    return things


def regions(voices: Sequence[Voice], least: float) -> list[Region]:
    """The voices by the thing that they mark, each thing sorted by label id; the things by their place."""
    placed = _placed(voices)
    member_of = {one.position: {one.position} for one in placed}
    for _, first, second in sorted(_matches(placed, least)):
        one, other = member_of[first], member_of[second]
        if {voices[n].annotator for n in one}.isdisjoint(voices[n].annotator for n in other):
            one |= other
            member_of.update(dict.fromkeys(one, one))
    things = {min(members): members for members in member_of.values()}
    found = [tuple(sorted((voices[n] for n in things[first]), key=_by_id)) for first in sorted(things)]
    return sorted(
        found, key=lambda region: min((voice.place, voice.label_id) for voice in region if voice.place)
    )


def pair_overlaps(region: Region) -> list[float]:
    """The overlap of every two places of the region."""
    places = [voice.place for voice in region if voice.place]
    return [overlap(one, other) for one, other in combinations(places, 2)]


def _placed(voices: Sequence[Voice]) -> list[_Placed]:
    found = [
        _Placed(position, voice.annotator, voice.place)
        for position, voice in enumerate(voices)
        if voice.place
    ]
    return sorted(found, key=lambda one: (one.place, voices[one.position].label_id))


def _matches(placed: Sequence[_Placed], least: float) -> list[tuple[tuple[float, int, int], int, int]]:
    """Every match of two annotators: what it is sorted by, and the two positions."""
    rank = {one.position: number for number, one in enumerate(placed)}
    own: dict[str, list[_Placed]] = {}
    for one in placed:
        own.setdefault(one.annotator, []).append(one)
    found = []
    for first, second in combinations(sorted(own), 2):
        for same in match([one.place for one in own[first]], [one.place for one in own[second]], least):
            ends = own[first][same.first].position, own[second][same.second].position
            low, high = sorted(rank[end] for end in ends)
            found.append(((-same.overlap, low, high), *ends))
    return found


def _by_id(voice: Voice) -> str:
    return voice.label_id
