"""Vectors in Arrow IPC files: ids and fixed-size float32 lists, memory-mapped when read.

`<modality>.arrow` holds one vector per id; `<modality>_frames.arrow` one sequence per id, with the time of
its first frame (ns, from the start of the item) and the step between frames (ns). A file of vectors that can
be compared with those of other modalities names their space in its schema's metadata (`space`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.core.errors import MissingInputError

Matrix = npt.NDArray[np.float32]
_RECENT_BLOCKS = 2
_SPACE_KEY = b"space"


@dataclass(frozen=True)
class Vectors:
    """Ids and their vectors, row by row: float32 (rows, dimensions)."""

    ids: list[str]
    matrix: Matrix


@dataclass(frozen=True)
class Frames:
    """A sequence of vectors: frame i covers [start_ns + i x step_ns, start_ns + (i + 1) x step_ns)."""

    start_ns: int
    step_ns: int
    matrix: Matrix


def write_vectors(path: Path, blocks: Iterable[Vectors], dimensions: int, space: str | None = None) -> int:
    """Write the blocks in the order they come, and the space they are in; the number of vectors."""
    schema = pa.schema(
        [pa.field("id", pa.string(), False), pa.field("vector", pa.list_(pa.float32(), dimensions), False)],
        {_SPACE_KEY: space} if space else None,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for block in blocks:
            writer.write_batch(
                pa.record_batch([pa.array(block.ids, pa.string()), _fixed_lists(block.matrix)], schema=schema)
            )
            rows += len(block.ids)
    return rows


def read_vectors(path: Path) -> Vectors:
    """All vectors of the file, memory-mapped where it holds one block."""
    blocks = list(iterate_vectors(path))
    if len(blocks) == 1:
        return blocks[0]
    ids = [name for block in blocks for name in block.ids]
    width = vector_dimensions(path)
    matrix = (
        np.concatenate([block.matrix for block in blocks]) if blocks else np.empty((0, width), np.float32)
    )
    return Vectors(ids, matrix)


def iterate_vectors(path: Path) -> Iterator[Vectors]:
    """The file block by block, so that memory holds one block at a time."""
    with _open(path) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            block = reader.get_batch(number)
            yield Vectors(block.column("id").to_pylist(), _matrix_of(block))


def vector_dimensions(path: Path) -> int:
    """How long the vectors of the file are."""
    with _open(path) as source:
        return int(pa.ipc.open_file(source).schema.field("vector").type.list_size)


def vector_space(path: Path) -> str | None:
    """The space that the file's vectors share with those of other modalities; None where they share none."""
    with _open(path) as source:
        named = (pa.ipc.open_file(source).schema.metadata or {}).get(_SPACE_KEY)
        return named.decode("utf-8") if named else None


class VectorFile:
    """Single vectors of a file, by their position in it; memory holds the ids and the last few blocks.

    The vectors are not memory-mapped: pages of a map count as this process's memory while it is open.
    """

    def __init__(self, path: Path) -> None:
        mapped = pa.ipc.open_file(_open(path))
        blocks = [mapped.get_batch(number).column("id") for number in range(mapped.num_record_batches)]
        self.ids = pa.chunked_array(blocks, pa.string())
        self.dimensions = vector_dimensions(path)
        self._reader = pa.ipc.open_file(pa.OSFile(str(path)))
        self._firsts = [0, *np.cumsum([len(block) for block in blocks]).tolist()]
        self._recent: dict[int, Matrix] = {}

    def vector(self, position: int) -> Matrix:
        """The vector at that position: float32 (dimensions,)."""
        number = bisect_right(self._firsts, position) - 1
        if number not in self._recent:
            if len(self._recent) >= _RECENT_BLOCKS:
                del self._recent[next(iter(self._recent))]
            self._recent[number] = _matrix_of(self._reader.get_batch(number))
        vector: Matrix = self._recent[number][position - self._firsts[number]]
        return vector


def write_frames(path: Path, sequences: Iterable[tuple[str, Frames]], dimensions: int) -> int:
    """Write one sequence per id, one at a time; the number of sequences."""
    fields = {"id": pa.string(), "start_ns": pa.int64(), "step_ns": pa.int64()}
    frames_type = pa.list_(pa.list_(pa.float32(), dimensions))
    schema = pa.schema(
        [
            *(pa.field(name, kind, False) for name, kind in fields.items()),
            pa.field("frames", frames_type, False),
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for name, frames in sequences:
            lists = pa.ListArray.from_arrays(
                pa.array([0, len(frames.matrix)], pa.int32()), _fixed_lists(frames.matrix)
            )
            columns = [
                pa.array([name]),
                pa.array([frames.start_ns]),
                pa.array([frames.step_ns]),
                lists.cast(frames_type),
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            rows += 1
    return rows


def iterate_frames(path: Path) -> Iterator[tuple[str, Frames]]:
    """The sequences of the file, one at a time."""
    with _open(path) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            block = reader.get_batch(number)
            for row in range(block.num_rows):
                yield block.column("id")[row].as_py(), _frames_of(block, row)


class FrameFile:
    """Sequences of a file, by their ids; memory holds the ids and one sequence at a time."""

    def __init__(self, path: Path) -> None:
        mapped = pa.ipc.open_file(_open(path))
        self._places = {
            name: (number, row)
            for number in range(mapped.num_record_batches)
            for row, name in enumerate(mapped.get_batch(number).column("id").to_pylist())
        }
        # Not memory-mapped, as above.
        self._reader = pa.ipc.open_file(pa.OSFile(str(path)))

    def find(self, name: str) -> Frames | None:
        """The sequence of that id, or None."""
        if name not in self._places:
            return None
        number, row = self._places[name]
        return _frames_of(self._reader.get_batch(number), row)


def _frames_of(block: pa.RecordBatch, row: int) -> Frames:
    values = block.column("frames")[row].values
    matrix = values.flatten().to_numpy(zero_copy_only=True).reshape(len(values), values.type.list_size)
    return Frames(block.column("start_ns")[row].as_py(), block.column("step_ns")[row].as_py(), matrix)


def _matrix_of(block: pa.RecordBatch) -> Matrix:
    column = block.column("vector")
    values: Matrix = column.flatten().to_numpy(zero_copy_only=True)
    matrix: Matrix = values.reshape(len(column), column.type.list_size)
    return matrix


def _fixed_lists(matrix: Matrix) -> pa.FixedSizeListArray:
    flat = pa.array(np.ascontiguousarray(matrix, np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, matrix.shape[1])


def _open(path: Path) -> pa.MemoryMappedFile:
    if not path.is_file():
        raise MissingInputError(f"{path} is not there: run the stage that writes it first")
    return pa.memory_map(str(path))
