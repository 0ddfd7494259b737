"""Signals that are a row of numbers, as they are.

reads   the numbers of one row, separated by commas
writes  16 float32: the numbers in their order, then zeros
        ValueError for more than 16 numbers, or one that a float32 cannot hold
"""

from collections.abc import Sequence

import numpy as np

from tasks.core.encoder import Encoder
from tasks.core.vectors import Matrix

_DIMENSIONS = 16


def encode(payloads: Sequence[bytes]) -> Matrix:
    """One row per signal item."""
    matrix = np.zeros((len(payloads), _DIMENSIONS), np.float32)
    for row, payload in enumerate(payloads):
        values = _parse_values(payload)
        matrix[row, : len(values)] = values
    return matrix


def _parse_values(payload: bytes) -> list[float]:
    values = [float(cell) for cell in payload.decode("utf-8").strip().split(",")]
    if len(values) > _DIMENSIONS:
        raise ValueError(f"expected at most {_DIMENSIONS} numbers, got {len(values)}")
    largest = float(np.finfo(np.float32).max)
    strange = [value for value in values if not abs(value) <= largest]
    if strange:
        raise ValueError(f"expected finite numbers that a float32 can hold, got {strange[0]}")
    return values


ENCODER = Encoder("plain_values", "signal", _DIMENSIONS, encode)
