"""One crawl: which pages are read, level by level, and which media they show.

A page that says it is a copy (rel=canonical, on one of the crawl's hosts) is not used: the original is read
in its place. Links are not followed where they (rel=nofollow), their page or its headers ask for that. What
a page shows is not asked for when that page forbids its use (noai, noindex, none; for images also
noimageai, noimageindex), even if another page shows it too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tasks.core.fault import Fault
from tasks.core.source_entries import CrawlSource
from tasks.core.web_address import Address, to_address
from tasks.fetch.directives import forbidden_use
from tasks.fetch.errand import Errand, Key, PageFacts, Reply

SITEMAP_LEVELS = 3
MOST_FINDS = 1_000_000


@dataclass(frozen=True)
class Find:
    """Media on a page, the first that shows it; `forbidden` is the directive against its use."""

    page: str
    page_sha256: str | None
    modality: str
    license: str | None
    meta_robots: str | None
    forbidden: str | None


class Crawl:
    """What one `crawl` entry found, filled by its rounds."""

    def __init__(self, name: str, options: CrawlSource) -> None:
        self.name = name
        self.found: dict[str, Find] = {}
        self.outside: dict[str, str] = {}
        self._options = options
        self._read: set[str] = set()
        begun = _addresses([*options.start, *options.sitemaps])
        named = _addresses(f"http://{host}/" for host in options.hosts)
        self.hosts = tuple(sorted({address.host for address in named or begun}))

    def rounds(self, replies: Mapping[Key, Reply]) -> Iterator[list[Errand]]:
        """The errands of each round: sitemaps, then the pages of each level."""
        level = {address.url for address in _addresses(self._options.start)}
        waiting = {address.url for address in _addresses(self._options.sitemaps)}
        for _ in range(SITEMAP_LEVELS):
            errands = [Errand("sitemap", url, self.name, self.hosts) for url in sorted(waiting)]
            if errands:
                yield errands
            said = [facts for errand in errands if (facts := _facts(replies, errand)) is not None]
            waiting = self._own({url for facts in said for url in facts.sitemaps})
            level |= self._own({url for facts in said for url in facts.links})
        for depth in range(self._options.depth + 1):
            found: set[str] = set()
            while errands := self._next_pages(level):
                yield errands
                level = set()
                for errand in errands:
                    level |= self._take(errand, replies, found)
            level = found if depth < self._options.depth else set()

    def _next_pages(self, level: set[str]) -> list[Errand]:
        fresh = sorted(level - self._read)
        left = self._options.pages - len(self._read)
        for url in fresh[left:]:
            self.outside[url] = f"the crawl reads {self._options.pages} pages at most"
        self._read |= set(fresh[:left])
        return [Errand("page", url, self.name, self.hosts) for url in fresh[:left]]

    def _take(self, errand: Errand, replies: Mapping[Key, Reply], found: set[str]) -> set[str]:
        """Take in one page: its links go to `found`, the original of a copy comes back, to be read."""
        reply, facts = replies[errand.key], _facts(replies, errand)
        declared = (reply.content_type or "").split("/")[0].lower()
        if facts is None:
            if reply.reason is None and declared in self._options.media:
                self._find(errand.url, Find(errand.url, None, declared, None, None, None))
            return set()
        if facts.canonical is not None and facts.canonical not in (errand.url, reply.final_url):
            original = self._own({facts.canonical})
            if original:
                return original
        found |= self._own(set(facts.links))
        for url, modality in facts.media:
            if modality in self._options.media:
                self._find(url, _to_find(errand.url, reply, facts, modality))
        return set()

    def _find(self, url: str, find: Find) -> None:
        address = to_address(url)
        if isinstance(address, Fault) or len(self.found) >= MOST_FINDS:
            return
        if address.host not in self.hosts:
            self.outside[url] = f"{find.page} shows it, and `hosts` does not name {address.host}"
            return
        known = self.found.get(url)
        if known is None or (known.forbidden is None and find.forbidden is not None):
            self.found[url] = find if known is None else replace(known, forbidden=find.forbidden)

    def _own(self, urls: set[str]) -> set[str]:
        return {address.url for address in _addresses(urls) if address.host in self.hosts}


def _facts(replies: Mapping[Key, Reply], errand: Errand) -> PageFacts | None:
    return replies[errand.key].page


def _to_find(page: str, reply: Reply, facts: PageFacts, modality: str) -> Find:
    return Find(
        page,
        reply.sha256,
        modality,
        facts.license,
        ", ".join(facts.robots) or None,
        forbidden_use(facts.robots, modality, on_page=True),
    )


def _addresses(urls: Iterable[str]) -> list[Address]:
    found = (to_address(url) for url in urls)
    return [address for address in found if not isinstance(address, Fault)]
