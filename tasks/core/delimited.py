"""Delimited text as records: the cells of each row, the line it starts on, and what is wrong with its quotes.

reads   one file, in UTF-8 where no other encoding is said; quoted cells by RFC 4180, strictly, or columns
        that runs of blanks part
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.errors import TableFileError

LONGEST_CELL_CHARACTERS = 16_000_000
WHITESPACE = " "


@dataclass(frozen=True, slots=True)
class Record:
    """One row before its columns have names; with a `fault` there are no cells."""

    line: int
    cells: list[str]
    fault: str | None = None


def read_records(
    path: Path, delimiter: str, comment: str | None, encoding: str = "utf-8-sig"
) -> Iterator[Record]:
    """Every row of the file, blank lines and comments left out; `delimiter` " " means runs of blanks."""
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise TableFileError(path, None, f"expected a delimiter of one character, got {delimiter!r}")
    csv.field_size_limit(LONGEST_CELL_CHARACTERS)
    with path.open(encoding=encoding, newline="") as file:
        lines = _Lines(file, comment)
        records = _split_blanks(lines) if delimiter == WHITESPACE else _split_cells(lines, delimiter)
        while (record := _next_record(path, lines, records)) is not None:
            if record.cells or record.fault:
                yield record


def _next_record(path: Path, lines: "_Lines", records: Iterator[list[str]]) -> Record | None:
    """The next row; None at the end of the file."""
    lines.expect_row()
    try:
        cells = next(records)
    except StopIteration:
        return None
    except csv.Error as error:
        first, last = lines.row_started_on, lines.number
        if "field limit" in str(error):
            message = f"expected cells of at most {LONGEST_CELL_CHARACTERS} characters; is a quote left open?"
            raise TableFileError(path, first, message) from error
        return Record(first, [], f"broken quotes in lines {first} to {last}: {error}")
    return Record(lines.row_started_on, cells)


def _split_cells(lines: "_Lines", delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _split_blanks(lines: "_Lines") -> Iterator[list[str]]:
    for line in lines:
        stripped = line.strip()
        yield re.split(r"[ \t]+", stripped) if stripped else []


class _Lines:
    """The lines of a file with their numbers; comment lines are skipped where a row may start."""

    def __init__(self, lines: Iterator[str], comment: str | None) -> None:
        self._lines = lines
        self._comment = comment
        self.number = 0
        self.row_started_on = 0

    def expect_row(self) -> None:
        """The next line that is no comment starts a row."""
        self.row_started_on = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            line = next(self._lines)
            self.number += 1
            if self.row_started_on or not (self._comment and line.startswith(self._comment)):
                self.row_started_on = self.row_started_on or self.number
                return line
