"""What several partitions of one run are cut from: made when the first of them asks for it, then kept."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Made = TypeVar("Made")


class OnceARun:
    """Results by what they were made of, for as long as the run of one stage lasts."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Any] = {}

    def made(self, of: Hashable, make: Callable[[], Made]) -> Made:
        """The result for that key; `make` is called once."""
        if of not in self._made:
            self._made[of] = make()
        result: Made = self._made[of]
        return result
