"""Arrays of seconds to int64 nanoseconds, each as exact as `seconds_to_ns` of the one number."""

import numpy as np
import numpy.typing as npt

from tasks.core.times import LONGEST_NS, NS_PER_S, seconds_to_ns

Numbers = npt.NDArray[np.floating | np.integer]
# Below this a product of 64-bit floats is less than a quarter of a nanosecond away from the exact one.
_SURE_BELOW_S = 1_000_000.0
_SURE_DISTANCE = 0.25


def seconds_to_ns_array(seconds: Numbers) -> npt.NDArray[np.int64]:
    """The nanoseconds of each; a number counts at its shortest decimal form. ValueError when it is none."""
    if not np.issubdtype(seconds.dtype, np.number) or not np.isfinite(seconds).all():
        raise ValueError("expected finite numbers as times")
    if seconds.dtype != np.float64:
        exact = [seconds_to_ns(text) for text in seconds.ravel().astype("U").tolist()]
        return np.array(exact, np.int64).reshape(seconds.shape)
    product = seconds * NS_PER_S
    rounded = np.rint(product)
    found = np.where(np.abs(rounded) < LONGEST_NS, rounded, 0).astype(np.int64)
    unsure = (np.abs(seconds) >= _SURE_BELOW_S) | (np.abs(product - rounded) > _SURE_DISTANCE)
    found[unsure] = [seconds_to_ns(number) for number in seconds[unsure].tolist()]
    return found
