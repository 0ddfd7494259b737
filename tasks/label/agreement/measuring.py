"""How well the annotators of a batch agree, task by task: rows of the agreement table.

Questions of vqa are free text and measured together; those of other tasks are the names of what is asked.
What is judged is the item as a whole, or each thing that was marked on it; then the coefficients tell whether
its name is agreed on, `mean_iou` (boxes) and `mean_temporal_iou` (spans) how alike the places of two
annotators are where they match, and `matched_share` how many places match that of another annotator at all.
Pairs of annotators are told where a person can read them: where at most MOST_PAIRED spoke.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import combinations
from math import fsum

from tasks.label.agreement.coefficients import (
    Coefficient,
    CohenKappa,
    FleissKappa,
    IntervalAlpha,
    NominalAlpha,
    Undefined,
)
from tasks.label.agreement.regions import Region, pair_overlaps
from tasks.label.agreement.voices import Voice

MOST_PAIRED = 8
_WHOLE = "krippendorff_alpha"
# 10 ** 4000 squared is a number too, but no rating.
_LONGEST_NUMBER = 40

Row = dict[str, object]


class Measuring:
    """The agreement on one task and question, taken topic by topic."""

    def __init__(self, annotators: frozenset[str]) -> None:
        self._annotators = annotators
        self._items: set[str] = set()
        self._names = _names_of(annotators)
        self._numbers: IntervalAlpha | None = IntervalAlpha()
        self._places = _Places()

    def take(self, item_id: str, things: Sequence[Region]) -> None:
        """Count what was said of the item: of the whole, or of each thing on it."""
        self._items.add(item_id)
        for voices in things:
            self._take_unit(voices)
            if voices[0].place is not None:
                self._places.take(voices)

    def rows(self) -> Iterator[Row]:
        """A row for each measure; those of all annotators first."""
        counted = {"items": len(self._items), "annotators": len(self._annotators)}
        if len(self._annotators) < 2:
            yield _row(_WHOLE, Undefined.ONE_ANNOTATOR) | counted
            return
        if self._numbers and self._items:
            yield _row(f"{_WHOLE}_interval", self._numbers.value()) | counted
        for (measure, annotator, other), coefficient in self._names.items():
            yield _row(measure, coefficient.value(), annotator, other) | counted
        if len(self._annotators) > MOST_PAIRED:
            yield _row("cohen_kappa", Undefined.TOO_MANY_ANNOTATORS) | counted
        for measure, value in self._places.values():
            yield _row(measure, value) | counted

    def _take_unit(self, voices: Sequence[Voice]) -> None:
        said: dict[str, tuple[str, ...]] = {}
        for voice in sorted(voices, key=lambda voice: voice.label):
            said[voice.annotator] = (*said.get(voice.annotator, ()), voice.label)
        for coefficient in self._names.values():
            coefficient.take(said)
        if self._numbers:
            numbers = {name: _number(labels) for name, labels in said.items()}
            known = {name: number for name, number in numbers.items() if number is not None}
            if len(known) < len(numbers):
                self._numbers = None
            else:
                self._numbers.take(known)


@dataclass
class _Places:
    """How alike the places of the things are that several annotators marked."""

    marked: int = 0
    matched: int = 0
    overlaps: list[float] = field(default_factory=list)
    dimensions: int = 0

    def take(self, region: Region) -> None:
        first = region[0].place
        self.dimensions = len(first.low) if first else 0
        self.marked += len(region)
        if len(region) > 1:
            self.matched += len(region)
            self.overlaps += pair_overlaps(region)

    def values(self) -> Iterator[tuple[str, float | Undefined]]:
        if not self.marked:
            return
        mean = fsum(self.overlaps) / len(self.overlaps) if self.overlaps else Undefined.NOTHING_SHARED
        yield "mean_iou" if self.dimensions > 1 else "mean_temporal_iou", mean
        yield "matched_share", self.matched / self.marked


def _names_of(annotators: frozenset[str]) -> dict[tuple[str, str, str], Coefficient]:
    """The coefficients of names: of all annotators, and of every two where they are few."""
    found: dict[tuple[str, str, str], Coefficient] = {
        (_WHOLE, "", ""): NominalAlpha(),
        ("fleiss_kappa", "", ""): FleissKappa(),
    }
    if len(annotators) <= MOST_PAIRED:
        for one, other in combinations(sorted(annotators), 2):
            found["cohen_kappa", one, other] = CohenKappa(one, other)
    return found


def _number(labels: tuple[str, ...]) -> Fraction | None:
    """What the labels say as a number, if they are one."""
    if len(labels) != 1 or len(labels[0]) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(labels[0])
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() and abs(number.adjusted()) < _LONGEST_NUMBER else None


def _row(measure: str, value: float | Undefined, annotator: str = "", other: str = "") -> Row:
    told = isinstance(value, Undefined)
    return {
        **{"measure": measure, "annotator": annotator, "other": other},
        **{"value": None if told else value, "undefined": f"{value}" if told else None},
    }
