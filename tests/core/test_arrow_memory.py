"""Arrow's memory from the C library, for a while."""

import pyarrow as pa
import pytest

from tasks.core.arrow_memory import kept_memory


def test_memory_is_asked_of_the_c_library_and_of_whoever_it_was_before_afterwards() -> None:
    before = pa.default_memory_pool().backend_name
    with kept_memory():
        assert pa.default_memory_pool().backend_name == "system"
    assert pa.default_memory_pool().backend_name == before


def test_the_memory_is_as_before_after_an_error_too() -> None:
    before = pa.default_memory_pool().backend_name
    with pytest.raises(ValueError, match="broken"), kept_memory():
        raise ValueError("broken")
    assert pa.default_memory_pool().backend_name == before
