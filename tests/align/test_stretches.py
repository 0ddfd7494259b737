"""What is left of stretches of time, against the same told nanosecond by nanosecond."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.align.coverage.stretches import Stretches, merged

MOMENTS = st.sets(st.integers(0, 30))


def stretches(moments: set[int]) -> Stretches:
    start_ns = np.array(sorted(moments), np.int64)
    return merged(start_ns, start_ns + 1)


def moments_of(found: Stretches) -> set[int]:
    pairs = zip(found.start_ns.tolist(), found.end_ns.tolist(), strict=True)
    return {moment for start, end in pairs for moment in range(start, end)}


@given(MOMENTS, MOMENTS)
def test_what_is_left_are_the_moments_that_no_inner_stretch_has(outer: set[int], other: set[int]) -> None:
    left = stretches(outer).less(stretches(outer & other))
    assert moments_of(left) == outer - other
    assert (left.end_ns > left.start_ns).all()
    assert (left.start_ns[1:] >= left.end_ns[:-1]).all()
