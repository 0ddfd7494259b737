"""Pooled frames in Arrow IPC files: per sample one row of numbers, or one text, for a role.

`data/aligned/<batch>/pooled/<role>.arrow`, by session and then by sample id:
    id      the sample
    vector  float32: kind by kind, in it step by step, in it channel by channel; 0 where no frame is
    text    in place of `vector` where texts were joined; empty where there is none
    frames  from how many frames (or texts) each step was pooled: the mask
The metadata name the kinds, the steps and the number of channels.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.core.vectors import Matrix

POOLED_FOLDER = "pooled"
POOLED_SUFFIX = ".arrow"
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class PooledForm:
    """What the rows are made of; joined texts have no channels."""

    kinds: tuple[str, ...]
    steps: int
    channels: int

    @property
    def schema(self) -> pa.Schema:
        width = len(self.kinds) * self.steps * self.channels
        numbers = pa.field("vector", pa.list_(pa.float32(), width), nullable=False)
        value = numbers if self.channels else pa.field("text", pa.string(), nullable=False)
        frames = pa.field("frames", pa.list_(pa.int64(), self.steps), nullable=False)
        about = {"kinds": ",".join(self.kinds), "steps": f"{self.steps}", "channels": f"{self.channels}"}
        return pa.schema([pa.field("id", pa.string(), nullable=False), value, frames], metadata=about)


@dataclass(frozen=True)
class PooledRows:
    """Samples, what was pooled for each, and from how many frames: (samples, steps)."""

    ids: list[str]
    values: Matrix | list[str]
    frames: npt.NDArray[np.int64]


def write_pooled(path: Path, blocks: Iterable[PooledRows], form: PooledForm) -> None:
    """Write the rows in the order they come, many small blocks as one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting: list[pa.RecordBatch] = []
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, form.schema) as writer:
        for block in blocks:
            waiting.append(_to_batch(block, form.schema))
            if sum(batch.num_rows for batch in waiting) >= _ROWS_AT_ONCE:
                writer.write_batch(pa.concat_batches(waiting))
                waiting = []
        if waiting:
            writer.write_batch(pa.concat_batches(waiting))


class PooledFile:
    """Rows of a file by sample; memory holds the ids and one block."""

    def __init__(self, path: Path) -> None:
        self._reader = pa.ipc.open_file(pa.OSFile(str(path)))
        self._places: dict[str, tuple[int, int]] = {}
        for number in range(self._reader.num_record_batches):
            for row, name in enumerate(self._reader.get_batch(number).column("id").to_pylist()):
                self._places[name] = (number, row)
        self._number, self._block = -1, pa.RecordBatch.from_pylist([], schema=self._reader.schema)

    def find(self, sample_id: str) -> npt.NDArray[np.float32] | str | None:
        """What was pooled for the sample; None where no frame was."""
        if sample_id not in self._places:
            return None
        number, row = self._places[sample_id]
        if number != self._number:
            self._number, self._block = number, self._reader.get_batch(number)
        if not sum(self._block.column("frames")[row].as_py()):
            return None
        if "text" in self._block.schema.names:
            return str(self._block.column("text")[row].as_py())
        return np.array(self._block.column("vector")[row].values, np.float32)


def pooled_files(aligned: Path) -> dict[str, PooledFile]:
    """What a batch has pooled, by role."""
    paths = sorted((aligned / POOLED_FOLDER).glob(f"*{POOLED_SUFFIX}"))
    return {path.name.removesuffix(POOLED_SUFFIX): PooledFile(path) for path in paths}


def _to_batch(block: PooledRows, schema: pa.Schema) -> pa.RecordBatch:
    if isinstance(block.values, list):
        values = pa.array(block.values, pa.string())
    else:
        values = _fixed_lists(pa.array(block.values.reshape(-1), pa.float32()), block.values.shape[1])
    frames = _fixed_lists(pa.array(block.frames.reshape(-1), pa.int64()), block.frames.shape[1])
    return pa.record_batch([pa.array(block.ids, pa.string()), values, frames], schema=schema)


def _fixed_lists(flat: pa.Array, size: int) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(flat, size)
