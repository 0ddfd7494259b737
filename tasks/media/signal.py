"""Signals: the numbers of one moment, as a row of a table had them, or a series of many moments.

reads   numbers as they were written, separated by commas; or a series (see `tasks/core/series.py`)
The duration of a series is the time from its first moment to its last, and a mean step more, so that series
that follow each other leave no gap; one moment has none. It has a sample rate where every step is the same,
to a thousandth and the nanosecond, and there is a whole number of them a second.
"""

import math
import re

import numpy as np
import numpy.typing as npt

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.series import SERIES_TYPE, unpack_series
from tasks.core.times import NS_PER_S
from tasks.media.reader import Limits, MediaReader

# float() alone would also take "1_000" and "nan".
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EVEN = 1e-3


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """One channel per number, or those of the series; a fault names what is no finite number."""
    if media_type == SERIES_TYPE:
        return _read_series(payload)
    cells = payload.decode("utf-8").split(",")
    strange = [cell for cell in cells if not is_number(cell)]
    fault = Fault(Reason.NOT_A_NUMBER, f"expected a number, got {strange[0]!r}") if strange else None
    return MediaFacts("signal", media_type, channels=len(cells), fault=fault)


def is_number(cell: str) -> bool:
    """Whether the text is a finite decimal number."""
    return _NUMBER.fullmatch(cell.strip()) is not None and math.isfinite(float(cell))


def _read_series(payload: bytes) -> MediaFacts:
    try:
        series = unpack_series(payload)
    except ValueError as error:
        return MediaFacts("signal", SERIES_TYPE, fault=Fault(Reason.UNREADABLE, f"{error}"))
    return MediaFacts(
        "signal",
        SERIES_TYPE,
        duration_ns=_duration_ns(series.time_ns),
        sample_rate=_sample_rate(series.time_ns),
        channels=len(series.channels),
        fault=_fault_of(series.values),
    )


def _fault_of(values: npt.NDArray[np.float64]) -> Fault | None:
    if not len(values):
        return Fault(Reason.FILE_EMPTY, "the series has no moment")
    if not np.isfinite(values).all():
        return Fault(Reason.NOT_A_NUMBER, "the series has values that are no finite number")
    return None


def _duration_ns(time_ns: npt.NDArray[np.int64]) -> int | None:
    if not len(time_ns):
        return None
    spanned, steps = int(time_ns[-1]) - int(time_ns[0]), len(time_ns) - 1
    return spanned + (2 * spanned + steps) // (2 * steps) if steps else 0


def _sample_rate(time_ns: npt.NDArray[np.int64]) -> int | None:
    if len(time_ns) < 2:
        return None
    steps = np.diff(time_ns)
    mean = (int(time_ns[-1]) - int(time_ns[0])) / len(steps)
    if not mean or np.abs(steps - mean).max() > max(1.0, _EVEN * mean):
        return None
    rate = NS_PER_S / mean
    return round(rate) if abs(rate - round(rate)) * len(steps) <= _EVEN * rate else None


READER = MediaReader("signal", read)
