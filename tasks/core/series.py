"""A series: numbers measured again and again (a sensor track, a feature sequence), as the bytes of one item.

Format: one Arrow IPC file, uncompressed, with the int64 column `time_ns`, from the start of the item, never
falling, where it is known until when each measure holds an int64 column `end_ns`, never before its time, and
one float64 column per channel; no cell is empty. Same numbers, same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SERIES_TYPE = "application/vnd.apache.arrow.file"
SERIES_SUFFIX = ".arrow"
SERIES_MARK = b"ARROW1"
_TIME, _END = "time_ns", "end_ns"


@dataclass(frozen=True)
class Series:
    """`time_ns` of shape (moments,), `values` of shape (moments, channels), `channels` their names."""

    time_ns: npt.NDArray[np.int64]
    channels: tuple[str, ...]
    values: npt.NDArray[np.float64]
    end_ns: npt.NDArray[np.int64] | None = None


def pack_series(series: Series, about: Mapping[str, str]) -> bytes:
    """The series as bytes; `about` is kept with it: units, names, whatever a person will ask for."""
    times = {_TIME: series.time_ns} if series.end_ns is None else {_TIME: series.time_ns, _END: series.end_ns}
    columns = [pa.array(column, pa.int64()) for column in times.values()]
    columns += [pa.array(np.ascontiguousarray(column), pa.float64()) for column in series.values.T]
    table = pa.table(columns, names=[*times, *series.channels]).replace_schema_metadata(dict(about))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def unpack_series(payload: bytes) -> Series:
    """The series in the bytes; ValueError when they hold none."""
    table = _read_table(payload)
    names, kinds = table.schema.names, table.schema.types
    times = (_TIME, _END) if (_END, pa.int64()) in zip(names, kinds, strict=True) else (_TIME,)
    channels = tuple(name for name in names if name not in times)
    expected = [pa.int64() if name in times else pa.float64() for name in names]
    if kinds != expected or not channels or len(set(names)) != len(channels) + len(times):
        found = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
        raise ValueError(f"expected time_ns as int64 and channels as float64, got {found or 'no column'}")
    empty = [name for name in names if table[name].null_count]
    if empty:
        raise ValueError(f"expected a number in every cell, '{empty[0]}' has empty ones")
    time_ns = table[_TIME].to_numpy()
    if np.any(time_ns[1:] < time_ns[:-1]):
        raise ValueError("expected times that never fall")
    end_ns = table[_END].to_numpy() if _END in times else None
    if end_ns is not None and np.any(end_ns < time_ns):
        raise ValueError("expected no end before its time")
    return Series(time_ns, channels, np.column_stack([table[name].to_numpy() for name in channels]), end_ns)


def _read_table(payload: bytes) -> pa.Table:
    try:
        with pa.ipc.open_file(pa.BufferReader(payload)) as reader:
            return reader.read_all()
    except (pa.ArrowException, OSError, ValueError, LookupError) as error:
        raise ValueError(f"it cannot be read as an Arrow file: {error}") from error
