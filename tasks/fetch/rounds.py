"""In which order a batch asks the web: sitemaps, pages level by level, and last all the media.

Each round follows from the replies of those before, and from nothing else: not from the order in which they
came. So the pages within a limit are the same in every run, a resumed run asks only for what is missing,
and the finished replies give the partition without the web.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tasks.core.batch import Batch
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.source_entries import CrawlSource, TableSource, UrlsSource
from tasks.core.web_address import Address, to_address
from tasks.core.web_lists import Listed, list_addresses, web_cells
from tasks.fetch.crawling import Crawl, Find
from tasks.fetch.errand import Errand, Key, Reply
from tasks.sources.crawl import crawl_name

Replies = Mapping[Key, Reply]


@dataclass
class Asked:
    """Everything that a batch asks for, filled as its rounds go on."""

    errands: list[Errand] = field(default_factory=list)
    finds: dict[Key, Find] = field(default_factory=dict)
    outside: dict[Key, str] = field(default_factory=dict)

    def take(self, crawl: Crawl, listed: frozenset[str]) -> list[Errand]:
        """The errands to the media that a finished crawl wants; what is listed too is asked for once."""
        self.outside |= {("outside", url, crawl.name): why for url, why in crawl.outside.items()}
        errands = [Errand("media", url, crawl.name, crawl.hosts) for url in sorted(crawl.found)]
        self.finds |= {errand.key: crawl.found[errand.url] for errand in errands}
        return [
            errand
            for errand in errands
            if self.finds[errand.key].forbidden is None and errand.url not in listed
        ]


def rounds(batch: Batch, replies: Replies, asked: Asked) -> Iterator[list[Errand]]:
    """The errands of each round; those of the one before must have their replies when the next is taken."""
    media = [Errand("media", address.url) for address in listed_addresses(batch)]
    listed = frozenset(errand.url for errand in media)
    for options in crawls_of(batch):
        crawl = Crawl(crawl_name(batch, options), options)
        for errands in crawl.rounds(replies):
            asked.errands += errands
            yield errands
        media += asked.take(crawl, listed)
    asked.errands += media
    yield media


def crawls_of(batch: Batch) -> list[CrawlSource]:
    """The crawls of the batch, each once."""
    return list(dict.fromkeys(source for source in batch.file.sources if isinstance(source, CrawlSource)))


def listed_addresses(batch: Batch) -> list[Address]:
    """The addresses that the batch's lists and tables name, sorted, each once."""
    found: dict[str, Address] = {}
    for source in batch.file.sources:
        for listed in _listed(batch, source):
            if listed.address is not None:
                found[listed.address.url] = listed.address
    return [found[url] for url in sorted(found)]


def asks_the_web(batch: Batch) -> bool:
    """Whether anything in the batch may name an address."""
    return any(
        isinstance(source, CrawlSource | UrlsSource) or (isinstance(source, TableSource) and source.media)
        for source in batch.file.sources
    )


def private_hosts(batch: Batch) -> frozenset[str]:
    """The hosts whose private addresses may be asked."""
    named = [host for source in batch.file.sources for host in getattr(source, "allow_private", ())]
    addresses = [to_address(f"http://[{host}]/" if ":" in host else f"http://{host}/") for host in named]
    return frozenset(address.host for address in addresses if not isinstance(address, Fault))


def _listed(batch: Batch, source: object) -> Iterator[Listed]:
    # A list that cannot be read is told by its source, as an item: see tasks/sources.
    try:
        if isinstance(source, UrlsSource):
            yield from list_addresses(batch, source)
        elif isinstance(source, TableSource):
            yield from web_cells(batch, source)
    except TableFileError:
        return
