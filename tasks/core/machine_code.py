"""Loops compiled by Numba, for what numpy cannot say and Python is too slow for.

Importing this costs Numba's start (about half a second), and the first call ever of a loop compiles it (a
second or more); Numba keeps what it compiled beside the loop's file. So loops are imported where they are
called, and only there.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import numba

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop, error_model: Literal["python", "numpy"] = "python") -> Loop:
    """The loop as machine code; with numpy's errors a division does not look for nought first."""
    machine_code: Any = numba.njit(cache=True, error_model=error_model)(loop)
    return machine_code  # type: ignore[no-any-return] # Numba says nothing of types
