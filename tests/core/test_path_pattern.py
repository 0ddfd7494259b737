import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.path_pattern import path_pattern, refuse_wrong_pattern


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("*.jpg", ["a.jpg", ".jpg"], ["x/a.jpg", "a.JPG", "a.jpg.txt", "ajpg"]),
        ("**/*.jpg", ["a.jpg", "x/a.jpg", "x/y/a.jpg"], ["a.png"]),
        ("x/**", ["x/a", "x/y/a"], ["x", "y/x/a"]),
        ("x/**/a", ["x/a", "x/y/z/a"], ["xa", "x/ya"]),
        ("?[1].t+t", ["a[1].t+t"], ["a1.t+t", "/[1].t+t"]),
    ],
)
def test_a_pattern_is_of_whole_paths(pattern: str, matching: list[str], other: list[str]) -> None:
    matches = path_pattern(pattern)
    assert [path for path in matching + other if matches(path)] == matching


@pytest.mark.parametrize("pattern", ["", "/a", "../*.jpg", "a\\*.jpg"])
def test_a_pattern_that_no_path_can_be_of_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="match: expected a pattern of paths below `path`"):
        refuse_wrong_pattern(pattern)


def by_regular_expression(pattern: str, path: str) -> bool:
    meanings = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern)
    return re.fullmatch("".join(meanings.get(part) or re.escape(part) for part in parts), path) is not None


@given(st.text("a/*?", max_size=7), st.text("a/b", max_size=7))
def test_a_pattern_means_what_its_regular_expression_means(pattern: str, path: str) -> None:
    assert path_pattern(pattern)(path) == by_regular_expression(pattern, path)


@pytest.mark.parametrize("pattern", ["*a" * 30 + "b", "**/a" * 30 + "b", "**a" * 30 + "b"])
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    assert not path_pattern(pattern)("a/" * 100 + "a" * 10_000)
