"""Coordinated representation: one vector per modality of a sample, all in one space, to search across them.

reads   views
writes  coordinated.arrow   `<sample>#<modality>`, unit vectors; `#text` is the sample's words: text items,
                            captions and transcripts

The words are the hub. Each other modality predicts the whitened words of its training pairs by ridge
regression, its penalty chosen by leave-one-out error; the space is made of the directions of the words that
are predicted best, weighted by how well. For one modality and no penalty this is canonical correlation
analysis (Hotelling 1936; Hastie, Tibshirani and Friedman, "The elements of statistical learning", 3.7); more
modalities need no pairs among themselves. A modality with too few pairs is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tasks.core.schemas import MODALITIES
from tasks.core.vectors import Matrix, Vectors
from tasks.fuse.reduction import Reals, Reduction, fit_reduction
from tasks.fuse.views import WORDS, ViewBlock

_LEAST_PAIRS = 4
_LEAST_STRENGTH = 1e-9  # of the strongest: below it a direction is rounding noise
_PENALTIES = tuple(10.0**power for power in range(-3, 4))  # times the mean variance of the reduced view
_VIEW_WIDENING = 2  # a view keeps this many times more directions than the space has
_SPOKEN = {"text": WORDS}


@dataclass(frozen=True)
class Projection:
    """One view's way into the space: reduced, then `weights`."""

    reduction: Reduction
    weights: Reals

    def apply(self, matrix: Matrix) -> Matrix:
        """Unit vectors in the space; zeros stay zeros."""
        projected = self.reduction.apply(matrix) @ self.weights
        lengths = np.linalg.norm(projected, axis=1, keepdims=True)
        return np.asarray(projected / np.where(lengths, lengths, 1.0), np.float32)


@dataclass(frozen=True)
class _Fit:
    """A modality's reduction, its weights onto the whitened words, and the covariance of what it predicts."""

    reduction: Reduction
    weights: Reals
    spread: Reals


@dataclass(frozen=True)
class CoordinatedSpace:
    """A projection per modality that could be fitted, and on how many pairs with words."""

    projections: Mapping[str, Projection]
    pairs: Mapping[str, int]

    @property
    def dimensions(self) -> int:
        """At least one: a file of vectors without a dimension cannot be written."""
        widths = [int(projection.weights.shape[1]) for projection in self.projections.values()]
        return max([1, *widths])

    def vectors(self, block: ViewBlock) -> Vectors:
        """The vectors of these samples, by sample, then by modality."""
        placed: list[tuple[int, str, Matrix]] = []
        for modality, projection in self.projections.items():
            view = _SPOKEN.get(modality, modality)
            rows = np.flatnonzero(block.has(view))
            if len(rows):
                matrix = projection.apply(block.matrices[view][rows])
                placed += [(row, modality, vector) for row, vector in zip(rows.tolist(), matrix, strict=True)]
        placed.sort(key=lambda entry: entry[:1])
        ids = [f"{block.sample_ids[row]}#{modality}" for row, modality, _ in placed]
        rows_of = [vector for _, _, vector in placed]
        return Vectors(ids, np.stack(rows_of) if ids else np.empty((0, self.dimensions), np.float32))


def fit_coordinated(training: ViewBlock, dimensions: int) -> CoordinatedSpace:
    """The space of the training samples; without a projection where nothing can be learned from the pairs."""
    pairs = dict(_pair_counts(training))
    fitting = [modality for modality, count in pairs.items() if count >= _LEAST_PAIRS]
    if not fitting:
        return CoordinatedSpace({}, pairs)
    words = fit_reduction(training.matrices[WORDS][training.has(WORDS)], _VIEW_WIDENING * dimensions)
    fits = {
        modality: _predict_words(training, modality, words, _VIEW_WIDENING * dimensions)
        for modality in fitting
    }
    directions = _best_directions([fit.spread for fit in fits.values()], words.dimensions, dimensions)
    if not directions.shape[1]:
        return CoordinatedSpace({}, pairs)
    projections = {
        modality: Projection(fit.reduction, fit.weights @ directions)
        for modality, fit in fits.items()
        if fit.reduction.dimensions
    }
    projections["text"] = Projection(words, directions / np.sqrt(words.variances)[:, None])
    ordered = {modality: projections[modality] for modality in MODALITIES if modality in projections}
    return CoordinatedSpace(ordered, pairs)


def _pair_counts(training: ViewBlock) -> Iterator[tuple[str, int]]:
    for modality in MODALITIES:
        if modality != "text":
            count = int((training.has(modality) & training.has(WORDS)).sum())
            if count:
                yield modality, count


def _predict_words(training: ViewBlock, modality: str, words: Reduction, dimensions: int) -> _Fit:
    both = training.has(modality) & training.has(WORDS)
    reduction = fit_reduction(training.matrices[modality][both], dimensions)
    features = reduction.apply(training.matrices[modality][both])
    targets = words.apply(training.matrices[WORDS][both]) / np.sqrt(words.variances)
    weights = _ridge(features, targets, reduction.variances)
    predicted = features @ weights
    return _Fit(reduction, weights, predicted.T @ predicted / len(features))


def _ridge(features: Reals, targets: Reals, variances: Reals) -> Reals:
    """Ridge weights with the penalty of the least leave-one-out error; features are principal components."""
    rows = len(features)
    slopes = features.T @ targets / rows
    if not slopes.size:
        return slopes
    fits: list[tuple[float, float, Reals]] = []
    for penalty in _PENALTIES:
        spread = variances + penalty * variances.mean()
        weights = slopes / spread[:, None]
        leverages = np.sum(features**2 / spread, axis=1) / rows
        misses = (targets - features @ weights) / np.maximum(1 - leverages, 1e-6)[:, None]
        fits.append((float(np.sum(misses**2)), penalty, weights))
    return min(fits, key=lambda fit: fit[:2])[2]


def _best_directions(spreads: list[Reals], width: int, dimensions: int) -> Reals:
    """Directions of the words, the best predicted first, each as long as it is predicted well."""
    if not width:
        return np.empty((0, 0))
    strengths, axes = np.linalg.eigh(sum(spreads, np.zeros((width, width))))
    order = np.argsort(-strengths, kind="stable")[:dimensions]
    order = order[strengths[order] > _LEAST_STRENGTH * max(float(strengths.max()), _LEAST_STRENGTH)]
    chosen = axes[:, order]
    signs = np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(len(order))])
    return np.asarray(chosen * signs * np.sqrt(strengths[order]))
