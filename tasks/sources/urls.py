"""Media at the addresses that a list names, as the stage `fetch` kept them.

reads   the list that a `urls` source names, and what was fetched
Ids are the address without its scheme, or `<list>#<id>` where the list has a column of ids; a line without
an address that can be asked for is `<list>#line <n>`. An address that is listed again is repeated, not
fetched again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from tasks.core.batch import Batch
from tasks.core.belonging import Belonging, Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.delivered import root_of
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reason
from tasks.core.responses import Answer, read_answers
from tasks.core.row_keys import RowKey, row_key
from tasks.core.source_entries import UrlsSource
from tasks.core.web_address import Address
from tasks.core.web_lists import Listed, list_addresses

_OWN_PLACEHOLDERS = ("host", "parent", "stem", "name", "batch")


@dataclass(frozen=True)
class _List:
    """One list as its lines are turned into candidates."""

    batch: Batch
    options: UrlsSource
    name: str
    answers: dict[str, Answer]
    rules: Rules
    key: RowKey


def list_urls(delivery: Delivery, options: UrlsSource) -> Iterator[Candidate]:
    """A candidate per line, in the order of their ids; one with a fault for a list that cannot be read."""
    batch = delivery.batch
    name = root_of(batch, options.path).id_of(batch.path(options.path))
    rules, key = rules_of(batch, options, None), row_key(batch, options.path, name)
    listing = _List(batch, options, name, dict(read_answers(delivery.fetched, "")), rules, key)
    try:
        listed = list(list_addresses(batch, options))
        _refuse_absent_columns(listing, listed)
        candidates = [_to_candidate(listing, one) for one in listed]
    except TableFileError as error:
        fault = Fault(Reason.MALFORMED, error.detail)
        candidates = [Candidate(f"{name}#table", f"{name}:1", fault=fault)]
    yield from sorted(candidates, key=lambda candidate: candidate.native_id)


def _refuse_absent_columns(listing: _List, listed: list[Listed]) -> None:
    options = listing.options
    seen = {column for one in listed for column in one.cells}
    if options.url is not None and not seen:
        return
    wanted = [name for name in (options.url, options.id, options.license) if name is not None]
    wanted += [name for name in listing.rules.placeholders() if name not in _OWN_PLACEHOLDERS]
    for name in wanted:
        if name not in seen:
            hint = nearest_word(name, sorted(seen))
            path = listing.batch.path(options.path)
            raise TableFileError(path, None, f"expected a column '{name}', there are {sorted(seen)}.{hint}")


def _to_candidate(listing: _List, listed: Listed) -> Candidate:
    options = listing.options
    place = f"{listing.name}:{listed.line}"
    if listed.address is None:
        blank = Candidate(f"{listing.name}#line {listed.line}", place, fault=listed.fault)
    elif listed.address.url in listing.answers:
        blank = listing.answers[listed.address.url].candidate(listed.address, options.media)
    else:
        fault = Fault(Reason.UNREADABLE, "it was not fetched: run the stage fetch again")
        blank = Candidate(listed.address.native_id, listed.address.url, fault=fault)
    given_id = listed.cells.get(options.id) if options.id else None
    given_license = listed.cells.get(options.license) if options.license else None
    named = replace(
        blank,
        native_id=f"{listing.name}#{given_id}" if given_id else blank.native_id,
        license=given_license or blank.license,
        role=options.role,
        clock=options.clock,
    )
    return _belonging_of(listing, listed).of(named)


def _belonging_of(listing: _List, listed: Listed) -> Belonging:
    address, own = listed.address, _own_values(listing.batch, listed.address)
    named = {name: listed.cells.get(name) or None for name in listing.rules.placeholders()}
    key = listing.key.of(listed.line, listed.cells, address.key if address else None)
    names = [*listing.name.split("/"), *(address.folders if address else ())]
    return listing.rules.apply({**named, **own}, key, names)


def _own_values(batch: Batch, address: Address | None) -> dict[str, str]:
    """What an address can give to a template."""
    path = PurePosixPath(address.native_id if address else "")
    return {
        "host": address.host if address else "",
        "parent": path.parent.name,
        "stem": PurePosixPath(address.file_name if address else "").stem,
        "name": address.file_name if address else "",
        "batch": batch.name,
    }


SOURCE = SourceKind("urls", UrlsSource, list_urls)
