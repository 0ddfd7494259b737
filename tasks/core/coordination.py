"""One space for several modalities, fitted on pairs with a hub: what each can tell of the hub's rows.

reads   rows of the hub, and per modality rows that are paired with rows of the hub
writes  a Projection of each into the space (in memory)

Each modality predicts the whitened hub rows of its pairs by ridge regression, its penalty chosen by
leave-one-out error; the space is made of the directions of the hub that are predicted best, weighted by how
well. For one modality and no penalty this is canonical correlation analysis (Hotelling 1936; Hastie,
Tibshirani and Friedman, "The elements of statistical learning", 3.7); more modalities need no pairs among
themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tasks.core.reduction import Reals, Reduction, fit_reduction
from tasks.core.vectors import Matrix

_LEAST_STRENGTH = 1e-9  # of the strongest: below it a direction is rounding noise
_PENALTIES = tuple(10.0**power for power in range(-3, 4))  # times the mean variance of the reduced view
_WIDENING = 2  # a view keeps this many times more directions than the space has


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
class Pairs:
    """Rows of one modality, and the hub's rows that they belong to, row by row."""

    rows: Matrix
    hub: Matrix


@dataclass(frozen=True)
class Coordination:
    """The hub's projection, and those of the modalities that could be fitted."""

    hub: Projection
    modalities: Mapping[str, Projection]


@dataclass(frozen=True)
class _Fit:
    """A modality's reduction, its weights onto the whitened hub, and the covariance of what it predicts."""

    reduction: Reduction
    weights: Reals
    spread: Reals


def fit_coordination(hub: Matrix, pairs: Mapping[str, Pairs], dimensions: int) -> Coordination | None:
    """The space of at most that many dimensions; None where nothing can be learned from the pairs."""
    whole = fit_reduction(hub, _WIDENING * dimensions)
    fits = {modality: _predict_hub(found, whole, _WIDENING * dimensions) for modality, found in pairs.items()}
    directions = _best_directions([fit.spread for fit in fits.values()], whole.dimensions, dimensions)
    if not directions.shape[1]:
        return None
    return Coordination(
        Projection(whole, directions / np.sqrt(whole.variances)[:, None]),
        {
            modality: Projection(fit.reduction, fit.weights @ directions)
            for modality, fit in fits.items()
            if fit.reduction.dimensions
        },
    )


def _predict_hub(pairs: Pairs, hub: Reduction, dimensions: int) -> _Fit:
    reduction = fit_reduction(pairs.rows, dimensions)
    features = reduction.apply(pairs.rows)
    targets = hub.apply(pairs.hub) / np.sqrt(hub.variances)
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
    """Directions of the hub, the best predicted first, each as long as it is predicted well."""
    if not width:
        return np.empty((0, 0))
    strengths, axes = np.linalg.eigh(sum(spreads, np.zeros((width, width))))
    order = np.argsort(-strengths, kind="stable")[:dimensions]
    order = order[strengths[order] > _LEAST_STRENGTH * max(float(strengths.max()), _LEAST_STRENGTH)]
    chosen = axes[:, order]
    signs = np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(len(order))])
    return np.asarray(chosen * signs * np.sqrt(strengths[order]))
