"""Which samples of sound can be meant: finite, and within the widest scale that sound is kept in.

reads   decoded samples, 1.0 or the largest whole number at full scale
Float files may hold whole numbers unscaled, of up to 32 bits. Beyond 2 ** 31 there is no scale in which a
sample means anything, and its square leaves float32 in the features of sound.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

LARGEST_SAMPLE = 2.0**31


def strange_sample(samples: npt.NDArray[Any]) -> str | None:
    """A sentence about the first sample that cannot be meant; None where all can."""
    if not samples.size or -LARGEST_SAMPLE <= samples.min() <= samples.max() <= LARGEST_SAMPLE:
        return None
    sample = samples[~(np.abs(samples) <= LARGEST_SAMPLE)][0]
    return f"expected finite samples of at most {LARGEST_SAMPLE:.0f}, where 1 is full scale; got {sample:g}"
