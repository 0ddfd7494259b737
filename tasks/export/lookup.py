"""Rows of a table by their key, one at a time: the table stays in Arrow, beside it 16 bytes for each row."""

from typing import Any

import numpy as np
import pyarrow as pa

_ROWS_AT_ONCE = 4096


class Lookup:
    """A table with a unique key of text columns."""

    def __init__(self, table: pa.Table, key: tuple[str, ...], columns: tuple[str, ...]) -> None:
        self._key = key
        self._rows = table.select([*key, *(name for name in columns if name not in key)])
        keys = (
            found
            for rows in table.select(key).to_batches(max_chunksize=_ROWS_AT_ONCE)
            for found in zip(*(column.to_pylist() for column in rows.columns), strict=True)
        )
        # Different keys may have one hash: what is found by it is compared.
        hashes = np.fromiter((hash(found) for found in keys), np.int64, table.num_rows)
        self._order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._order]

    def find(self, *key: str) -> dict[str, Any] | None:
        """The row of that key by column name, or None."""
        first, stop = (int(np.searchsorted(self._hashes, hash(key), side)) for side in ("left", "right"))
        for position in self._order[first:stop].tolist():
            row: dict[str, Any] = self._rows.slice(position, 1).to_pylist()[0]
            if tuple(row[name] for name in self._key) == key:
                return row
        return None
