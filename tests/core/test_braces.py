import pytest

from tasks.core.braces import expand_braces


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a.tar", ["a.tar"]),
        ("{008..010}.tar", ["008.tar", "009.tar", "010.tar"]),
        ("{8..10}", ["8", "9", "10"]),
        ("{a,b}-{0..1}", ["a-0", "a-1", "b-0", "b-1"]),
        ("{,x}y", ["y", "xy"]),
    ],
)
def test_braces_mean_each_of_their_choices_in_order(written: str, meant: list[str]) -> None:
    assert expand_braces(written) == meant


@pytest.mark.parametrize("written", ["{}", "{a}", "{2..1}", "{0..999999999}", "{0..999}{0..999}"])
def test_braces_that_mean_nothing_or_too_much_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"expected|more than 100000 paths"):
        expand_braces(written)
