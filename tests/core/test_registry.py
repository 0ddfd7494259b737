import pytest

from tasks.core.errors import UnknownNameError
from tasks.core.registry import Registry

READERS = Registry("label format", {"audacity": 1, "ctm": 2})


def test_an_entry_is_chosen_by_name() -> None:
    assert READERS["ctm"] == 2
    assert list(READERS) == ["audacity", "ctm"]


def test_a_misspelt_name_is_told_the_right_one() -> None:
    message = (
        r"no label format named 'audcity'; choose one of \['audacity', 'ctm'\]. Did you mean 'audacity'\?"
    )
    with pytest.raises(UnknownNameError, match=message):
        READERS["audcity"]
