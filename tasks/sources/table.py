"""Items listed by a table: each row names a media file, or is itself a text or the numbers of one moment.

reads   the table that a `table` source names (CSV, TSV, JSONL, Parquet), and what was fetched for it
Ids are the path of the media (of an address, what follows its scheme), or `<table>#<id>`; where a row has no
id, `<table>#line <n>`.
Every row gives one candidate; one that is broken has a fault, with what could be read of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.belonging import Belonging, Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.content import BytesContent, FileContent
from tasks.core.delivered import Root, leads_out, root_of
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.responses import Answer, read_answers
from tasks.core.row_keys import RowKey, row_key
from tasks.core.rows import Row, read_rows
from tasks.core.source_entries import TableSource
from tasks.core.times import LONGEST_NS, ns_to_seconds_text, parse_time_ns
from tasks.core.web_address import is_web_address, to_address

_EMPTY = {
    "media": Fault(Reason.FILE_MISSING, "the row names no file"),
    "text": Fault(Reason.FILE_EMPTY, "the row has no text"),
    "values": Fault(Reason.NOT_A_NUMBER, "the row has an empty cell"),
}


@dataclass(frozen=True)
class _Table:
    """One table as its rows are turned into candidates."""

    batch: Batch
    options: TableSource
    root: Root
    path: Path
    answers: Mapping[str, Answer]
    rules: Rules
    key: RowKey

    @property
    def name(self) -> str:
        return self.root.id_of(self.path)


def list_rows(delivery: Delivery, options: TableSource) -> Iterator[Candidate]:
    """A candidate per row, in the order of their ids; one with a fault for a table that cannot be read."""
    batch = delivery.batch
    answers = dict(read_answers(delivery.fetched, "")) if options.media else {}
    root, path, rules = root_of(batch, options.path), batch.path(options.path), rules_of(batch, options, None)
    table = _Table(batch, options, root, path, answers, rules, row_key(batch, options.path, root.id_of(path)))
    try:
        candidates = _read_candidates(table)
    except TableFileError as error:
        blank = _to_blank(table, Row(1), "table")
        candidates = [replace(blank, fault=Fault(Reason.MALFORMED, error.detail))]
    yield from sorted(candidates, key=lambda candidate: candidate.native_id)


def _read_candidates(table: _Table) -> list[Candidate]:
    options = table.options
    rows = read_rows(
        table.path, delimiter=options.delimiter, comment=options.comment, columns=options.columns
    )
    seen: set[str] = set()
    candidates = []
    for row in rows:
        if row.fault is None:
            seen |= row.cells.keys()
        candidates.append(_to_candidate(table, row))
    if seen:
        _refuse_absent_columns(table, seen)
    return candidates


def _refuse_absent_columns(table: _Table, seen: set[str]) -> None:
    options = table.options
    single = [options.media, options.text, options.id, options.time, options.duration]
    single += [options.license, options.source]
    wanted = [name for name in single if name is not None] + list(options.values)
    wanted += [name for name in table.rules.placeholders() if name != "batch"]
    absent = [name for name in wanted if name not in seen]
    if absent:
        hint = nearest_word(absent[0], sorted(seen))
        raise TableFileError(
            table.path, None, f"expected a column '{absent[0]}', there are {sorted(seen)}.{hint}"
        )


def _to_candidate(table: _Table, row: Row) -> Candidate:
    if row.fault is not None:
        return _to_broken(table, row, row.fault)
    listed = _to_listed(table, row)
    start_ns, start_fault = _to_ns(row, table.options.time)
    duration_ns, duration_fault = _to_duration(row, table.options.duration, start_ns)
    timed = replace(
        listed,
        start_ns=start_ns,
        duration_ns=duration_ns,
        fault=listed.fault or start_fault or duration_fault,
    )
    return _belonging_of(table, row, listed.native_id).of(timed)


def _to_listed(table: _Table, row: Row) -> Candidate:
    """The candidate without its times and session."""
    options = table.options
    given_id = row.cells.get(options.id) if options.id else None
    blank = _to_blank(table, row, given_id or f"line {row.line}")
    if options.media:
        return _with_media(table, row, blank)
    cells = [row.cells.get(column) for column in ((options.text,) if options.text else options.values)]
    present = [cell for cell in cells if cell is not None]
    if len(present) < len(cells):
        return replace(blank, fault=_EMPTY["text" if options.text else "values"])
    return replace(blank, content=BytesContent(",".join(present).encode()))


def _to_broken(table: _Table, row: Row, reason: str) -> Candidate:
    """The candidate of a row whose cells are not to be trusted."""
    blank = _to_blank(table, row, f"line {row.line}")
    return replace(blank, fault=Fault(Reason.MALFORMED, reason))


def _to_blank(table: _Table, row: Row, row_id: str) -> Candidate:
    options = table.options
    return Candidate(
        f"{table.name}#{row_id}",
        (row.cells.get(options.source) if options.source else None) or f"{table.name}:{row.line}",
        role=options.role,
        clock=options.clock,
        modality="text" if options.text else "signal" if options.values else None,
        license=row.cells.get(options.license) if options.license else None,
    )


def _with_media(table: _Table, row: Row, blank: Candidate) -> Candidate:
    written = row.cells.get(table.options.media or "")
    if written is None or "\0" in written:
        return replace(blank, fault=_EMPTY["media"])
    if is_web_address(written):
        return _with_answer(table, written, blank)
    place = table.path.parent / written
    if not table.root.holds(place):
        return replace(blank, fault=leads_out(written))
    return replace(
        blank,
        native_id=table.root.id_of(place),
        content=FileContent(place),
        name=place.name,
    )


def _with_answer(table: _Table, written: str, blank: Candidate) -> Candidate:
    address = to_address(written)
    if isinstance(address, Fault):
        return replace(blank, fault=address)
    answer = table.answers.get(address.url)
    if answer is None:
        return replace(blank, fault=Fault(Reason.UNREADABLE, "it was not fetched: run the stage fetch again"))
    found = answer.candidate(address, ())
    told = blank.source if table.options.source else found.source
    return replace(
        found, role=blank.role, clock=blank.clock, license=blank.license or found.license, source=told
    )


def _to_ns(row: Row, column: str | None) -> tuple[int | None, Fault | None]:
    """The cell's seconds as ns; an empty cell means that nobody knows."""
    cell = row.cells.get(column) if column else None
    if cell is None:
        return None, None
    try:
        return parse_time_ns(cell), None
    except ValueError as error:
        return None, Fault(Reason.NOT_A_NUMBER, f"column '{column}': {error}")


def _to_duration(row: Row, column: str | None, start_ns: int | None) -> tuple[int | None, Fault | None]:
    """A duration that cannot be is told in the fault, and not kept: nothing ends before it starts."""
    duration_ns, fault = _to_ns(row, column)
    if duration_ns is None or 0 <= duration_ns <= LONGEST_NS - (start_ns or 0):
        return duration_ns, fault
    wrong = "is negative" if duration_ns < 0 else "ends more than 292 years after the clock's zero"
    return None, Fault(Reason.MALFORMED, f"the duration {ns_to_seconds_text(duration_ns)} s {wrong}")


def _belonging_of(table: _Table, row: Row, native_id: str) -> Belonging:
    named = {name: row.cells.get(name) or None for name in table.rules.placeholders()}
    values = {**named, "batch": table.batch.name}
    names = [*table.name.split("/"), *native_id.split("/")[:-1]]
    return table.rules.apply(values, table.key.of(row.line, row.cells), names)


SOURCE = SourceKind("table", TableSource, list_rows)
