"""Coefficients of agreement, told apart from chance; each takes units one by one and keeps only counts.

A unit is what was judged, as a mapping from annotator to what they said; who said nothing is not in it.
Units with fewer than two annotators are left out. What cannot be computed is an `Undefined`, never NaN.

- Cohen's kappa (1960) of two annotators: (po - pe) / (1 - pe) over the units that both judged.
- Fleiss' kappa (1971): the same for any annotators; each unit has the same number of votes.
- Krippendorff's alpha: 1 - Do / De over the coincidences of values, each unit weighed by 1 / (votes - 1);
  votes may be missing. Nominal: two values differ or not. Interval: by the square of their difference.
  K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).

Sums are exact until the end: the order of the units does not matter.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

Unit = Mapping[str, Hashable]


class Undefined(StrEnum):
    """Why a coefficient has no value. The words are stable: users filter by them."""

    ONE_ANNOTATOR = "one_annotator"
    NOTHING_SHARED = "nothing_shared"
    ONE_CATEGORY = "one_category"
    VOTES_DIFFER = "numbers_of_votes_differ"
    TOO_MANY_ANNOTATORS = "too_many_annotators"


class Coefficient(Protocol):
    """Takes units, and gives the value of all that it took."""

    def take(self, unit: Unit) -> None:
        """Count one unit."""

    def value(self) -> float | Undefined:
        """The coefficient of all units so far."""


class CohenKappa:
    """Of two annotators."""

    def __init__(self, annotator: str, other: str) -> None:
        self._pair = (annotator, other)
        self._said: tuple[Counter[Hashable], Counter[Hashable]] = (Counter(), Counter())
        self.units = 0
        self._same = 0

    def take(self, unit: Unit) -> None:
        """Count the unit if both judged it."""
        if all(name in unit for name in self._pair):
            values = [unit[name] for name in self._pair]
            for said, value in zip(self._said, values, strict=True):
                said[value] += 1
            self.units += 1
            self._same += values[0] == values[1]

    def value(self) -> float | Undefined:
        """Cohen's kappa."""
        if not self.units:
            return Undefined.NOTHING_SHARED
        one, other = self._said
        expected = sum(Fraction(count * other[value], self.units**2) for value, count in one.items())
        return _beyond_chance(Fraction(self._same, self.units), Fraction(expected))


class FleissKappa:
    """Of any annotators, with the same number of votes on each unit."""

    def __init__(self) -> None:
        self._said: Counter[Hashable] = Counter()
        self._numbers_of_votes: set[int] = set()
        self._units = 0
        self._agreeing = 0

    def take(self, unit: Unit) -> None:
        """Count the unit."""
        if len(unit) < 2:
            return
        said = Counter(unit.values())
        self._said.update(said)
        self._numbers_of_votes.add(len(unit))
        self._units += 1
        self._agreeing += sum(count * (count - 1) for count in said.values())

    def value(self) -> float | Undefined:
        """Fleiss' kappa."""
        if not self._units:
            return Undefined.NOTHING_SHARED
        if len(self._numbers_of_votes) > 1:
            return Undefined.VOTES_DIFFER
        (votes,) = self._numbers_of_votes
        observed = Fraction(self._agreeing, self._units * votes * (votes - 1))
        total = self._units * votes
        expected = sum(Fraction(count * count, total * total) for count in self._said.values())
        return _beyond_chance(observed, Fraction(expected))


class NominalAlpha:
    """Krippendorff's alpha of names."""

    def __init__(self) -> None:
        self._said: Counter[Hashable] = Counter()
        self._differing: Counter[int] = Counter()

    def take(self, unit: Unit) -> None:
        """Count the unit."""
        votes = len(unit)
        if votes < 2:
            return
        said = Counter(unit.values())
        self._said.update(said)
        self._differing[votes - 1] += votes * votes - sum(count * count for count in said.values())

    def value(self) -> float | Undefined:
        """Krippendorff's alpha with the nominal metric."""
        total = self._said.total()
        differing = total * total - sum(count * count for count in self._said.values())
        return _without_disagreement(self._differing, differing, total)


class IntervalAlpha:
    """Krippendorff's alpha of numbers."""

    def __init__(self) -> None:
        self._numbers = 0
        self._sum, self._squares = Fraction(0), Fraction(0)
        self._differing: dict[int, Fraction] = {}

    def take(self, unit: Mapping[str, Fraction]) -> None:
        """Count the unit."""
        votes = len(unit)
        if votes < 2:
            return
        values = list(unit.values())
        total, squares = Fraction(sum(values)), Fraction(sum(value * value for value in values))
        self._numbers += votes
        self._sum, self._squares = self._sum + total, self._squares + squares
        apart = 2 * (votes * squares - total * total)
        self._differing[votes - 1] = self._differing.get(votes - 1, Fraction(0)) + apart

    def value(self) -> float | Undefined:
        """Krippendorff's alpha with the interval metric."""
        differing = 2 * (self._numbers * self._squares - self._sum**2)
        return _without_disagreement(self._differing, differing, self._numbers)


def _beyond_chance(observed: Fraction, expected: Fraction) -> float | Undefined:
    return Undefined.ONE_CATEGORY if expected == 1 else float((observed - expected) / (1 - expected))


def _without_disagreement(
    differing: Mapping[int, int | Fraction], by_chance: int | Fraction, total: int
) -> float | Undefined:
    """1 - Do / De; `differing` by the number of the other votes of its units."""
    if not total:
        return Undefined.NOTHING_SHARED
    if not by_chance:
        return Undefined.ONE_CATEGORY
    observed = sum(Fraction(apart) / others for others, apart in differing.items())
    return float(1 - observed * (total - 1) / by_chance)
