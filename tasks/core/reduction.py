"""Standardise and reduce: principal components, fitted once and applied anywhere.

reads   rows of training samples
writes  a Reduction: a linear map to fewer dimensions (in memory)

With few rows, or rows that hardly differ, fewer dimensions come out than were asked for, down to none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.core.vectors import Matrix

Reals = npt.NDArray[np.float64]

_LEAST_VARIANCE = 1e-8  # of the largest: below it a direction is rounding noise

_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Reduction:
    """x -> (x - centre) / scale @ axes. `variances` are those of the reduced training rows."""

    centre: Reals
    scale: Reals
    axes: Reals
    variances: Reals
    explained: float
    rows: int

    @property
    def dimensions(self) -> int:
        """How many dimensions come out."""
        return int(self.axes.shape[1])

    def apply(self, matrix: Matrix) -> Reals:
        """The rows reduced: float64 (rows, dimensions)."""
        parts = [(rows - self.centre) / self.scale @ self.axes for rows in _slices(matrix)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimensions))


def fit_reduction(matrix: Matrix, dimensions: int) -> Reduction:
    """The directions in which the standardised rows differ most; each points to its largest weight."""
    rows, width = matrix.shape
    if rows < 2 or not width:
        return _to_nothing(width, rows)
    sums, squares, products = np.zeros(width), np.zeros(width), np.zeros((width, width))
    for part in _slices(matrix):
        sums += part.sum(axis=0, dtype=np.float64)
    centre = sums / rows
    for part in _slices(matrix):
        squares += ((part - centre) ** 2).sum(axis=0)
    scale = np.sqrt(squares / rows)
    scale[scale <= 1e-7 * max(float(scale.max()), 1e-30)] = np.inf  # what never varies says nothing
    for part in _slices(matrix):
        standard = (part - centre) / scale
        products += standard.T @ standard
    variances, axes = np.linalg.eigh(products / rows)
    order = np.argsort(-variances, kind="stable")[: min(dimensions, rows - 1)]
    order = order[variances[order] > _LEAST_VARIANCE * max(float(variances.max()), _LEAST_VARIANCE)]
    chosen = axes[:, order]
    signs = np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(len(order))])
    total = float(variances.clip(min=0).sum())
    explained = float(variances[order].sum()) / total if total else 0.0
    return Reduction(centre, scale, chosen * signs, variances[order], explained, rows)


def _slices(matrix: Matrix) -> Iterator[Matrix]:
    """Some rows after the others: in double precision, all at once would take several times their memory."""
    return (matrix[first : first + _ROWS_AT_ONCE] for first in range(0, len(matrix), _ROWS_AT_ONCE))


def _to_nothing(width: int, rows: int) -> Reduction:
    nothing = np.empty((width, 0))
    return Reduction(np.zeros(width), np.ones(width), nothing, np.empty(0), 0.0, rows)
