import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.time_arrays import seconds_to_ns_array
from tasks.core.times import seconds_to_ns


@given(st.lists(st.one_of(st.floats(-9e9, 9e9), st.integers(-(10**16), 10**16).map(lambda ns: ns / 2e9))))
def test_an_array_is_as_exact_as_its_numbers(seconds: list[float]) -> None:
    found = seconds_to_ns_array(np.array(seconds, np.float64))
    assert found.tolist() == [seconds_to_ns(number) for number in seconds]


def test_floats_of_32_bits_count_at_their_own_shortest_form() -> None:
    found = seconds_to_ns_array(np.array([[0.1, 2.5], [1e-5, 33.1]], np.float32))
    assert found.tolist() == [[100_000_000, 2_500_000_000], [10_000, 33_100_000_000]]


def test_whole_numbers_are_seconds_too() -> None:
    assert seconds_to_ns_array(np.array([3], np.int16)).tolist() == [3_000_000_000]


@pytest.mark.parametrize("seconds", [np.array([np.nan]), np.array([np.inf]), np.array([b"1"])])
def test_what_is_no_finite_number_is_refused(seconds: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected finite numbers as times"):
        seconds_to_ns_array(seconds)
