"""Patterns of paths: `*` is any characters but `/`, `?` one of them, `**/` any folders or none.

A pattern is run as an automaton whose states are the bits of one number, all at once (Baeza-Yates and Gonnet,
"A new approach to text searching", 1992): a path takes time by its length, whatever the pattern. Regular
expressions go back and try again, which for `*a*a*a*b` and one long name takes for ever.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_PART = re.compile(r"\*\*/|.", re.DOTALL)
_REMEMBERED_STEPS = 4_096


def path_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a relative path, in whole, is of the pattern; capitals count."""
    return _Automaton(pattern).matches


class _Automaton:
    """Bit n of a set of states: the first n steps of the pattern are behind us. `**/` takes two steps."""

    def __init__(self, pattern: str) -> None:
        self._literals: dict[str, int] = {}
        self._one = self._names = self._anything = self._folders = 0
        state = 1
        for part in _PART.findall(pattern.replace("**", "\0").replace("\0/", "**/")):
            if part == "**/":
                self._folders |= state
                state <<= 1
            elif part == "\0":
                self._anything |= state
            elif part == "*":
                self._names |= state
            elif part == "?":
                self._one |= state
            else:
                self._literals[part] = self._literals.get(part, 0) | state
            state <<= 1
        self._accepting = state
        self._step = lru_cache(_REMEMBERED_STEPS)(self._next)

    def matches(self, path: str) -> bool:
        states = self._with_skipped(1)
        for character in path:
            states = self._step(states, character)
            if not states:
                return False
        return bool(states & self._accepting)

    def _next(self, states: int, character: str) -> int:
        """The states behind one more character."""
        inside = self._folders << 1
        found = (states & self._literals.get(character, 0)) << 1 | states & self._anything
        if character == "/":
            return self._with_skipped(found | (states & inside) >> 1)
        found |= (states & (self._one | self._folders)) << 1 | states & (self._names | inside)
        return self._with_skipped(found)

    def _with_skipped(self, states: int) -> int:
        """What may stand for nothing is passed over."""
        while True:
            skipped = (states & (self._names | self._anything)) << 1 | (states & self._folders) << 2
            if skipped | states == states:
                return states
            states |= skipped


def refuse_wrong_pattern(pattern: str) -> None:
    """ValueError for a pattern that no relative path can be of."""
    if not pattern or pattern.startswith("/") or "\\" in pattern or ".." in pattern.split("/"):
        raise ValueError(f"match: expected a pattern of paths below `path`, with /, got '{pattern}'")
