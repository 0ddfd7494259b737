"""The key of a table's row: what a row lists belongs together, whichever sources of a batch read the table.

A row is called by its id, without one by what it names (a file, an address), else by its line. The columns
are those that any source which reads the same table names: a caption and a picture of one row share a key
where only one of them says `id`. Ids are keys across tables and files; where samples are found by content, a
row stands by itself, for the same id in two tables is no proof there.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.core.batch import Batch
from tasks.core.fault import Fault
from tasks.core.keys import key_of, key_of_cell
from tasks.core.source_entries import TableSource, UrlsSource
from tasks.core.web_address import is_web_address, to_address


@dataclass(frozen=True)
class RowKey:
    """How the rows of one table are called; without columns by their lines. `name` is the table's own."""

    name: str
    id_column: str | None
    media_column: str | None

    def of(self, line: int, cells: Mapping[str, str | None], listed: str | None = None) -> str:
        """The key of a row; `listed` is that of the address which a line names without any column."""
        given_id = cells.get(self.id_column) if self.id_column else None
        if given_id:
            return key_of_cell(given_id)
        written = cells.get(self.media_column) if self.media_column else None
        return (_key_of_media(written) if written else listed) or f"{self.name}#line {line}"


def row_key(batch: Batch, written: str, name: str) -> RowKey:
    """The columns that call the rows of the table at that path."""
    if batch.file.align.method != "key":
        return RowKey(name, None, None)
    readers = [
        source
        for source in batch.file.sources
        if isinstance(source, TableSource | UrlsSource)
        and os.path.normpath(source.path) == os.path.normpath(written)
    ]
    ids = [source.id for source in readers if source.id]
    media = [found for source in readers if (found := _media_column(source))]
    return RowKey(name, next(iter(ids), None), next(iter(media), None))


def _media_column(source: TableSource | UrlsSource) -> str | None:
    return source.media if isinstance(source, TableSource) else source.url


def _key_of_media(written: str) -> str | None:
    """The key; None for an address that must not be written down, such as one with a password."""
    if not is_web_address(written):
        return key_of(os.path.normpath(written).replace(os.sep, "/"))
    address = to_address(written)
    return None if isinstance(address, Fault) else address.key
