from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tasks.core.pooled import PooledFile, PooledForm, PooledRows, write_pooled

SAMPLES = 2500
FORM = PooledForm(("mean", "max"), 1, 2)
NAMES = [f"s{n:04}" for n in range(SAMPLES)]
VALUES = np.arange(SAMPLES * 4, dtype=np.float32).reshape(SAMPLES, 4)
FRAMES = np.arange(SAMPLES, dtype=np.int64)[:, None] % 3


def blocks(size: int) -> Iterator[PooledRows]:
    for start in range(0, SAMPLES, size):
        rows = slice(start, start + size)
        yield PooledRows(NAMES[rows], VALUES[rows], FRAMES[rows])


def test_sessions_of_one_sample_each_are_written_as_those_of_many_are(tmp_path: Path) -> None:
    write_pooled(tmp_path / "one.arrow", blocks(1), FORM)
    write_pooled(tmp_path / "many.arrow", blocks(1024), FORM)
    assert (tmp_path / "one.arrow").read_bytes() == (tmp_path / "many.arrow").read_bytes()
    found = PooledFile(tmp_path / "one.arrow")
    assert found.find("s0000") is None
    row = found.find("s2401")
    assert isinstance(row, np.ndarray)
    assert row.tolist() == VALUES[2401].tolist()


def test_texts_are_written_as_they_are(tmp_path: Path) -> None:
    rows = [PooledRows(["a"], ["one two"], np.array([[2]])), PooledRows(["b"], [""], np.array([[0]]))]
    write_pooled(tmp_path / "texts.arrow", rows, PooledForm(("concat",), 1, 0))
    found = PooledFile(tmp_path / "texts.arrow")
    assert (found.find("a"), found.find("b")) == ("one two", None)
