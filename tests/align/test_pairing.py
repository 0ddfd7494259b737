"""Pairs by likeness, beside the obvious way written out."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.by_content.assignment import pair_by_assignment
from tasks.align.by_content.pairing import Limits, Pairing, pair_mutual, pair_to_nearest
from tasks.align.by_content.rows import DenseRows, Float32s, HashRows, Rows, SparseRows, unit_rows
from tasks.align.by_content.similarity import nearest, nearest_hashes

Matrix = list[list[float]]
Pair = Callable[[Rows, Rows, Limits], Pairing]

# Rows of four halves with a sign, or of zeros: every product is exact, so that ties are true ties.
SIGNS = st.lists(st.sampled_from([-0.5, 0.5]), min_size=4, max_size=4)
ROWS = st.lists(SIGNS | st.just([0.0] * 4), max_size=7)
FEW_ROWS = st.lists(SIGNS | st.just([0.0] * 4), max_size=4)
LIMITS = st.builds(Limits, st.sampled_from([-1.0, 0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 0.75]))


def rows(*matrix: list[float]) -> DenseRows:
    return DenseRows(np.array(matrix, np.float32).reshape(len(matrix), -1 if matrix else 4))


def degrees(*angles: float) -> DenseRows:
    radians = np.deg2rad(np.array(angles))
    return unit_rows(np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32))


def partners(pairing: Pairing) -> list[tuple[int, int]]:
    """Reference row and other row of each pair."""
    return [(int(pairing.best[row]), int(row)) for row in np.flatnonzero(pairing.verdict == "matched")]


def told(pairing: Pairing) -> list[tuple[str, int, float]]:
    found = zip(pairing.verdict, pairing.best, pairing.similarity, strict=True)
    return [(str(verdict), int(best), float(similarity)) for verdict, best, similarity in found]


def likeness(reference: Matrix, other: Matrix) -> list[list[float]]:
    return [[sum(a * b for a, b in zip(mine, theirs, strict=True)) for theirs in reference] for mine in other]


def is_close(gap: float, limits: Limits) -> bool:
    return gap <= 0 or gap < limits.margin


def slow_verdict(alike: list[list[float]], row: int, limits: Limits, *, mutual: bool) -> str:
    mine = sorted(alike[row], reverse=True)
    if not mine:
        return "nothing"
    if mine[0] < limits.threshold:
        return "below_threshold"
    if len(mine) > 1 and is_close(mine[0] - mine[1], limits):
        return "ambiguous"
    best = alike[row].index(mine[0])
    rivals = sorted((alike[rival][best] for rival in range(len(alike)) if rival != row), reverse=True)
    if not mutual or not rivals:
        return "matched"
    if rivals[0] > mine[0] and not is_close(rivals[0] - mine[0], limits):
        return "not_mutual"
    top, next_top = sorted([mine[0], *rivals], reverse=True)[:2]
    return "rivalled" if is_close(top - next_top, limits) else "matched"


def all_ways(weights: list[list[float]]) -> list[tuple[int, ...]]:
    """Every assignment: per row a column, or -1."""
    columns = range(-1, len(weights[0]) if weights else 0)
    return [
        way
        for way in product(columns, repeat=len(weights))
        if len({column for column in way if column >= 0}) == sum(column >= 0 for column in way)
        and all(column < 0 or weights[row][column] > 0 for row, column in enumerate(way))
    ]


def slow_assignment(alike: list[list[float]], limits: Limits) -> list[tuple[str, int]]:
    weights = [[1 + value if value >= limits.threshold else 0 for value in mine] for mine in alike]
    ways = {
        way: sum(weights[row][column] for row, column in enumerate(way) if column >= 0)
        for way in all_ways(weights)
    }
    best = max(ways, key=lambda way: ways[way])
    verdicts = []
    for row, column in enumerate(best):
        others = [total for way, total in ways.items() if way[row] != column]
        if not alike[row]:
            verdicts.append(("nothing", -1))
        elif not any(weights[row]):
            # Without a weight: not alike enough, or as unlike as can be.
            verdicts.append(("below_threshold" if max(alike[row]) < limits.threshold else "taken", -1))
        elif others and is_close(ways[best] - max(others), limits):
            verdicts.append(("either_way", -1))
        else:
            verdicts.append(("matched", column) if column >= 0 else ("taken", -1))
    return verdicts


def test_each_finds_the_one_it_is_most_like() -> None:
    pairing = pair_mutual(degrees(0, 60, 120), degrees(118, 3, 61), Limits(0.9))
    assert partners(pairing) == [(2, 0), (0, 1), (1, 2)]


def test_the_margin_is_what_the_second_best_lacks_and_none_without_a_second() -> None:
    pairing = pair_mutual(degrees(0, 90), degrees(0), Limits(0.5))
    assert pairing.similarity.tolist() == pytest.approx([1])
    assert pairing.margin.tolist() == pytest.approx([1], abs=1e-6)
    assert np.isnan(pair_mutual(degrees(0), degrees(0), Limits(0.5)).margin).all()


def test_one_below_the_threshold_keeps_its_best_candidate() -> None:
    ((verdict, best, similarity),) = told(pair_mutual(degrees(0, 90), degrees(60), Limits(0.9)))
    assert (verdict, best) == ("below_threshold", 1)
    assert similarity == pytest.approx(np.cos(np.deg2rad(30)))


def test_one_whose_best_prefers_another_is_told_whom() -> None:
    pairing = pair_mutual(degrees(0), degrees(10, 5), Limits(0.9))
    assert partners(pairing) == [(0, 1)]
    assert (pairing.verdict[0], pairing.rival[0]) == ("not_mutual", 1)
    assert pairing.rival_similarity[0] == pytest.approx(np.cos(np.deg2rad(5)))


def test_one_between_two_candidates_is_ambiguous_not_a_coin_toss() -> None:
    pairing = pair_mutual(degrees(0, 10), degrees(4.9), Limits(0.9, margin=0.01))
    assert (pairing.verdict[0], pairing.best[0], pairing.rival[0]) == ("ambiguous", 0, 1)


@pytest.mark.parametrize("pair", [pair_mutual, pair_to_nearest])
def test_of_two_that_are_the_same_none_is_chosen(pair: Pair) -> None:
    pairing = pair(degrees(0, 0), degrees(0), Limits(0.9))
    assert [(verdict, best) for verdict, best, _ in told(pairing)] == [("ambiguous", 0)]


def test_two_that_are_the_same_are_rivals_for_one_mutual_partner_and_both_go_to_the_nearest() -> None:
    reference, other = degrees(0, 90), degrees(1, 1)
    assert pair_mutual(reference, other, Limits(0.9)).verdict.tolist() == ["rivalled", "rivalled"]
    assert partners(pair_to_nearest(reference, other, Limits(0.9))) == [(0, 0), (0, 1)]
    assert pair_by_assignment(reference, other, Limits(0.9)).verdict.tolist() == ["either_way", "either_way"]


def test_an_assignment_gives_up_a_best_match_for_the_good_of_the_whole() -> None:
    pairing = pair_by_assignment(degrees(0, 20), degrees(9, -12), Limits(0.5))
    assert partners(pairing) == [(1, 0), (0, 1)]
    assert pairing.margin[0] == pytest.approx(np.cos(np.deg2rad(11)) - np.cos(np.deg2rad(9)), abs=1e-6)
    assert pairing.margin[0] < 0


def test_who_an_assignment_leaves_over_is_told_who_has_its_best_candidate() -> None:
    pairing = pair_by_assignment(degrees(0), degrees(5, 10), Limits(0.5))
    assert pairing.verdict.tolist() == ["matched", "taken"]
    assert pairing.rival.tolist() == [-1, 0]


def test_an_assignment_that_would_not_fit_in_memory_is_refused() -> None:
    reference, other = degrees(0, 1, 90), degrees(0.1, 1.1, 90)
    refused = pair_by_assignment(reference, other, Limits(0.9), most_cells=3)
    assert refused.verdict.tolist() == ["too_many", "too_many", "matched"]
    refused = pair_by_assignment(reference, other, Limits(0.9), most_pairs=4)
    assert refused.verdict.tolist() == ["too_many"] * 3


@settings(deadline=None, derandomize=True, max_examples=300)
@given(ROWS, ROWS, LIMITS, st.integers(1, 4))
def test_mutual_pairs_are_those_of_the_obvious_way_in_blocks_of_any_size(
    reference: Matrix, other: Matrix, limits: Limits, block_rows: int
) -> None:
    alike = likeness(reference, other)
    pairing = pair_mutual(rows(*reference), rows(*other), limits, block_rows)
    assert pairing.verdict.tolist() == [
        slow_verdict(alike, row, limits, mutual=True) for row in range(len(other))
    ]
    assert pairing.best.tolist() == [mine.index(max(mine)) if mine else -1 for mine in alike]


@settings(deadline=None, derandomize=True, max_examples=200)
@given(ROWS, ROWS, LIMITS)
def test_one_to_many_pairs_are_those_of_the_obvious_way(
    reference: Matrix, other: Matrix, limits: Limits
) -> None:
    alike = likeness(reference, other)
    pairing = pair_to_nearest(rows(*reference), rows(*other), limits)
    assert pairing.verdict.tolist() == [
        slow_verdict(alike, row, limits, mutual=False) for row in range(len(other))
    ]


@settings(deadline=None, derandomize=True, max_examples=300)
@given(FEW_ROWS, FEW_ROWS, LIMITS)
def test_assignments_are_those_of_trying_every_one(reference: Matrix, other: Matrix, limits: Limits) -> None:
    pairing = pair_by_assignment(rows(*reference), rows(*other), limits)
    expected = slow_assignment(likeness(reference, other), limits)
    assert pairing.verdict.tolist() == [verdict for verdict, _ in expected]
    paired = [(column, row) for row, (_, column) in enumerate(expected) if column >= 0]
    assert partners(pairing) == paired


@settings(deadline=None, derandomize=True, max_examples=100)
@given(ROWS, ROWS, st.integers(1, 5))
def test_the_nearest_two_are_those_of_sorting_all_and_equals_go_to_the_lower_row(
    reference: Matrix, other: Matrix, block_rows: int
) -> None:
    of_other, of_reference = nearest(rows(*reference), rows(*other), block_rows)
    for found, alike in (
        (of_other, likeness(reference, other)),
        (of_reference, likeness(other, reference)),
    ):
        ranked = [sorted(range(len(mine)), key=lambda place: (-mine[place], place)) for mine in alike]
        assert found.best.tolist() == [(*order, -1)[0] for order in ranked]
        assert found.second.tolist() == [(*order, -1, -1)[1] for order in ranked]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.permutations(range(8)), st.permutations(range(6)), st.sampled_from([0.0, 0.02]))
@pytest.mark.parametrize("pair", [pair_mutual, pair_to_nearest, pair_by_assignment])
def test_the_order_of_the_rows_does_not_matter(
    pair: Pair, order: list[int], reference_order: list[int], margin: float
) -> None:
    reference, other = degrees(0, 20, 45, 90, 130, 130), degrees(1, 19, 50, 88, 88, 140, 200, 33)
    limits = Limits(0.9, margin)
    expected = pair(reference, other, limits)
    shuffled = pair(reference.take(np.array(reference_order)), other.take(np.array(order)), limits)
    assert shuffled.verdict.tolist() == expected.verdict[order].tolist()
    assert shuffled.similarity.tolist() == expected.similarity[order].tolist()
    assert sorted((reference_order[column], order[row]) for column, row in partners(shuffled)) == sorted(
        partners(expected)
    )


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=6), st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_hashes_are_as_alike_as_bits_agree(first: list[int], second: list[int]) -> None:
    alike = HashRows(np.array(first, np.uint64)).products(
        slice(None), HashRows(np.array(second, np.uint64)), slice(None)
    )
    assert alike.tolist() == [[1 - (one ^ other).bit_count() / 64 for other in second] for one in first]


@pytest.mark.parametrize(
    ("references", "others"), [(0, 0), (0, 3), (3, 0), (1, 1), (2, 65), (64, 257), (300, 130)]
)
@pytest.mark.parametrize("bits", [2, 6, 64])
def test_the_nearest_two_hashes_are_the_same_block_by_block_and_in_the_loop_for_very_many(
    references: int, others: int, bits: int
) -> None:
    random = np.random.default_rng(references + bits)
    reference, other = (
        HashRows(random.integers(0, 2**bits, count, np.uint64)) for count in (references, others)
    )
    pairs = zip(nearest(reference, other, block_rows=40), nearest_hashes(reference, other), strict=True)
    for expected, found in pairs:
        assert found.best.tolist() == expected.best.tolist()
        assert found.second.tolist() == expected.second.tolist()
        assert np.array_equal(found.similarity, expected.similarity, equal_nan=True)
        assert np.array_equal(found.second_similarity, expected.second_similarity, equal_nan=True)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(ROWS.filter(bool), ROWS.filter(bool))
def test_sparse_rows_are_as_alike_as_dense_ones(reference: Matrix, other: Matrix) -> None:
    from scipy.sparse import csr_array

    def sparse(matrix: Matrix) -> Rows:
        return SparseRows(csr_array(np.array(matrix, np.float32)))

    found = pair_mutual(sparse(reference), sparse(other), Limits(0.5))
    expected = pair_mutual(rows(*reference), rows(*other), Limits(0.5))
    assert told(found) == told(expected)
    assert found.rival.tolist() == expected.rival.tolist()


def test_rows_become_unit_length_and_zeros_stay_zeros() -> None:
    found: Float32s = unit_rows(np.array([[3, 4], [0, 0]], np.float32)).matrix
    assert found.tolist() == np.array([[0.6, 0.8], [0, 0]], np.float32).tolist()


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="expected finite numbers in every vector"):
        unit_rows(np.array([[1, float("nan")]], np.float32))
