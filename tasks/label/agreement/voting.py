"""What several annotators say together: a row for each thing that they spoke of.

A vote is one label by one annotator; who marks two choices has two votes. It weighs 1, or the annotator's
skill where the rule is `weighted`. Who spoke on the topic and marked nothing where others marked a box or
span votes for nothing there: a share without a label. The most weight wins; of equals the first by the
alphabet, something before nothing, and `tie` says so. Under `keep_all` nothing wins. The place of a thing is
the weighted mean of its members' corners.

Labels that are marked as ground truth, where a topic has any, are the only ones that vote. Weights and means
are exact fractions until the end: neither ties nor bytes depend on the order of the rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from tasks.label.agreement.regions import Region, things_of
from tasks.label.agreement.voices import Topic, Voice

Rule = Literal["majority", "weighted", "keep_all"]


@dataclass(frozen=True)
class Ballot:
    """How votes become one answer."""

    rule: Rule
    skills: Mapping[str, float]
    skill_unless_given: float
    same_from_iou: float

    def weight(self, annotator: str) -> Fraction:
        """What one vote of the annotator weighs."""
        if self.rule != "weighted":
            return Fraction(1)
        # Of the number as it is written: 0.1 is a tenth.
        return Fraction(str(self.skills.get(annotator, self.skill_unless_given)))


def consensus_rows(
    batch: str, topic: Topic, things: Sequence[Region], ballot: Ballot
) -> Iterator[dict[str, object]]:
    """The topic's rows of the consensus table: region 0 is the item as a whole, the others count from 1."""
    truths = tuple(voice for voice in topic.voices if voice.truth)
    heard = replace(topic, voices=truths) if truths else topic
    key = {"batch": batch, "item_id": topic.item_id, "task": topic.task, "question": topic.question}
    number = 0
    for voices in things_of(heard, ballot.same_from_iou) if truths else things:
        if voices[0].place is None:
            yield key | {"region": 0} | _outcome(voices, frozenset(), ballot)
            continue
        number += 1
        silent = heard.annotators - {voice.annotator for voice in voices}
        yield key | {"region": number} | _outcome(voices, silent, ballot) | _mean_place(voices, ballot)


def _outcome(voices: Sequence[Voice], silent: frozenset[str], ballot: Ballot) -> dict[str, object]:
    """Who won with what share; `silent` marked nothing here."""
    weights: dict[str | None, Fraction] = {}
    votes = [(voice.label, voice.annotator) for voice in voices]
    for label, annotator in [*votes, *((None, annotator) for annotator in silent)]:
        weights[label] = weights.get(label, Fraction(0)) + ballot.weight(annotator)
    ranked = sorted(weights.items(), key=lambda entry: (-entry[1], entry[0] is None, entry[0] or ""))
    total, (winner, most) = sum(weights.values()), ranked[0]
    return {
        "label": None if ballot.rule == "keep_all" else winner,
        "votes": len(voices),
        "agreement": float(most / total),
        "tie": sum(weight == most for weight in weights.values()) > 1,
        "soft_label": [{"label": label, "share": float(weight / total)} for label, weight in ranked],
        "members": sorted(voice.label_id for voice in voices),
    }


def _mean_place(region: Region, ballot: Ballot) -> dict[str, object]:
    weighed = [(voice.place, ballot.weight(voice.annotator)) for voice in region if voice.place]
    total = sum(weight for _, weight in weighed)
    low, high = (
        [sum(Fraction(value) * weight for value, weight in column) / total for column in _columns(corners)]
        for corners in (
            [(place.low, weight) for place, weight in weighed],
            [(place.high, weight) for place, weight in weighed],
        )
    )
    if len(low) == 1:
        return {"start_ns": round(low[0]), "end_ns": round(high[0])}
    sizes = {"width": float(high[0] - low[0]), "height": float(high[1] - low[1])}
    return {"x": float(low[0]), "y": float(low[1]), **sizes, "start_ns": region[0].frame_ns}


def _columns(
    corners: Sequence[tuple[tuple[float, ...], Fraction]],
) -> Iterator[list[tuple[float, Fraction]]]:
    """The corners dimension by dimension, each value with its weight."""
    for dimension in range(len(corners[0][0])):
        yield [(corner[dimension], weight) for corner, weight in corners]
