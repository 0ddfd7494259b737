"""The loops of pooling, compiled by Numba: each frame is read once, in order, and never copied.

reads   values (frames, channels) in float32 or float64; for span s its frames are first[s] to stop[s] - 1
writes  into `found` (spans, channels) in float64, which holds what the loop begins with
rules   Channels are worked on side by side, frames one after the other, without fast mathematics: the sum of
        a span is the one that adding its rows in order in float64 gives, to the last bit, on any processor.
        Importing this costs Numba's start (about half a second), and the first call ever compiles (about a
        second a loop); Numba keeps what it compiled beside this file. So it is imported only to pool.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32] | NDArray[np.float64]
Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


def _add_rows(values: Values, first: Int64s, stop: Int64s, found: Float64s) -> None:
    for span in range(len(first)):
        sums, row = found[span], first[span]
        # Four frames at once, added in their order: the sums go to memory a quarter as often.
        while row + 4 <= stop[span]:
            one, two, three, four = values[row], values[row + 1], values[row + 2], values[row + 3]
            for channel in range(len(sums)):
                sums[channel] = (((sums[channel] + one[channel]) + two[channel]) + three[channel]) + four[
                    channel
                ]
            row += 4
        while row < stop[span]:
            one = values[row]
            for channel in range(len(sums)):
                sums[channel] += one[channel]
            row += 1


def _add_squares(values: Values, first: Int64s, stop: Int64s, means: Float64s, found: Float64s) -> None:
    for span in range(len(first)):
        squares, mean = found[span], means[span]
        for row in range(first[span], stop[span]):
            frame = values[row]
            for channel in range(len(squares)):
                distance = frame[channel] - mean[channel]
                squares[channel] += distance * distance


def _take_least(values: Values, first: Int64s, stop: Int64s, found: Float64s) -> None:
    for span in range(len(first)):
        least = found[span]
        for row in range(first[span], stop[span]):
            frame = values[row]
            for channel in range(len(least)):
                value = frame[channel]
                # What is not equal to itself is no number, and then the least is none.
                if value < least[channel] or value != value:
                    least[channel] = value


def _take_most(values: Values, first: Int64s, stop: Int64s, found: Float64s) -> None:
    for span in range(len(first)):
        most = found[span]
        for row in range(first[span], stop[span]):
            frame = values[row]
            for channel in range(len(most)):
                value = frame[channel]
                if value > most[channel] or value != value:
                    most[channel] = value


def _compiled(loop: Callable[..., None]) -> Callable[..., None]:
    machine_code: Any = numba.njit(cache=True)(loop)
    return machine_code  # type: ignore[no-any-return] # Numba says nothing of types


add_rows = _compiled(_add_rows)
add_squares = _compiled(_add_squares)
take_least = _compiled(_take_least)
take_most = _compiled(_take_most)
