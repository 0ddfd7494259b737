"""A series: numbers measured again and again (a sensor track, a feature sequence), as the bytes of one item.

Format: one Arrow IPC file, uncompressed, with the int64 column `time_ns`, from the start of the item, never
falling, and one float64 column per channel; no cell is empty. Same numbers, same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SERIES_TYPE = "application/vnd.apache.arrow.file"
SERIES_SUFFIX = ".arrow"
SERIES_MARK = b"ARROW1"
_TIME = "time_ns"


@dataclass(frozen=True)
class Series:
    """`time_ns` of shape (moments,), `values` of shape (moments, channels), `channels` their names."""

    time_ns: npt.NDArray[np.int64]
    channels: tuple[str, ...]
    values: npt.NDArray[np.float64]


def pack_series(series: Series, about: Mapping[str, str]) -> bytes:
    """The series as bytes; `about` is kept with it: units, names, whatever a person will ask for."""
    columns = [pa.array(series.time_ns, pa.int64())]
    columns += [pa.array(np.ascontiguousarray(column), pa.float64()) for column in series.values.T]
    table = pa.table(columns, names=[_TIME, *series.channels]).replace_schema_metadata(dict(about))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def unpack_series(payload: bytes) -> Series:
    """The series in the bytes; ValueError when they hold none."""
    table = _read_table(payload)
    names, kinds = table.schema.names, table.schema.types
    channels = tuple(name for name in names if name != _TIME)
    expected = [pa.int64() if name == _TIME else pa.float64() for name in names]
    if kinds != expected or not channels or len(set(names)) != len(channels) + 1:
        found = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
        raise ValueError(f"expected time_ns as int64 and channels as float64, got {found or 'no column'}")
    empty = [name for name in names if table[name].null_count]
    if empty:
        raise ValueError(f"expected a number in every cell, '{empty[0]}' has empty ones")
    time_ns = table[_TIME].to_numpy()
    if np.any(time_ns[1:] < time_ns[:-1]):
        raise ValueError("expected times that never fall")
    return Series(time_ns, channels, np.column_stack([table[name].to_numpy() for name in channels]))


def _read_table(payload: bytes) -> pa.Table:
    try:
        with pa.ipc.open_file(pa.BufferReader(payload)) as reader:
            return reader.read_all()
    except (pa.ArrowException, OSError, ValueError, LookupError) as error:
        raise ValueError(f"it cannot be read as an Arrow file: {error}") from error
