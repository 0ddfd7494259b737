"""Rows put in the order of a key: only the key is sorted, and what stands in order already is not touched.

Lists of lists of numbers (polygons) are moved as texts of bytes, which Arrow does seven times as fast as
number by number.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_NUMBER_LISTS = pa.list_(pa.list_(pa.float64()))
_NUMBER_BYTES = 8
_MOST_NUMBERS = (2**31 - 1) // _NUMBER_BYTES

Int32s = npt.NDArray[np.int32]


def in_order(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The rows sorted by key, nulls last; rows of one key stay in the order in which they come."""
    if is_ascending(table, key):
        return table
    keys = table.select(list(key))
    order = pc.sort_indices(keys, [(name, "ascending") for name in key])
    return pa.Table.from_arrays([_taken(column, order) for column in table.columns], schema=table.schema)


def is_ascending(table: pa.Table, key: Sequence[str]) -> bool:
    """Whether each row's key is greater than that of the row before it; not so where a key is null."""
    if table.num_rows < 2:
        return True
    ascending = pa.scalar(False)
    for name in reversed(key):
        before, after = table[name].slice(0, table.num_rows - 1), table[name].slice(1)
        ascending = pc.or_(pc.less(before, after), pc.and_(pc.equal(before, after), ascending))
    return pc.all(ascending, skip_nulls=False).as_py() is True


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array; `combine_chunks` would copy one that is whole already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _taken(rows: pa.ChunkedArray, order: pa.Array) -> pa.Array:
    if rows.null_count == len(rows):
        return pa.nulls(len(rows), rows.type)
    column = one_array(rows)
    if column.type == _NUMBER_LISTS and _may_be_bytes(column):
        return _of_bytes(_as_bytes(column).take(order))
    return column.take(order)


def _may_be_bytes(column: pa.ListArray) -> bool:
    """Whether the lists' buffers can be read as those of bytes: whole ones, without a null for a number."""
    lists = column.values
    numbers = lists.values
    whole = column.offset == lists.offset == numbers.offset == 0
    return whole and numbers.null_count == 0 and len(numbers) <= _MOST_NUMBERS


def _as_bytes(column: pa.ListArray) -> pa.ListArray:
    lists = column.values
    begins = _begins(lists) * _NUMBER_BYTES
    buffers = [lists.buffers()[0], pa.py_buffer(begins), lists.values.buffers()[1]]
    return _with_values(column, pa.Array.from_buffers(pa.binary(), len(lists), buffers))


def _of_bytes(column: pa.ListArray) -> pa.ListArray:
    texts = column.values
    begins = _begins(texts) // _NUMBER_BYTES
    validity, _, numbers = texts.buffers()
    values = pa.Array.from_buffers(pa.float64(), int(begins[-1]), [None, numbers])
    lists = pa.Array.from_buffers(
        pa.list_(pa.float64()), len(texts), [validity, pa.py_buffer(begins)], children=[values]
    )
    return _with_values(column, lists)


def _with_values(column: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """The same lists of other values."""
    kind = pa.list_(values.type)
    return pa.Array.from_buffers(kind, len(column), column.buffers()[:2], children=[values])


def _begins(lists: pa.Array) -> Int32s:
    """Where the values of each list or text begin, and where the last one ends."""
    return np.frombuffer(lists.buffers()[1], np.int32, len(lists) + 1)
