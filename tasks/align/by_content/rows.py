"""Rows that can be compared: each of length 1 (or all zeros, which is like nothing), or hashes.

The likeness of two rows is their product, the cosine of their angle; of two hashes, the share of their bits
that agree. `products` is a whole block in float32, for searching; `likeness` is of single pairs in float64,
the same whatever block the rows were met in.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

HASH_BITS = 64

_PAIRS_AT_ONCE = 1_024  # they stay in the cache


class Rows(ABC):
    """Rows of one length; what they are compared with must be of the same kind and length."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def take(self, index: Int64s) -> "Rows":
        """Those rows, in that order."""
        return type(self)(self.matrix[index])

    @abstractmethod
    def products(self, rows: slice, other: "Rows", columns: slice) -> Float32s:
        """Every one of these rows with every one of the other's columns: float32 (rows, columns)."""

    def likeness(self, index: Int64s, other: "Rows", other_index: Int64s) -> Float64s:
        """Of each row with the other's row in the same place: float64 (pairs,)."""
        found = np.empty(len(index))
        for start in range(0, len(index), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            found[part] = self._products_of_pairs(self.matrix[index[part]], other.matrix[other_index[part]])
        return found

    @abstractmethod
    def _products_of_pairs(self, own: Any, others: Any) -> Float64s: ...


class DenseRows(Rows):
    """A float32 matrix."""

    def products(self, rows: slice, other: Rows, columns: slice) -> Float32s:
        block: Float32s = self.matrix[rows] @ other.matrix[columns].T
        return block

    def _products_of_pairs(self, own: Float32s, others: Float32s) -> Float64s:
        # Cast first: where einsum casts, it works through a buffer, and where that ends changes the rounding.
        products: Float64s = np.einsum("ij,ij->i", own.astype(np.float64), others.astype(np.float64))
        return products


class SparseRows(Rows):
    """A SciPy matrix in compressed rows."""

    def products(self, rows: slice, other: Rows, columns: slice) -> Float32s:
        block: Float32s = (self.matrix[rows] @ other.matrix[columns].T).toarray().astype(np.float32)
        return block

    def _products_of_pairs(self, own: Any, others: Any) -> Float64s:
        return np.asarray(own.multiply(others).sum(axis=1), np.float64).reshape(-1)


class HashRows(Rows):
    """Hashes of 64 bits, uint64 (rows,). Their likeness is the share of the bits that agree, exactly."""

    def products(self, rows: slice, other: Rows, columns: slice) -> Float32s:
        differing = np.bitwise_count(self.matrix[rows, np.newaxis] ^ other.matrix[np.newaxis, columns])
        block: Float32s = np.float32(1) - differing.astype(np.float32) / np.float32(HASH_BITS)
        return block

    def _products_of_pairs(self, own: Any, others: Any) -> Float64s:
        products: Float64s = 1 - np.bitwise_count(own ^ others) / HASH_BITS
        return products


def unit_rows(matrix: Float32s) -> DenseRows:
    """The rows at length 1; rows of zeros stay, and are like nothing. ValueError for NaN and infinity."""
    if not np.isfinite(matrix).all():
        raise ValueError("expected finite numbers in every vector, got NaN or infinity")
    unit = np.empty(matrix.shape, np.float32)
    for start in range(0, len(matrix), _PAIRS_AT_ONCE):
        part = matrix[start : start + _PAIRS_AT_ONCE].astype(np.float64)
        lengths = np.linalg.norm(part, axis=1, keepdims=True)
        unit[start : start + _PAIRS_AT_ONCE] = part / np.where(lengths > 0, lengths, 1)
    return DenseRows(unit)
