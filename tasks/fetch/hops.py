"""What may be asked at all, for every hop of a redirect: its scheme, its form, the crawl's hosts.

A host that is named in `allow_private` may be asked, but nobody else's server may lead there.

Whether the host's address may be asked is decided where the connection is made: see `tasks/fetch/guard.py`.
"""

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.web_address import to_address
from tasks.fetch.errand import Errand, FetchFaultError


class Hops:
    """A downloader middleware."""

    def __init__(self, private: frozenset[str]) -> None:
        self._private = private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy makes it."""
        return cls(crawler.settings["FETCH_JOB"].private)

    def process_request(self, request: Request) -> Request | None:
        """Let the request pass, or in its one spelling; FetchFaultError when it may not be asked."""
        errand: Errand = request.meta["errand"]
        address = to_address(request.url)
        if isinstance(address, Fault):
            raise FetchFaultError(address.reason, f"it leads to {request.url}: {address.detail}")
        if errand.hosts and errand.kind != "robots" and address.host not in errand.hosts:
            detail = f"it leads to {address.url}, and `hosts` does not name {address.host}"
            raise FetchFaultError(Reason.ADDRESS_REFUSED, detail)
        begun = urlsplit(errand.url).hostname
        if address.host in self._private and begun not in self._private:
            detail = f"it leads to {address.url}, and from {begun} no way leads into a private network"
            raise FetchFaultError(Reason.ADDRESS_REFUSED, detail)
        return None if address.url == request.url else request.replace(url=address.url)
