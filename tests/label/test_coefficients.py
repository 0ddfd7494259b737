"""Coefficients against published examples, against scikit-learn, and against the definition done slowly."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from tasks.label.agreement.coefficients import (
    Coefficient,
    CohenKappa,
    FleissKappa,
    IntervalAlpha,
    NominalAlpha,
    Undefined,
)

Unit = Mapping[str, str]

# Fleiss, "Measuring nominal scale agreement among many raters" (1971), table 1: diagnoses of 30 patients by 6
# psychiatrists each; how many said depression, personality disorder, schizophrenia, neurosis, other.
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: 4 observers, 12 units.
KRIPPENDORFF_2011 = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def of(coefficient: Coefficient, units: Sequence[Unit]) -> float | Undefined:
    for unit in units:
        coefficient.take(unit)
    return coefficient.value()


def columns(observers: Sequence[str]) -> list[Unit]:
    """What each observer says of each unit; a point is nothing."""
    return [
        {f"{n}": value for n, value in enumerate(unit) if value != "."}
        for unit in zip(*observers, strict=True)
    ]


def test_fleiss_kappa_of_the_psychiatrists_is_as_published() -> None:
    units = []
    for counts in FLEISS_1971.split():
        said = "".join(letter * int(count) for letter, count in zip("DPSNO", counts, strict=True))
        units.append({f"{n}": letter for n, letter in enumerate(said)})
    assert {len(unit) for unit in units} == {6}
    kappa = of(FleissKappa(), units)
    assert isinstance(kappa, float)
    assert round(kappa, 3) == 0.430


def test_krippendorffs_alpha_of_the_four_observers_is_as_published() -> None:
    alpha = of(NominalAlpha(), columns(KRIPPENDORFF_2011))
    assert isinstance(alpha, float)
    assert round(alpha, 3) == 0.743
    interval = IntervalAlpha()
    for unit in columns(KRIPPENDORFF_2011):
        interval.take({name: Fraction(value) for name, value in unit.items()})
    found = interval.value()
    assert isinstance(found, float)
    assert round(found, 3) == 0.849


@pytest.mark.parametrize("coefficient", [CohenKappa("a", "b"), FleissKappa(), NominalAlpha()])
def test_what_nobody_shares_is_undefined(coefficient: Coefficient) -> None:
    assert of(coefficient, [{"a": "cat"}, {"b": "cat"}, {}]) == Undefined.NOTHING_SHARED


@pytest.mark.parametrize("coefficient", [CohenKappa("a", "b"), FleissKappa(), NominalAlpha()])
def test_one_category_leaves_nothing_to_chance_and_is_undefined(coefficient: Coefficient) -> None:
    assert of(coefficient, [{"a": "cat", "b": "cat"}] * 3) == Undefined.ONE_CATEGORY


def test_fleiss_kappa_needs_as_many_votes_on_each() -> None:
    units = [{"a": "cat", "b": "dog"}, {"a": "cat", "b": "dog", "c": "dog"}]
    assert of(FleissKappa(), units) == Undefined.VOTES_DIFFER


WORDS = st.sampled_from("xyz")
PAIRS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12)
UNITS = st.lists(st.dictionaries(st.sampled_from("abcd"), WORDS, max_size=4), max_size=8)


@settings(deadline=None)
@given(PAIRS)
def test_cohens_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    kappa = of(CohenKappa("a", "b"), [{"a": one, "b": other} for one, other in pairs])
    if len({word for pair in pairs for word in pair}) == 1:
        assert kappa == Undefined.ONE_CATEGORY
        return
    peer = cohen_kappa_score(*zip(*pairs, strict=True))
    assert kappa == pytest.approx(peer, abs=1e-12)


def slow_alpha(units: Sequence[Unit]) -> float | None:
    """By the coincidence matrix: every ordered pair of values within a unit, and of all values."""
    told = [list(unit.values()) for unit in units if len(unit) > 1]
    values = [value for unit in told for value in unit]
    observed = sum(
        sum(one != other for one, other in permutations(unit, 2)) / (len(unit) - 1) for unit in told
    )
    by_chance = sum(one != other for one, other in permutations(values, 2)) / max(1, len(values) - 1)
    return 1 - observed / by_chance if by_chance else None


@settings(deadline=None)
@given(UNITS)
def test_alpha_is_that_of_the_coincidences_counted_one_by_one(units: list[Unit]) -> None:
    alpha, slow = of(NominalAlpha(), units), slow_alpha(units)
    assert isinstance(alpha, Undefined) if slow is None else alpha == pytest.approx(slow, abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(-9, 9), max_size=4), max_size=6))
def test_interval_alpha_is_that_of_the_squares_added_one_by_one(units: list[list[int]]) -> None:
    interval = IntervalAlpha()
    for unit in units:
        interval.take({f"{n}": Fraction(value) for n, value in enumerate(unit)})
    told = [unit for unit in units if len(unit) > 1]
    values = [value for unit in told for value in unit]
    by_chance = sum((one - other) ** 2 for one, other in combinations(values, 2))
    if not by_chance:
        assert isinstance(interval.value(), Undefined)
        return
    observed = sum(
        sum((one - other) ** 2 for one, other in combinations(unit, 2)) / (len(unit) - 1) for unit in told
    )
    assert interval.value() == pytest.approx(1 - observed * (len(values) - 1) / by_chance, abs=1e-12)


@settings(deadline=None)
@given(UNITS)
def test_the_order_of_the_units_does_not_matter(units: list[Unit]) -> None:
    for coefficient in (NominalAlpha, FleissKappa):
        assert of(coefficient(), units) == of(coefficient(), units[::-1])
