"""A series: numbers measured again and again (a sensor track, a feature sequence), as the bytes of one item.

Format: one Arrow IPC file, uncompressed, with the int64 column `time_ns`, from the start of the item, and one
float64 column per channel. Same numbers, same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SERIES_TYPE = "application/vnd.apache.arrow.file"
SERIES_SUFFIX = ".arrow"
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
    try:
        with pa.ipc.open_file(pa.BufferReader(payload)) as reader:
            table = reader.read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"no Arrow file: {error}") from error
    kinds = {field.name: field.type for field in table.schema}
    time_type = kinds.pop(_TIME, None)
    if time_type != pa.int64() or not kinds or any(kind != pa.float64() for kind in kinds.values()):
        raise ValueError(f"expected time_ns as int64 and channels as float64, got {table.schema.names}")
    values = np.column_stack([table[name].to_numpy() for name in kinds])
    return Series(table[_TIME].to_numpy(), tuple(kinds), values)
