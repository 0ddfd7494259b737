"""Media that a crawl found on web pages, as the stage `fetch` kept them.

reads   what was fetched
Ids are the address without its scheme. The evidence of each item names the page it was found on.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from tasks.core.batch import Batch
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.delivered import fill_template, refuse_unknown_placeholders
from tasks.core.fault import Fault
from tasks.core.responses import Answer, read_answers
from tasks.core.source_entries import CrawlSource
from tasks.core.web_address import Address, to_address

_PLACEHOLDERS = ("page", "host", "stem", "name", "batch")


def list_found(delivery: Delivery, options: CrawlSource) -> Iterator[Candidate]:
    """A candidate per address that was found, in the order of their ids."""
    batch = delivery.batch
    refuse_unknown_placeholders(batch, options.session, _PLACEHOLDERS)
    found = []
    for url, answer in read_answers(delivery.fetched, crawl_name(batch, options)):
        address = to_address(url)
        if not isinstance(address, Fault):
            found.append(_to_candidate(batch, options, address, answer))
    yield from sorted(found, key=lambda candidate: candidate.native_id)


def crawl_name(batch: Batch, options: CrawlSource) -> str:
    """What the answers call this crawl: its number among those of batch.yaml."""
    crawls = [source for source in batch.file.sources if isinstance(source, CrawlSource)]
    return f"crawl {crawls.index(options)}"


def _to_candidate(batch: Batch, options: CrawlSource, address: Address, answer: Answer) -> Candidate:
    page = to_address(answer.row["page"] or "")
    values = {
        "page": "" if isinstance(page, Fault) else page.native_id,
        "host": address.host,
        "stem": PurePosixPath(address.file_name).stem,
        "name": address.file_name,
        "batch": batch.name,
    }
    return replace(
        answer.candidate(address, options.media),
        session=fill_template(options.session, values),
        role=options.role,
        clock=options.clock,
    )


SOURCE = SourceKind("crawl", CrawlSource, list_found)
