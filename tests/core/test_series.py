import io
from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pytest

from tasks.core.series import Series, pack_series, unpack_series


def series(*times_ns: int) -> Series:
    values = np.arange(2.0 * len(times_ns)).reshape(len(times_ns), 2)
    return Series(np.array(times_ns, np.int64), ("x", "y in m/s²"), values)


def arrow(columns: Mapping[str, pa.Array]) -> bytes:
    table, sink = pa.table(dict(columns)), io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("times_ns", [(), (7,), (0, 5, 5, 2**62)])
def test_what_is_packed_comes_out_exactly(times_ns: tuple[int, ...]) -> None:
    packed = series(*times_ns)
    found = unpack_series(pack_series(packed, {"units": "m, m/s²"}))
    assert found.channels == packed.channels
    assert found.time_ns.tolist() == list(times_ns)
    assert found.values.tolist() == packed.values.tolist()


def test_same_numbers_same_bytes() -> None:
    strided = Series(np.array([0, 1]), ("x", "y in m/s²"), np.asfortranarray(series(0, 1).values))
    assert pack_series(series(0, 1), {"a": "b"}) == pack_series(strided, {"a": "b"})


def test_anyone_who_reads_arrow_can_read_it_and_what_it_is_about() -> None:
    with pa.ipc.open_file(pack_series(series(0, 5), {"units": "m"})) as reader:
        table = reader.read_all()
    assert table.to_pydict() == {"time_ns": [0, 5], "x": [0.0, 2.0], "y in m/s²": [1.0, 3.0]}
    assert table.schema.metadata == {b"units": b"m"}


TIMES = pa.array([0, 1])
REALS = pa.array([0.5, 1.5])


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "cannot be read as an Arrow file"),
        (b"ARROW1\0\0", "cannot be read as an Arrow file"),
        (pack_series(series(0, 5), {})[:-1], "cannot be read as an Arrow file"),
        (arrow({"time_ns": TIMES}), "expected time_ns as int64 and channels as float64, got time_ns int64"),
        (arrow({"x": REALS}), "expected time_ns as int64 .* got x double"),
        (arrow({}), "got no column"),
        (arrow({"time_ns": REALS, "x": REALS}), "expected time_ns as int64"),
        (arrow({"time_ns": TIMES, "x": TIMES}), "channels as float64"),
        (arrow({"time_ns": pa.array([0, None]), "x": REALS}), "'time_ns' has empty ones"),
        (arrow({"time_ns": TIMES, "x": pa.array([0.5, None])}), "'x' has empty ones"),
        (arrow({"time_ns": pa.array([1, 0]), "x": REALS}), "times that never fall"),
    ],
)
def test_what_is_no_series_is_refused(payload: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unpack_series(payload)


def test_damaged_bytes_are_refused_or_read_and_never_crash() -> None:
    whole, rng = pack_series(series(0, 5, 9), {}), np.random.default_rng(5)
    for _ in range(300):
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(0, len(whole), 3)] = rng.integers(0, 256, 3)
        with suppress(ValueError):
            unpack_series(damaged.tobytes())
