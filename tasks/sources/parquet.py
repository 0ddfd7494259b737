"""Media and texts in the cells of Parquet files, as Hugging Face's `datasets` has them: a row is a session.

reads   the Parquet files that a `parquet` source names, each row group once
Ids are `<file>#<row>`, with rows from 1, and `<file>#<row>.<role>` for all but the first role. A cell of
media is bytes, or a struct of `bytes` and the `path` that they had. A cell that is empty is an item with a
fault, and so is a file that cannot be read, from the row on where it cannot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.belonging import Belonging, Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.config import written_paths
from tasks.core.content import BytesContent, Content
from tasks.core.delivered import root_of
from tasks.core.delivered_files import files_below
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.rows import PARQUET_SUFFIXES
from tasks.core.source_entries import ParquetSource
from tasks.sources.reading.parquet_cells import Cell, Columns, Row, read_rows

_OWN_PLACEHOLDERS = ("row", "file", "batch")


@dataclass(frozen=True)
class _File:
    """One file as its rows are turned into candidates."""

    batch: Batch
    options: ParquetSource
    rules: Rules
    name: str


def list_cells(delivery: Delivery, options: ParquetSource) -> Iterator[Candidate]:
    """A candidate per cell, in the order of their ids."""
    batch = delivery.batch
    rules = rules_of(batch, options, None)
    candidates: list[Candidate] = []
    for written in written_paths(options):
        root = root_of(batch, written)
        for place, fault in files_below(root, batch.path(written), PARQUET_SUFFIXES):
            file = _File(batch, options, rules, root.id_of(place))
            if fault:
                candidates.append(_to_broken(file, fault))
            else:
                candidates += _read_candidates(file, place, delivery.scratch)
    yield from sorted(candidates, key=lambda candidate: candidate.native_id)


def _read_candidates(file: _File, place: Path, scratch: Path) -> Iterator[Candidate]:
    options = file.options
    named = [name for name in file.rules.placeholders() if name not in _OWN_PLACEHOLDERS]
    told = [name for name in (options.license, options.source) if name]
    texts = dict.fromkeys([*options.text.values(), *named, *told])
    try:
        for row in read_rows(place, Columns(tuple(options.media.values()), tuple(texts)), scratch):
            yield from _to_candidates(file, row)
    except TableFileError as error:
        yield _to_broken(file, Fault(Reason.MALFORMED, error.detail))


def _to_broken(file: _File, fault: Fault) -> Candidate:
    return Candidate(file.name, file.name, clock=file.options.clock, fault=fault)


def _to_candidates(file: _File, row: Row) -> Iterator[Candidate]:
    """A candidate for each role of the row."""
    options = file.options
    if row.fault:
        yield replace(_to_broken(file, row.fault), native_id=f"{file.name}#{row.number}")
        return
    row_id = f"{file.name}#{row.number}"
    belonging = _belonging_of(file, row, row_id)
    blank = Candidate(
        row_id,
        row.text_of(options.source) or f"{file.name}:{row.number}",
        belonging.session,
        clock=options.clock,
        license=row.text_of(options.license),
        fault=belonging.fault,
        split=belonging.split,
    )
    for position, (role, column) in enumerate({**options.media, **options.text}.items()):
        own = blank if position == 0 else replace(blank, native_id=f"{row_id}.{role}")
        own = replace(own, role=role)
        yield _with_media(own, row.media[column]) if role in options.media else _with_text(own, row, column)


def _with_media(blank: Candidate, cell: Cell) -> Candidate:
    if isinstance(cell.content, Fault):
        return replace(blank, name=cell.name, fault=blank.fault or cell.content)
    return replace(blank, name=cell.name, content=cell.content)


def _with_text(blank: Candidate, row: Row, column: str) -> Candidate:
    text = row.text_of(column)
    if text is None:
        empty = Fault(Reason.FILE_EMPTY, f"the column '{column}' has no text")
        return replace(blank, modality="text", fault=blank.fault or empty)
    content: Content = BytesContent(text.encode())
    return replace(blank, modality="text", content=content)


def _belonging_of(file: _File, row: Row, row_id: str) -> Belonging:
    own = {"row": row_id, "file": file.name, "batch": file.batch.name}
    values = {name: own.get(name) or row.text_of(name) or None for name in file.rules.placeholders()}
    return file.rules.apply(values, row_id, file.name.split("/"))


SOURCE = SourceKind("parquet", ParquetSource, list_cells)
