"""What may be asked at all, for every hop of a redirect: its scheme, its form, the crawl's hosts.

Whether the host's address may be asked is decided where the connection is made: see `tasks/fetch/guard.py`.
"""

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.web_address import to_address
from tasks.fetch.errand import Errand, FetchFaultError


class Hops:
    """A downloader middleware."""

    @classmethod
    def from_crawler(cls, _: Crawler) -> Self:
        """As Scrapy makes it."""
        return cls()

    def process_request(self, request: Request) -> Request | None:
        """Let the request pass, or in its one spelling; FetchFaultError when it may not be asked."""
        errand: Errand = request.meta["errand"]
        address = to_address(request.url)
        if isinstance(address, Fault):
            raise FetchFaultError(address.reason, f"it leads to {request.url}: {address.detail}")
        if errand.hosts and errand.kind != "robots" and address.host not in errand.hosts:
            detail = f"it leads to {address.url}, and `hosts` does not name {address.host}"
            raise FetchFaultError(Reason.ADDRESS_REFUSED, detail)
        return None if address.url == request.url else request.replace(url=address.url)
