from pathlib import Path

import numpy as np
import pytest

from tasks.core.errors import MissingInputError
from tasks.core.vectors import (
    FrameFile,
    Frames,
    VectorFile,
    Vectors,
    iterate_frames,
    iterate_vectors,
    read_vectors,
    vector_space,
    write_frames,
    write_vectors,
)


def test_vectors_come_back_as_they_went_in(tmp_path: Path) -> None:
    blocks = [
        Vectors(["a", "b"], np.eye(2, 3, dtype=np.float32)),
        Vectors(["c"], np.ones((1, 3), np.float32)),
    ]
    assert write_vectors(tmp_path / "v.arrow", blocks, 3) == 3
    found = read_vectors(tmp_path / "v.arrow")
    assert found.ids == ["a", "b", "c"]
    assert found.matrix.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 1]]
    assert [block.ids for block in iterate_vectors(tmp_path / "v.arrow")] == [["a", "b"], ["c"]]


def test_single_vectors_are_found_by_their_position_in_whatever_order(tmp_path: Path) -> None:
    blocks = [Vectors([f"{n}"], np.full((1, 2), n, np.float32)) for n in range(5)]
    write_vectors(tmp_path / "v.arrow", blocks, 2)
    file = VectorFile(tmp_path / "v.arrow")
    assert file.ids.to_pylist() == ["0", "1", "2", "3", "4"]
    assert [file.vector(n).tolist() for n in (4, 0, 3, 1, 2, 4)] == [[n, n] for n in (4, 0, 3, 1, 2, 4)]


def test_a_file_without_vectors_still_has_a_width(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.arrow", [], 5)
    assert read_vectors(tmp_path / "v.arrow").matrix.shape == (0, 5)


def test_a_file_names_the_space_that_its_vectors_share_with_others(tmp_path: Path) -> None:
    write_vectors(tmp_path / "own.arrow", [], 2)
    write_vectors(tmp_path / "shared.arrow", [], 2, "clip ViT-B-32")
    assert [vector_space(tmp_path / f"{name}.arrow") for name in ("own", "shared")] == [None, "clip ViT-B-32"]


def test_sequences_come_back_one_by_one(tmp_path: Path) -> None:
    sequences = [
        ("a", Frames(5, 10, np.ones((4, 2), np.float32))),
        ("b", Frames(0, 20, np.zeros((1, 2), np.float32))),
    ]
    assert write_frames(tmp_path / "f.arrow", sequences, 2) == 2
    found = list(iterate_frames(tmp_path / "f.arrow"))
    assert [(name, frames.start_ns, frames.step_ns, frames.matrix.tolist()) for name, frames in found] == [
        ("a", 5, 10, [[1, 1]] * 4),
        ("b", 0, 20, [[0, 0]]),
    ]


def test_missing_vectors_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"v.arrow is not there"):
        read_vectors(tmp_path / "v.arrow")


def test_single_sequences_are_found_by_their_ids(tmp_path: Path) -> None:
    sequences = [(name, Frames(n, 5, np.full((n, 2), n, np.float32))) for n, name in enumerate("abc")]
    write_frames(tmp_path / "f.arrow", sequences, 2)
    file = FrameFile(tmp_path / "f.arrow")
    found = [file.find(name) for name in "cab"]
    assert [(frames.start_ns, frames.matrix.tolist()) for frames in found if frames] == [
        (2, [[2, 2], [2, 2]]),
        (0, []),
        (1, [[1, 1]]),
    ]
    assert file.find("d") is None
