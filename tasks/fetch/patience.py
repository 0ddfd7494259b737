"""Asking again, later: after a failed connection and what servers answer when they are busy.

The wait doubles from try to try, and is at least what Retry-After says; while a host has asked us to wait,
nothing else is asked of it either. A host that asks for more than `fetch.longest_wait` is given up.
"""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.fetch.errand import FetchFaultError
from tasks.fetch.job import Job, to_seconds

_BUSY = (408, 425, 429, 500, 502, 503, 504)


class Patience:
    """A downloader middleware."""

    def __init__(self, job: Job) -> None:
        self._params = job.params
        self._not_before: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy makes it."""
        return cls(crawler.settings["FETCH_JOB"])

    async def process_request(self, request: Request) -> None:
        """Wait until the host may be asked."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._not_before.get(_host_of(request), 0.0) - now))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """The response, or the request to make again."""
        if response.status not in _BUSY:
            return response
        asked_s = _retry_after_s(response)
        if asked_s > to_seconds(self._params.longest_wait):
            detail = f"status {response.status}, and it asks to come back in {asked_s:g} s; try again then"
            request.meta["seen"].fault = Fault(Reason.HTTP_STATUS, detail)
            return response
        if asked_s:
            until = asyncio.get_running_loop().time() + asked_s
            self._not_before[_host_of(request)] = max(until, self._not_before.get(_host_of(request), 0.0))
        return await self._later(request, asked_s) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request to make again, or None when that is of no use."""
        if not isinstance(exception, FetchFaultError) or not exception.again:
            return None
        return await self._later(request, 0.0)

    async def _later(self, request: Request, asked_s: float) -> Request | None:
        tries = request.meta.get("tries", 0) + 1
        if tries > self._params.retries:
            return None
        wait_s = to_seconds(self._params.first_wait) * 2 ** (tries - 1)
        await asyncio.sleep(max(asked_s, min(wait_s, to_seconds(self._params.longest_wait))))
        return request.replace(dont_filter=True, meta={**request.meta, "tries": tries})


def _host_of(request: Request) -> str:
    return urlsplit(request.url).hostname or ""


def _retry_after_s(response: Response) -> float:
    """The seconds that Retry-After (RFC 9110, 10.2.3) asks for, as a number or a date; 0 without it."""
    told = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if told.isdecimal():
        return float(told[:12])
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
