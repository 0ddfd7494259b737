"""The addresses that a batch's own files list: a text file with one a line, or a column of a table.

reads   the file that a `urls` entry names, or the column `media` of a `table`
Every line or row that stands there is yielded: one without an address that can be asked for has a fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.rows import Cells, Row, read_rows
from tasks.core.source_entries import TableSource, UrlsSource
from tasks.core.web_address import Address, is_web_address, to_address

_LONGEST_LINE = 100_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: the address to ask for, or why there is none; `cells` are those of a table."""

    line: int
    address: Address | None
    fault: Fault | None = None
    cells: Cells = field(default_factory=dict)


def list_addresses(batch: Batch, options: UrlsSource) -> Iterator[Listed]:
    """Every line in the order of the file; TableFileError when the file as a whole cannot be read."""
    path = batch.path(options.path)
    if options.url is None:
        yield from _listed_lines(path, options.comment or "#")
        return
    rows = read_rows(path, delimiter=options.delimiter, comment=options.comment, columns=options.columns)
    for row in rows:
        yield _to_listed(row, options.url)


def web_cells(batch: Batch, options: TableSource) -> Iterator[Listed]:
    """The rows of the table whose `media` is an address; those of a table that cannot be read are none."""
    if options.media is None:
        return
    rows = read_rows(
        batch.path(options.path),
        delimiter=options.delimiter,
        comment=options.comment,
        columns=options.columns,
    )
    for row in rows:
        if row.fault is None and is_web_address(row.cells.get(options.media) or ""):
            yield _to_listed(row, options.media)


def _to_listed(row: Row, column: str) -> Listed:
    if row.fault is not None:
        return Listed(row.line, None, Fault(Reason.MALFORMED, row.fault))
    written = row.cells.get(column)
    if written is None:
        return Listed(row.line, None, Fault(Reason.FILE_MISSING, "the row names no address"), row.cells)
    return _addressed(row.line, written, row.cells)


def _addressed(line: int, written: str, cells: Cells) -> Listed:
    address = to_address(written)
    if isinstance(address, Fault):
        return Listed(line, None, address, cells)
    return Listed(line, address, None, cells)


def _listed_lines(path: Path, comment: str) -> Iterator[Listed]:
    if not path.is_file():
        raise TableFileError(path, None, "expected a file, there is none")
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), 1):
                if line.strip() and not line.lstrip().startswith(comment):
                    yield _addressed(number, line, {})
    except UnicodeDecodeError as error:
        raise TableFileError(path, None, f"expected UTF-8 text, got a byte that is none: {error}") from error
