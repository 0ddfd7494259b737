"""The spider: sends what each round asks for, and writes down what comes, until no round asks for more."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from lxml.etree import LxmlError
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from tasks.core.rejects import Reason
from tasks.fetch.directives import header_directives
from tasks.fetch.errand import Errand, FetchFaultError, PageFacts
from tasks.fetch.job import Job
from tasks.fetch.pages import read_page, read_sitemap
from tasks.fetch.replying import to_reply_of
from tasks.fetch.rounds import Asked, rounds
from tasks.fetch.spool import Spool
from tasks.fetch.spooling import Seen

LARGEST_PORTION = 10_000


class FetchSpider(scrapy.Spider):
    """Runs the errands of one job."""

    name = "fetch"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "FetchSpider":
        """As Scrapy makes it: it is told when there is nothing left to do."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        job: Job = crawler.settings["FETCH_JOB"]
        spider._spool = crawler.settings["FETCH_SPOOL"]
        spider._portions = _portions(job, spider._spool)
        crawler.signals.connect(spider._go_on, signal=signals.spider_idle)
        return spider

    _spool: Spool
    _portions: Iterator[list[Errand]]

    async def start(self) -> AsyncIterator[Request]:
        """The requests of the first portion."""
        for errand in next(self._portions, []):
            yield self._to_request(errand)

    def _go_on(self) -> None:
        errands = next(self._portions, [])
        if not errands:
            return
        engine: Any = self.crawler.engine
        for errand in errands:
            engine.crawl(self._to_request(errand))
        raise DontCloseSpider

    def _to_request(self, errand: Errand) -> Request:
        return Request(
            errand.url,
            callback=self.take,
            errback=self.take_failure,
            dont_filter=True,
            meta={"errand": errand},
        )

    def take(self, response: Response) -> None:
        """Write down what came."""
        request = response.request
        if request is None:
            raise ValueError(f"a response from {response.url} without its request")
        errand: Errand = request.meta["errand"]
        try:
            page = self._read(errand, response, request.meta["seen"])
            self._spool.write_down(to_reply_of(errand, request, page=page))
        except FetchFaultError as error:
            self._spool.write_down(to_reply_of(errand, request, error))

    def take_failure(self, failure: Failure) -> None:
        """Write down why nothing came."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        error = failure.value
        if not isinstance(error, FetchFaultError | IgnoreRequest):
            # One odd answer must not cost the others: it gets a row that says what happened.
            error = FetchFaultError(Reason.UNREADABLE, f"unexpected {type(error).__name__}: {error}")
        self._spool.write_down(to_reply_of(request.meta["errand"], request, error))

    def _read(self, errand: Errand, response: Response, seen: Seen) -> PageFacts | None:
        if seen.body is None or errand.kind not in ("page", "sitemap"):
            return None
        body = self._spool.body(seen.body.sha256).read_bytes()
        if errand.kind == "sitemap":
            return read_sitemap(response.url, body)
        headers = {"Content-Type": seen.content_type}
        try:
            return read_page(response.url, headers, body, header_directives(seen.x_robots_tag))
        except (LxmlError, ValueError, LookupError) as error:
            raise FetchFaultError(Reason.MALFORMED, f"the page cannot be read: {error}") from error


def _portions(job: Job, spool: Spool) -> Iterator[list[Errand]]:
    """What is missing of each round, in portions: a request takes a kilobyte, and a list may be long."""
    for errands in rounds(job.batch, spool.replies, Asked()):
        missing = [errand for errand in errands if errand.key not in spool.replies]
        for begin in range(0, len(missing), LARGEST_PORTION):
            yield missing[begin : begin + LARGEST_PORTION]
