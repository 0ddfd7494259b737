"""Signals by their values: a row of numbers as it is, a series by the mean and the spread of each channel.

reads   the numbers of one row, separated by commas; or a series (see `tasks/core/series.py`)
writes  32 float32: the means of up to 16 channels, then zeros; their standard deviations, then zeros. A row
        is a series of one moment: its numbers are the means, and nothing spreads.
        ValueError for more than 16 numbers or channels, or one that a float32 cannot hold
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tasks.core.encoder import Encoder
from tasks.core.series import SERIES_MARK, unpack_series
from tasks.core.vectors import Matrix

_CHANNELS = 16


def encode(payloads: Sequence[bytes]) -> Matrix:
    """One row per signal item."""
    matrix = np.zeros((len(payloads), 2 * _CHANNELS), np.float32)
    for row, payload in enumerate(payloads):
        moments = _read_moments(payload)
        channels = moments.shape[1]
        if channels > _CHANNELS:
            raise ValueError(f"expected at most {_CHANNELS} numbers, got {channels}")
        matrix[row, :channels] = moments.mean(axis=0)
        matrix[row, _CHANNELS : _CHANNELS + channels] = moments.std(axis=0)
    return matrix


def _read_moments(payload: bytes) -> npt.NDArray[np.float64]:
    """The numbers, of shape (moments, channels); each can be held by a float32."""
    if payload.startswith(SERIES_MARK):
        moments = unpack_series(payload).values
    else:
        moments = np.array([[float(cell) for cell in payload.decode("utf-8").strip().split(",")]])
    if not len(moments):
        raise ValueError("expected at least one moment, got none")
    strange = moments[~(np.abs(moments) <= np.finfo(np.float32).max)]
    if len(strange):
        raise ValueError(f"expected finite numbers that a float32 can hold, got {strange[0]}")
    return moments


ENCODER = Encoder("plain_values", "signal", 2 * _CHANNELS, encode)
