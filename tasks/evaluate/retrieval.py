"""Retrieval: does the picture or the sound of a held-out sample find its own words among all, and they it?

reads   coordinated.arrow: unit vectors of one space, `<sample_id>#<modality>`

recall@k is the share of queries whose own sample is among the k most similar. Where candidates are equally
similar, the query counts by its chance among them: vectors that are all the same reach just `chance`, k / n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.core.vectors import Matrix, VectorFile
from tasks.evaluate.examples import draw, held_out_splits

PAIRS = (("image", "text"), ("audio", "text"))
DIRECTIONS = tuple(f"{a}_to_{b}" for first, second in PAIRS for a, b in ((first, second), (second, first)))
FEWEST_CANDIDATES = 2
MOST_CANDIDATES = 10_000
_CELLS_AT_ONCE = 262_144
_SAME_DIGITS = 6

Counts = npt.NDArray[np.int64]
Recall = dict[str, float | int | str]
Places = dict[str, int]


@dataclass(frozen=True)
class _Pairs:
    """Vectors of two modalities, row by row of the same sample."""

    first: Matrix
    second: Matrix
    held_out: tuple[str, ...]


def evaluate_retrieval(
    path: Path, splits: Mapping[str, str], recall_at: Sequence[int], seed: int
) -> dict[str, Recall | str]:
    """Recall at every k in every direction, or why there is none; `splits` has the split of each sample."""
    found: dict[str, Recall | str] = {}
    vectors = VectorFile(path)
    places = _places_by_modality(vectors)
    for first, second in PAIRS:
        sides = places.get(first, {}), places.get(second, {})
        chosen, held_out = _choose_pairs(*sides, splits, seed)
        pairs = _Pairs(_stacked(vectors, sides[0], chosen), _stacked(vectors, sides[1], chosen), held_out)
        found[f"{first}_to_{second}"] = _recall(pairs.first, pairs.second, pairs.held_out, recall_at)
        found[f"{second}_to_{first}"] = _recall(pairs.second, pairs.first, pairs.held_out, recall_at)
    return found


def recall_at_k(queries: Matrix, candidates: Matrix, k: int) -> float:
    """The share of queries whose own row of candidates is among the k most similar."""
    closer, same = _ranks(queries, candidates)
    return float(np.mean(np.clip((k - closer) / same, 0, 1)))


def _recall(
    queries: Matrix, candidates: Matrix, held_out: tuple[str, ...], recall_at: Sequence[int]
) -> Recall | str:
    count = len(candidates)
    if count < FEWEST_CANDIDATES:
        return f"too few held-out samples have both: expected {FEWEST_CANDIDATES}, got {count}"
    found: Recall = {"n": count, "held_out": " and ".join(held_out)}
    for k in sorted(set(recall_at)):
        found[f"recall_at_{k}"] = recall_at_k(queries, candidates, k)
        found[f"chance_at_{k}"] = min(k / count, 1.0)
    return found


def _ranks(queries: Matrix, candidates: Matrix) -> tuple[Counts, Counts]:
    """For each query how many candidates are more similar than its own, and how many just as similar."""
    from threadpoolctl import threadpool_limits

    closer, same = np.empty(len(queries), np.int64), np.empty(len(queries), np.int64)
    unit_candidates = _unit(candidates)
    at_once = max(1, _CELLS_AT_ONCE // len(candidates))
    for first in range(0, len(queries), at_once):
        rows = slice(first, first + at_once)
        with threadpool_limits(1):
            similarity = np.round(_unit(queries[rows]) @ unit_candidates.T, _SAME_DIGITS)
        own = np.take_along_axis(similarity, np.arange(first, first + len(similarity))[:, None], axis=1)
        closer[rows] = (similarity > own).sum(axis=1)
        same[rows] = (similarity == own).sum(axis=1)
    return closer, same


def _unit(matrix: Matrix) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(matrix.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths, lengths, 1.0), np.float64)


def _places_by_modality(vectors: VectorFile) -> dict[str, Places]:
    """Where in the file the vectors of each modality are, by sample id."""
    places: dict[str, Places] = {}
    for position, name in enumerate(vectors.ids):
        sample_id, _, modality = name.as_py().rpartition("#")
        places.setdefault(modality, {})[sample_id] = position
    return places


def _choose_pairs(
    first: Places, second: Places, splits: Mapping[str, str], seed: int
) -> tuple[list[str], tuple[str, ...]]:
    """The held-out samples that have both, by id; a choice of them by lot where they are very many."""
    both = sorted(sample_id for sample_id in first.keys() & second.keys() if sample_id in splits)
    held_out = held_out_splits([splits[sample_id] for sample_id in both])
    asked = [sample_id for sample_id in both if splits[sample_id] in held_out]
    return draw(asked, MOST_CANDIDATES, seed), held_out


def _stacked(vectors: VectorFile, places: Places, sample_ids: Sequence[str]) -> Matrix:
    return np.array([vectors.vector(places[sample_id]) for sample_id in sample_ids], np.float32)
