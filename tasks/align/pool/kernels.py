"""The loops of pooling, compiled by Numba: each frame is read once, in order, and never copied.

reads   values (frames, channels) in float32 or float64; the frames of span s are first[s] to stop[s] - 1
writes  found[s, place] (spans, kinds, channels), of the values' type; a span without frames is left as it is
rules   Channels are worked on side by side, frames one after the other, without fast mathematics: the sum of
        a span is the one that adding its rows in order in float64 gives, to the last bit, on any processor.
        It costs what `tasks/core/machine_code.py` says, and is imported only to pool.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tasks.core.machine_code import compiled

Values = NDArray[np.float32] | NDArray[np.float64]
Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Loop = Callable[[Values, Int64s, Int64s, int, Values], None]


# With Python's errors each division would look for nought, and channels would be divided one by one.
_compiled = partial(compiled, error_model="numpy")


def _add_rows(values: Values, first: int, stop: int, sums: Float64s) -> None:
    sums[:] = 0
    row = first
    # Four frames at once, added in their order: the sums go to memory a quarter as often.
    while row + 4 <= stop:
        one, two, three, four = values[row], values[row + 1], values[row + 2], values[row + 3]
        for channel in range(len(sums)):
            after_two = sums[channel] + one[channel] + two[channel]
            sums[channel] = after_two + three[channel] + four[channel]
        row += 4
    while row < stop:
        one = values[row]
        for channel in range(len(sums)):
            sums[channel] += one[channel]
        row += 1


_sum_of_rows = _compiled(_add_rows)


def _take_sum(values: Values, first: Int64s, stop: Int64s, place: int, found: Values) -> None:
    sums = np.empty(values.shape[1], np.float64)
    for span in range(len(first)):
        if stop[span] > first[span]:
            _sum_of_rows(values, first[span], stop[span], sums)
            for channel in range(len(sums)):
                found[span, place, channel] = sums[channel]


def _take_mean(values: Values, first: Int64s, stop: Int64s, place: int, found: Values) -> None:
    sums = np.empty(values.shape[1], np.float64)
    for span in range(len(first)):
        frames = stop[span] - first[span]
        if frames > 0:
            _sum_of_rows(values, first[span], stop[span], sums)
            for channel in range(len(sums)):
                found[span, place, channel] = sums[channel] / frames


def _take_std(values: Values, first: Int64s, stop: Int64s, place: int, found: Values) -> None:
    means = np.empty(values.shape[1], np.float64)
    squares = np.empty(values.shape[1], np.float64)
    for span in range(len(first)):
        frames = stop[span] - first[span]
        if frames > 0:
            _sum_of_rows(values, first[span], stop[span], means)
            means /= frames
            squares[:] = 0
            for row in range(first[span], stop[span]):
                for channel in range(len(squares)):
                    distance = values[row, channel] - means[channel]
                    squares[channel] += distance * distance
            for channel in range(len(squares)):
                found[span, place, channel] = np.sqrt(squares[channel] / frames)


def _take_min(values: Values, first: Int64s, stop: Int64s, place: int, found: Values) -> None:
    least = np.empty(values.shape[1], values.dtype)
    for span in range(len(first)):
        if stop[span] > first[span]:
            least[:] = values[first[span]]
            for row in range(first[span] + 1, stop[span]):
                for channel in range(len(least)):
                    value = values[row, channel]
                    # What is not equal to itself is no number, and then the least is none.
                    if value < least[channel] or value != value:
                        least[channel] = value
            for channel in range(len(least)):
                found[span, place, channel] = least[channel]


def _take_max(values: Values, first: Int64s, stop: Int64s, place: int, found: Values) -> None:
    most = np.empty(values.shape[1], values.dtype)
    for span in range(len(first)):
        if stop[span] > first[span]:
            most[:] = values[first[span]]
            for row in range(first[span] + 1, stop[span]):
                for channel in range(len(most)):
                    value = values[row, channel]
                    if value > most[channel] or value != value:
                        most[channel] = value
            for channel in range(len(most)):
                found[span, place, channel] = most[channel]


def _take_last(values: Values, first: Int64s, stop: Int64s, place: int, found: Values) -> None:
    for span in range(len(first)):
        if stop[span] > first[span]:
            for channel in range(values.shape[1]):
                found[span, place, channel] = values[stop[span] - 1, channel]


LOOPS: dict[str, Loop] = {
    "mean": _compiled(_take_mean),
    "max": _compiled(_take_max),
    "min": _compiled(_take_min),
    "std": _compiled(_take_std),
    "sum": _compiled(_take_sum),
    "last": _compiled(_take_last),
}
