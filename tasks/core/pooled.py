"""Pooled frames in Arrow IPC files: per sample one row of numbers, or one text, for a role.

`data/aligned/<batch>/pooled/<role>.arrow`, by session and then by sample id:
    id      the sample
    vector  kind by kind, in it step by step, in it channel by channel; 0 where no frame is. In float64 where
            the frames are (numbers of a signal), else in float32
    text    in place of `vector` where texts were joined; empty where there is none
    frames  from how many frames (or texts) each step was pooled: the mask
The metadata name the kinds, the steps and the number of channels; `names` of those, and `columns` of the
vector ("mean.x", or "mean.0.x" where there are steps) are JSON lists. A channel without a name is a number.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]
POOLED_FOLDER = "pooled"
POOLED_SUFFIX = ".arrow"
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class PooledForm:
    """What the rows are made of; joined texts have no channels. `number`: the type of the numbers."""

    kinds: tuple[str, ...]
    steps: int
    channels: int
    names: tuple[str, ...] = ()
    number: str = "float32"

    @property
    def columns(self) -> tuple[str, ...]:
        """The name of each number of a row."""
        channels = self.names or tuple(str(number) for number in range(self.channels))
        steps = [""] if self.steps == 1 else [f"{step}." for step in range(self.steps)]
        return tuple(f"{kind}.{step}{name}" for kind in self.kinds for step in steps for name in channels)

    @property
    def schema(self) -> pa.Schema:
        width = len(self.kinds) * self.steps * self.channels
        numbers = pa.field("vector", pa.list_(pa.type_for_alias(self.number), width), nullable=False)
        value = numbers if self.channels else pa.field("text", pa.string(), nullable=False)
        frames = pa.field("frames", pa.list_(pa.int64(), self.steps), nullable=False)
        about = {"kinds": ",".join(self.kinds), "steps": f"{self.steps}", "channels": f"{self.channels}"}
        if self.channels:
            about |= {"names": json.dumps(self.names), "columns": json.dumps(self.columns)}
        return pa.schema([pa.field("id", pa.string(), nullable=False), value, frames], metadata=about)


@dataclass(frozen=True)
class PooledRows:
    """Samples, what was pooled for each, and from how many frames: (samples, steps)."""

    ids: list[str]
    values: Numbers | list[str]
    frames: npt.NDArray[np.int64]


def write_pooled(path: Path, blocks: Iterable[PooledRows], form: PooledForm) -> None:
    """Write the rows in the order they come, many small blocks as one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = form.schema
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for rows in _gathered(blocks):
            writer.write_batch(_to_batch(rows, schema))


def _gathered(blocks: Iterable[PooledRows]) -> Iterator[list[PooledRows]]:
    """The blocks in groups that have rows enough to be written together."""
    waiting: list[PooledRows] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block.ids)
        if count >= _ROWS_AT_ONCE:
            yield waiting
            waiting, count = [], 0
    if waiting:
        yield waiting


class PooledFile:
    """Rows of a file by sample; memory holds the ids and one block."""

    def __init__(self, path: Path) -> None:
        self._reader = pa.ipc.open_file(pa.OSFile(str(path)))
        self._places: dict[str, tuple[int, int]] = {}
        for number in range(self._reader.num_record_batches):
            for row, name in enumerate(self._reader.get_batch(number).column("id").to_pylist()):
                self._places[name] = (number, row)
        self._number, self._block = -1, pa.RecordBatch.from_pylist([], schema=self._reader.schema)

    @property
    def columns(self) -> tuple[str, ...]:
        """The name of each number of a row; joined texts have none."""
        about = self._reader.schema.metadata or {}
        return tuple(json.loads(about.get(b"columns", b"[]")))

    def find(self, sample_id: str) -> Numbers | str | None:
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
        numbers: Numbers = np.array(self._block.column("vector")[row].values)
        return numbers


def pooled_files(aligned: Path) -> dict[str, PooledFile]:
    """What a batch has pooled, by role."""
    paths = sorted((aligned / POOLED_FOLDER).glob(f"*{POOLED_SUFFIX}"))
    return {path.name.removesuffix(POOLED_SUFFIX): PooledFile(path) for path in paths}


def _to_batch(blocks: Sequence[PooledRows], schema: pa.Schema) -> pa.RecordBatch:
    ids = [name for block in blocks for name in block.ids]
    if "text" in schema.names:
        values = pa.array([text for block in blocks for text in block.values], pa.string())
    else:
        numbers = np.concatenate([np.asarray(block.values) for block in blocks])
        values = _fixed_lists(numbers, schema.field("vector").type.value_type)
    frames = _fixed_lists(np.concatenate([block.frames for block in blocks]), pa.int64())
    return pa.record_batch([pa.array(ids, pa.string()), values, frames], schema=schema)


def _fixed_lists(rows: Numbers | npt.NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1), kind), rows.shape[1])
