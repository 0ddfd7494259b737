"""Media that a crawl found on web pages, as the stage `fetch` kept them.

reads   what was fetched
Ids are the address without its scheme. The evidence of each item names the page it was found on.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from tasks.core.batch import Batch
from tasks.core.belonging import Belonging, Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.fault import Fault
from tasks.core.responses import Answer, read_answers
from tasks.core.source_entries import CrawlSource
from tasks.core.web_address import Address, to_address

_PLACEHOLDERS = ("page", "host", "stem", "name", "key", "batch")


def list_found(delivery: Delivery, options: CrawlSource) -> Iterator[Candidate]:
    """A candidate per address that was found, in the order of their ids."""
    batch = delivery.batch
    rules = rules_of(batch, options, _PLACEHOLDERS)
    found = []
    for url, answer in read_answers(delivery.fetched, crawl_name(batch, options)):
        address = to_address(url)
        if not isinstance(address, Fault):
            listed = answer.candidate(address, options.media)
            placed = _belonging_of(batch, rules, address, answer).of(listed)
            found.append(replace(placed, role=options.role, clock=options.clock))
    yield from sorted(found, key=lambda candidate: candidate.native_id)


def crawl_name(batch: Batch, options: CrawlSource) -> str:
    """What the answers call this crawl: its number among those of batch.yaml."""
    crawls = [source for source in batch.file.sources if isinstance(source, CrawlSource)]
    return f"crawl {crawls.index(options)}"


def _belonging_of(batch: Batch, rules: Rules, address: Address, answer: Answer) -> Belonging:
    page = to_address(answer.row["page"] or "")
    values = {
        "page": "" if isinstance(page, Fault) else page.native_id,
        "host": address.host,
        "stem": PurePosixPath(address.file_name).stem,
        "name": address.file_name,
        "key": address.key,
        "batch": batch.name,
    }
    return rules.apply(values, address.key, address.folders)


SOURCE = SourceKind("crawl", CrawlSource, list_found)
