"""Rows of a table by their key, one at a time: the table stays in Arrow, only positions are in a dict."""

from typing import Any

import pyarrow as pa


class Lookup:
    """A table with a unique key of text columns."""

    def __init__(self, table: pa.Table, key: tuple[str, ...], columns: tuple[str, ...]) -> None:
        self._rows = table.select(columns).combine_chunks()
        keys = zip(*(table[name].to_pylist() for name in key), strict=True)
        self._position = {found: position for position, found in enumerate(keys)}

    def find(self, *key: str) -> dict[str, Any] | None:
        """The row of that key by column name, or None."""
        position = self._position.get(key)
        if position is None:
            return None
        row: dict[str, Any] = self._rows.slice(position, 1).to_pylist()[0]
        return row
