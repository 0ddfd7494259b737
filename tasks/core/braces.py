"""Braces in a path, as WebDataset and shells expand them: `shards/{000..012}.tar`, `{train,test}.tar`."""

import re

MOST_PATHS = 100_000
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


def expand_braces(written: str) -> list[str]:
    """Every path that is meant, in order; ValueError for braces that mean none, or too many.

    The numbers of a range have as many digits as the longer of its ends where one begins with a zero.
    """
    paths = [""]
    position = 0
    for braces in _BRACES.finditer(written):
        before, choices = written[position : braces.start()], _choices(braces[1])
        if len(paths) * len(choices) > MOST_PATHS:
            raise ValueError(f"'{written}' means more than {MOST_PATHS} paths")
        paths = [path + before + choice for path in paths for choice in choices]
        position = braces.end()
    return [path + written[position:] for path in paths]


def _choices(inner: str) -> list[str]:
    found = _RANGE.fullmatch(inner)
    if found is None:
        choices = inner.split(",")
        if len(choices) < 2:
            raise ValueError(f"expected {{000..012}} or {{a,b}}, got '{{{inner}}}'")
        return choices
    first, last = int(found[1]), int(found[2])
    if first > last or last - first >= MOST_PATHS:
        raise ValueError(f"expected a range of 1 to {MOST_PATHS} numbers, got '{{{inner}}}'")
    padded = any(end.startswith("0") and len(end) > 1 for end in found.groups())
    digits = max(map(len, found.groups())) if padded else 0
    return [f"{number:0{digits}d}" for number in range(first, last + 1)]
