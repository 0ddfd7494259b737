"""Python's collector of reference cycles, run less often where millions of small objects come and go.

What it looks for is hardly there: rows are lists, texts and numbers, which are freed when they are let go.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = 200_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Wait for that many more objects than usual before cycles are looked for; as before afterwards."""
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
