from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.texts import pairs as text_pairs
from tasks.align.texts.anchors import find_anchors
from tasks.align.texts.kernels import FURTHER, GAP, OTHER, alike
from tasks.align.texts.pairs import Int64s, WordPairs, pair_words, to_spellings

WORDS = ("sun", "sung", "moon", "harbour", "harbours", "a")


def rows(*numbers: int) -> Int64s:
    return np.array(numbers, np.int64)


def distance(left: str, right: str) -> int:
    """The edit distance, as it is defined."""
    if not left or not right:
        return len(left) + len(right)
    return min(
        distance(left[1:], right[1:]) + (left[0] != right[0]),
        distance(left[1:], right) + 1,
        distance(left, right[1:]) + 1,
    )


@cache
def likeness(left: str, right: str) -> float:
    similarity = 1 - distance(left, right) / max(len(left), len(right))
    return similarity if similarity >= 0.5 else 0.0


def worth(left: str, right: str) -> int:
    similarity = float(np.float32(likeness(left, right)))
    longer = min(max(len(left), len(right)), 8)
    return round((12 + 6 * longer) * (2 * similarity - 1)) if similarity else -OTHER


@cache
def best_score(left: tuple[str, ...], right: tuple[str, ...], last: str = "pair") -> int:
    """What the best of all ways to pair two rows of words is worth, slowly; gaps of the left come first."""
    if not left and not right:
        return 0
    found = []
    if left and right:
        found.append(worth(left[0], right[0]) + best_score(left[1:], right[1:], "pair"))
    if left and last != "right":
        found.append(best_score(left[1:], right, "left") - (FURTHER if last == "left" else GAP))
    if right:
        found.append(best_score(left, right[1:], "right") - (FURTHER if last == "right" else GAP))
    return max(found, default=-(10**9))


def score_of(pairs: WordPairs, left: tuple[str, ...], right: tuple[str, ...]) -> int:
    total, before = 0, (-1, -1)
    for i, j in [
        *zip(pairs.left.tolist(), pairs.right.tolist(), strict=True),
        (len(left), len(right)),
    ]:
        for gap in (i - before[0] - 1, j - before[1] - 1):
            total -= GAP + FURTHER * (gap - 1) if gap else 0
        if i < len(left):
            total += worth(left[i], right[j])
        before = i, j
    return total


TEXT = st.lists(st.integers(0, len(WORDS) - 1), max_size=5)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(TEXT, TEXT)
def test_no_other_way_to_pair_short_texts_is_worth_more(left: list[int], right: list[int]) -> None:
    pairs = pair_words(rows(*left), rows(*right), WORDS)
    said, heard = (tuple(WORDS[row] for row in side) for side in (left, right))
    assert score_of(pairs, said, heard) == best_score(said, heard)
    assert np.all(np.diff(pairs.left) > 0)
    assert np.all(np.diff(pairs.right) > 0)
    for i, j, similarity in zip(pairs.left, pairs.right, pairs.similarity, strict=True):
        assert similarity == np.float32(likeness(said[i], heard[j]))


def test_words_are_as_alike_as_their_edit_distance_says() -> None:
    spellings = to_spellings(WORDS)
    found = alike(spellings.codes, spellings.bounds, np.arange(6), np.arange(6))
    expected = [[likeness(left, right) for right in WORDS] for left in WORDS]
    assert found.tolist() == np.array(expected, np.float32).tolist()


def test_anchors_are_met_once_on_either_side_and_stand_in_one_order() -> None:
    left, right = rows(1, 2, 3, 9, 9, 4, 5, 6, 7), rows(7, 1, 2, 3, 9, 4, 5, 6)
    assert [side.tolist() for side in find_anchors(left, right, 1)] == [
        [0, 1, 2, 5, 6, 7],
        [1, 2, 3, 5, 6, 7],
    ]
    assert [side.tolist() for side in find_anchors(left, right, 3)] == [[0, 1, 4, 5], [1, 2, 4, 5]]
    assert [side.tolist() for side in find_anchors(left, rows(1), 3)] == [[], []]


def garbled(words: Int64s, share: float, seed: int) -> Int64s:
    """The words with some changed, some left out and some put in."""
    random = np.random.default_rng(seed)
    kind = random.choice(4, len(words), p=[1 - share, share / 2, share / 4, share / 4])
    other = random.integers(0, words.max() + 1, len(words))
    parts = [words[:, None], other[:, None]]
    both = np.hstack(parts)
    kept = np.column_stack([np.isin(kind, (0, 3)), np.isin(kind, (1, 3))])
    return both[kept]


def test_texts_cut_at_anchors_are_paired_as_whole_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    vocabulary = ["".join(random.choice(list("abcdefghij"), 6)) for _ in range(400)]
    left = np.minimum(random.zipf(1.3, 1200) - 1, 399)
    right = garbled(left, 0.2, seed=2)
    monkeypatch.setattr(text_pairs, "_FEW_CELLS", 10**9)
    whole = pair_words(left, right, vocabulary)
    monkeypatch.setattr(text_pairs, "_FEW_CELLS", 1 << 12)
    cut = pair_words(left, right, vocabulary)
    both = set(zip(whole.left, whole.right, strict=True)) & set(zip(cut.left, cut.right, strict=True))
    assert len(both) > 0.99 * len(whole.left)


def test_a_band_is_enough_for_texts_that_repeat_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    left = np.tile(rows(0, 1, 2, 3), 200)
    monkeypatch.setattr(text_pairs, "_FEW_CELLS", 100)
    monkeypatch.setattr(text_pairs, "_MOST_CELLS", 100 * len(left))
    pairs = pair_words(left, left, WORDS)
    assert pairs.left.tolist() == pairs.right.tolist() == list(range(len(left)))
    assert pairs.similarity.tolist() == [1.0] * len(left)


def test_a_narrow_band_over_unequal_lengths_still_reaches_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_pairs, "_FEW_CELLS", 1)
    monkeypatch.setattr(text_pairs, "_MOST_CELLS", 1)
    for left, right in ((1, 9), (9, 1), (7, 20), (20, 7), (30, 31)):
        pairs = pair_words(np.zeros(left, np.int64), np.zeros(right, np.int64), WORDS)
        assert np.all(np.diff(pairs.left) > 0)
        assert np.all(np.diff(pairs.right) > 0)
