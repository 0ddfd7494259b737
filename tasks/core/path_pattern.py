"""Patterns of paths: `*` is any characters but `/`, `?` one of them, `**/` any folders or none."""

import re
from collections.abc import Callable

_PART = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANING = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def path_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a relative path, in whole, is of the pattern; capitals count."""
    parts = _PART.findall(pattern)
    wanted = re.compile("".join(_MEANING.get(part) or re.escape(part) for part in parts), re.DOTALL)
    return lambda path: wanted.fullmatch(path) is not None


def refuse_wrong_pattern(pattern: str) -> None:
    """ValueError for a pattern that no relative path can be of."""
    if not pattern or pattern.startswith("/") or "\\" in pattern or ".." in pattern.split("/"):
        raise ValueError(f"match: expected a pattern of paths below `path`, with /, got '{pattern}'")
