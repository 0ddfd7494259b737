"""Overlap and one-to-one matching against the obvious way."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.label.agreement.overlap import Place, match, overlap


def box(x: float, y: float, width: float, height: float) -> Place:
    return Place((x, y), (x + width, y + height))


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (box(0, 0, 10, 10), box(0, 0, 10, 10), 1.0),
        (box(0, 0, 10, 10), box(5, 0, 10, 10), 1 / 3),
        (box(0, 0, 10, 10), box(10, 0, 10, 10), 0.0),
        (box(0, 0, 0, 0), box(0, 0, 0, 0), 1.0),
        (Place((0,), (10,)), Place((5,), (20,)), 0.25),
        (Place((7,), (7,)), Place((7,), (7,)), 1.0),
        (Place((7,), (7,)), Place((0,), (9,)), 0.0),
        (Place((2**62,), (2**62 + 4,)), Place((2**62 + 1,), (2**62 + 4,)), 0.75),
    ],
)
def test_overlap_is_intersection_over_union(one: Place, other: Place, share: float) -> None:
    assert overlap(one, other) == overlap(other, one) == share


def test_the_sum_of_the_overlaps_decides_and_not_the_greatest_one() -> None:
    first = [Place((0,), (10,)), Place((4,), (14,))]
    second = [Place((3,), (13,)), Place((5,), (15,))]
    # 4-14 is nearer to 3-13 than 0-10 is, but then 0-10 would get 5-15.
    assert [(found.first, found.second) for found in match(first, second, 0.3)] == [(0, 0), (1, 1)]


SPANS = st.lists(
    st.builds(lambda low, length: Place((low,), (low + length,)), st.integers(0, 20), st.integers(0, 9)),
    max_size=5,
)
BOXES = st.lists(st.builds(box, *(st.integers(0, 9),) * 2, *(st.integers(1, 9),) * 2), max_size=5)


def best(first: list[Place], second: list[Place], least: float) -> float:
    """The greatest sum of overlaps of all ways to pair the places."""
    few, many = sorted((first, second), key=len)
    sums = []
    for chosen in permutations(many, len(few)):
        shares = [overlap(one, other) for one, other in zip(few, chosen, strict=True)]
        sums.append(sum(share for share in shares if share >= least))
    return max(sums)


@settings(deadline=None)
@given(st.one_of(st.tuples(SPANS, SPANS), st.tuples(BOXES, BOXES)), st.sampled_from([0.1, 0.5, 1.0]))
def test_the_matching_is_the_best_of_all(places: tuple[list[Place], list[Place]], least: float) -> None:
    first, second = places
    found = match(first, second, least)
    assert len({pair.first for pair in found}) == len({pair.second for pair in found}) == len(found)
    for pair in found:
        assert pair.overlap == overlap(first[pair.first], second[pair.second]) >= least
    assert sum(pair.overlap for pair in found) == pytest.approx(best(first, second, least))
