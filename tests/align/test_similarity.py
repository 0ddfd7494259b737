import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.similarity import ContentPairs, Float32s, Unmatched, mutual_nearest, unit_rows

# Rows of four halves with a sign: of length 1, and every product exact, so that ties are true ties.
SIGNS = st.lists(st.sampled_from([-0.5, 0.5]), min_size=4, max_size=4)
ROWS = st.lists(SIGNS, max_size=9)


def matrix(*rows: list[float] | tuple[float, ...]) -> Float32s:
    return np.array(rows, np.float32).reshape(len(rows), -1 if rows else 4)


def degrees(*angles: float) -> Float32s:
    radians = np.deg2rad(np.array(angles))
    return unit_rows(np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32))


def partners(pairs: ContentPairs) -> list[tuple[int, int]]:
    return list(zip(pairs.reference_index.tolist(), pairs.other_index.tolist(), strict=True))


def slow_match(
    reference: Float32s, other: Float32s, threshold: float, min_margin: float
) -> list[tuple[int, int, float, float, str]]:
    alike = (other.astype(float) @ reference.astype(float).T).tolist()
    ranked = [sorted(range(len(mine)), key=lambda column: (-mine[column], column)) for mine in alike]
    rows = []
    for row, (mine, order) in enumerate(zip(alike, ranked, strict=True)):
        best, second = (*order, -1, -1)[:2]
        most, next_most = (mine[column] if column >= 0 else -1.0 for column in (best, second))
        rivals = [(-alike[rival][best], rival) for rival in range(len(other)) if ranked[rival][:1] == [best]]
        all_alike = [theirs[best] for theirs in alike] if order else []
        if not order or most < threshold:
            reason = "below_threshold"
        elif most < max(all_alike) or min(rivals)[1] != row:
            reason = "not_mutual"
        else:
            reason = "ambiguous" if most - next_most < min_margin else ""
        rows.append((row, best, most, most - next_most, reason))
    return rows


def told(pairs: ContentPairs) -> list[tuple[int, int, float, float, str]]:
    columns = (pairs.other_index, pairs.reference_index, pairs.similarity, pairs.margin)
    found = [(*row, "") for row in zip(*(column.tolist() for column in columns), strict=True)]
    lost = [
        (row.other_index, row.best_index, row.similarity, row.margin, row.reason) for row in pairs.unmatched
    ]
    return sorted(found + lost)


def test_each_finds_the_one_it_is_most_like() -> None:
    pairs = mutual_nearest(degrees(0, 60, 120), degrees(118, 3, 61), 0.9)
    assert partners(pairs) == [(2, 0), (0, 1), (1, 2)]


def test_the_margin_is_what_the_second_best_lacks() -> None:
    pairs = mutual_nearest(degrees(0, 90), degrees(0), 0.5)
    assert pairs.similarity.tolist() == pytest.approx([1])
    assert pairs.margin.tolist() == pytest.approx([1], abs=1e-6)


def test_one_below_the_threshold_is_left_with_its_best_candidate() -> None:
    lost = mutual_nearest(degrees(0, 90), degrees(60), 0.9).unmatched
    assert [(row.best_index, row.reason) for row in lost] == [(1, "below_threshold")]
    assert lost[0].similarity == pytest.approx(np.cos(np.deg2rad(30)))


def test_one_whose_best_prefers_another_is_not_mutual() -> None:
    pairs = mutual_nearest(degrees(0), degrees(10, 5), 0.9)
    assert partners(pairs) == [(0, 1)]
    assert [(row.other_index, row.best_index, row.reason) for row in pairs.unmatched] == [
        (0, 0, "not_mutual")
    ]


def test_one_between_two_candidates_is_ambiguous_not_a_coin_toss() -> None:
    pairs = mutual_nearest(degrees(0, 10), degrees(4.9), 0.9, min_margin=0.01)
    assert [(row.best_index, row.reason) for row in pairs.unmatched] == [(0, "ambiguous")]


def test_of_equals_the_lower_rows_are_partners() -> None:
    pairs = mutual_nearest(degrees(0, 0), degrees(0, 0), 0.9)
    assert partners(pairs) == [(0, 0)]
    assert [(row.best_index, row.reason) for row in pairs.unmatched] == [(0, "not_mutual")]


def test_without_a_reference_there_is_no_candidate() -> None:
    pairs = mutual_nearest(degrees(), degrees(0), -1.0)
    assert pairs.unmatched == (Unmatched(0, -1, -1.0, 0.0, "below_threshold"),)


def test_without_others_there_is_nothing_to_tell() -> None:
    assert told(mutual_nearest(degrees(0, 1), degrees(), 0.5)) == []


@settings(deadline=None, derandomize=True, max_examples=300)
@given(ROWS, ROWS, st.sampled_from([-1.0, 0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.25]), st.integers(1, 4))
def test_partners_and_reasons_are_those_of_the_obvious_way_in_blocks_of_any_size(
    reference: list[list[float]],
    other: list[list[float]],
    threshold: float,
    min_margin: float,
    block_rows: int,
) -> None:
    found = mutual_nearest(matrix(*reference), matrix(*other), threshold, min_margin, block_rows)
    assert told(found) == slow_match(matrix(*reference), matrix(*other), threshold, min_margin)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    reference, other = degrees(0, 20, 45, 90, 130), degrees(1, 19, 50, 88, 140, 200)
    expected = partners(mutual_nearest(reference, other, 0.9))
    shuffled = mutual_nearest(reference, other[order], 0.9)
    assert sorted((row, order[place]) for row, place in partners(shuffled)) == sorted(expected)


def test_rows_become_unit_length_and_zeros_stay_zeros() -> None:
    assert unit_rows(matrix((3, 4), (0, 0))).tolist() == matrix((0.6, 0.8), (0, 0)).tolist()


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="expected finite numbers in every vector"):
        unit_rows(matrix((1, float("nan"))))
