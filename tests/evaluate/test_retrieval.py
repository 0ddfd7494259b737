"""Recall@k of tiny vectors, worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from tasks.core.vectors import Vectors, write_vectors
from tasks.evaluate.retrieval import Recall, evaluate_retrieval, recall_at_k


def directions(*degrees: float) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """Unit vectors of the plane."""
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


@pytest.mark.parametrize(("k", "expected"), [(1, 1 / 3), (2, 2 / 3), (3, 1.0), (9, 1.0)])
def test_recall_counts_the_queries_that_find_their_own(k: int, expected: float) -> None:
    # 45 finds its own, 40, first; 50 finds 40 before its own, 70; 80 finds its own, 0, last.
    assert recall_at_k(directions(45, 50, 80), directions(40, 70, 0), k) == pytest.approx(expected)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_vectors_that_are_all_the_same_reach_just_chance(k: int) -> None:
    same = directions(30, 30, 30, 30)
    assert recall_at_k(same, same, k) == k / 4


def test_a_vector_of_zeros_is_like_nothing_and_no_crash() -> None:
    assert recall_at_k(np.zeros((2, 2), np.float32), directions(0, 90), 1) == 0.5


def test_more_queries_than_one_block_give_the_same() -> None:
    many = directions(*np.linspace(0, 180, 1100))
    assert recall_at_k(many, many, 1) == 1.0


def recall(folder: Path, vectors: dict[str, list[float]], splits: dict[str, str]) -> dict[str, Recall | str]:
    path = folder / "coordinated.arrow"
    matrix = np.array(list(vectors.values()), np.float32).reshape(len(vectors), 2)
    write_vectors(path, [Vectors(list(vectors), matrix)], 2)
    return evaluate_retrieval(path, splits, (1,), 0)


def test_only_held_out_samples_with_both_modalities_are_asked(tmp_path: Path) -> None:
    vectors = {
        **{"a#1#image": [1.0, 0.0], "a#1#text": [1.0, 0.0], "b#image": [0.0, 1.0], "b#text": [0.0, 1.0]},
        **{"c#image": [1.0, 1.0], "train#image": [1.0, 0.0], "train#text": [0.0, 1.0]},
    }
    splits = {"a#1": "test", "b": "validation", "c": "test", "train": "train"}
    found = recall(tmp_path, vectors, splits)
    expected = {"n": 2, "held_out": "validation and test", "recall_at_1": 1.0, "chance_at_1": 0.5}
    assert (found["image_to_text"], found["text_to_image"]) == (expected, expected)
    assert found["audio_to_text"] == "too few held-out samples have both: expected 2, got 0"


def test_a_space_without_vectors_has_reasons(tmp_path: Path) -> None:
    found = recall(tmp_path, {}, {})
    assert set(found.values()) == {"too few held-out samples have both: expected 2, got 0"}
    assert sorted(found) == ["audio_to_text", "image_to_text", "text_to_audio", "text_to_image"]
