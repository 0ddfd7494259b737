from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.floats_on_disk import FloatsOnDisk

FLOATS = st.lists(st.floats(width=32, allow_nan=False), max_size=9)


@given(st.lists(FLOATS, max_size=4), st.integers(-40, 40), st.integers(-40, 40))
def test_parts_are_those_of_the_blocks_laid_end_to_end(
    blocks: list[list[float]], first: int, stop: int
) -> None:
    floats = FloatsOnDisk()
    for block in blocks:
        floats.append(np.array(block, np.float32))
    whole = np.array([value for block in blocks for value in block], np.float32)
    assert len(floats) == len(whole)
    assert floats[first:stop].tolist() == whole[first:stop].tolist()


def test_what_was_read_does_not_disturb_what_is_written_next() -> None:
    floats = FloatsOnDisk()
    floats.append(np.array([1, 2], np.float32))
    assert floats[:1].tolist() == [1]
    floats.append(np.array([3], np.float32))
    assert floats[:].tolist() == [1, 2, 3]


def test_the_file_has_no_name_in_its_folder(tmp_path: Path) -> None:
    floats = FloatsOnDisk(tmp_path)
    floats.append(np.ones(10, np.float32))
    assert list(tmp_path.iterdir()) == []
