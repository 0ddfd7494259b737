"""Scrapy's download handler for http and https: one request, its body straight into the spool.

Scrapy's own handlers hold a body in memory, trust any certificate, obey proxies from the environment and
connect to any address; this one does none of that. The response has no body: what was seen is in
`meta["seen"]`. Redirects, retries, robots.txt and the pace are the affair of the middlewares.
"""

from dataclasses import dataclass
from typing import Any

from OpenSSL.SSL import Error as TlsError
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionClosed
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.python.failure import Failure
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, RequestTransmissionFailed, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.fetch.directives import forbidden_use, header_directives
from tasks.fetch.errand import Errand, FetchFaultError
from tasks.fetch.guard import GuardedEndpoints, addresses_of
from tasks.fetch.head import BoundedPool
from tasks.fetch.job import Job, to_seconds
from tasks.fetch.pages import LARGEST_SITEMAP_BYTES
from tasks.fetch.receiving import ACCEPTED_ENCODINGS, Body, Dropper, Receiver
from tasks.fetch.spool import Spool

LARGEST_ROBOTS_BYTES = 512_000
OK = (200, 203)
_READABLE_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_PAGE_TYPES = ("", "text/html", "application/xhtml+xml")
_LEAST_TRIED_LENGTH = 65_536


@dataclass
class Seen:
    """What one request brought, as far as it came: `fault` is why the body was not taken."""

    status: int
    content_type: str
    x_robots_tag: tuple[str, ...]
    address: str
    body: Body | None = None
    fault: Fault | None = None


class SpoolingHandler(BaseDownloadHandler):
    """Downloads into the spool of the job in the settings."""

    def __init__(self, crawler: Crawler) -> None:
        from twisted.internet import reactor

        super().__init__(crawler)
        self._job: Job = crawler.settings["FETCH_JOB"]
        self._spool: Spool = crawler.settings["FETCH_SPOOL"]
        self._reactor: Any = reactor
        self._stall_s = to_seconds(self._job.params.stall)
        self._pool = BoundedPool(reactor, self._job.params.connections_per_host)
        endpoints = GuardedEndpoints(
            reactor, BrowserLikePolicyForHTTPS(), self._job.private, self._stall_s, addresses_of
        )
        self._agent = Agent.usingEndpointFactory(reactor, endpoints, self._pool)

    async def close(self) -> None:
        """Let go of the connections that are kept."""
        closing: Deferred[Any] = self._pool.closeCachedConnections()  # type: ignore[no-untyped-call]  # Twisted's
        closing.addTimeout(1, self._reactor)
        await maybe_deferred_to_future(closing.addErrback(lambda _: None))

    async def download_request(self, request: Request) -> Response:
        """The response, without its body; FetchFaultError for what went wrong."""
        answered = await self._head_of(request)
        headers = {
            name.decode("latin-1"): [value.decode("latin-1") for value in values]
            for name, values in answered.headers.getAllRawHeaders()
        }
        response = Response(request.url, status=answered.code, headers=headers, request=request)
        seen = Seen(
            answered.code, _first(response, "Content-Type"), _all(response, "X-Robots-Tag"), answered.peer
        )
        request.meta["seen"] = seen
        await self._take_body(request.meta["errand"], response, answered, seen)
        return response

    async def _head_of(self, request: Request) -> Any:
        asked = {
            "User-Agent": [self._job.user_agent],
            "Accept": ["*/*"],
            "Accept-Encoding": [ACCEPTED_ENCODINGS],
        }
        waiting = self._agent.request(b"GET", request.url.encode("ascii"), Headers(asked))
        late = FetchFaultError(Reason.TIMED_OUT, f"no answer came within {self._stall_s:g} s", again=True)
        waiting.addTimeout(self._stall_s, self._reactor, lambda *_: Failure(late))
        return await _told(waiting)

    async def _take_body(self, errand: Errand, response: Response, answered: Any, seen: Seen) -> None:
        limit = self._limit_of(errand, response)
        encoding = _first(response, "Content-Encoding").strip().lower()
        seen.fault = _refusal(errand, response, seen, encoding)
        if seen.fault is None and errand.kind != "robots" and answered.length is not UNKNOWN_LENGTH:
            seen.fault = _too_large(answered.length, limit)
        if seen.fault is not None or not _wants_body(errand, response):
            small = answered.length is not UNKNOWN_LENGTH and answered.length <= _LEAST_TRIED_LENGTH
            answered.deliverBody(Dropper(drain=small))
            return
        receiver = Receiver(self._spool, encoding, limit, cut=errand.kind == "robots", stall_s=self._stall_s)
        answered.deliverBody(receiver)
        receiver.done.addTimeout(
            to_seconds(self._job.params.longest_download), self._reactor, lambda value, _: value
        )
        seen.body = await _told(receiver.done)

    def _limit_of(self, errand: Errand, response: Response) -> int:
        if errand.kind == "robots":
            return LARGEST_ROBOTS_BYTES
        if errand.kind == "sitemap":
            return LARGEST_SITEMAP_BYTES
        params = self._job.params
        return params.largest_page_bytes if errand.kind == "page" else params.largest_file_bytes


def media_type_of(content_type: str) -> str:
    """What the header says, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _first(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def _all(response: Response, name: str) -> tuple[str, ...]:
    return tuple(value.decode("latin-1") for value in response.headers.getlist(name))


def _wants_body(errand: Errand, response: Response) -> bool:
    if response.status not in OK:
        return False
    declared = media_type_of(_first(response, "Content-Type"))
    return errand.kind != "page" or declared in _PAGE_TYPES


def _refusal(errand: Errand, response: Response, seen: Seen, encoding: str) -> Fault | None:
    """Why the body is not taken, told by the headers."""
    if response.status not in OK or errand.kind == "robots":
        return None
    if encoding not in _READABLE_ENCODINGS:
        return Fault(Reason.UNREADABLE, f"its Content-Encoding '{encoding}' was not asked for")
    modality = media_type_of(seen.content_type).split("/")[0]
    word = forbidden_use(header_directives(seen.x_robots_tag), modality) if errand.kind == "media" else None
    return Fault(Reason.USE_FORBIDDEN, f"its X-Robots-Tag says {word}") if word else None


def _too_large(length: int, limit: int) -> Fault | None:
    if length <= limit:
        return None
    return Fault(Reason.TOO_LARGE, f"expected at most {limit} bytes, it has {length}")


async def _told(waiting: Deferred[Any]) -> Any:
    """What the deferred gives; every way in which a connection can fail as a FetchFaultError."""
    try:
        return await maybe_deferred_to_future(waiting)
    except ConnectTimeoutError as error:
        raise FetchFaultError(Reason.TIMED_OUT, "no connection came about in time", again=True) from error
    except (ConnectError, ConnectionClosed, ConnectingCancelledError) as error:
        raise FetchFaultError(Reason.CONNECTION_FAILED, f"{error}".rstrip("."), again=True) from error
    except (ResponseFailed, RequestTransmissionFailed) as error:
        causes = [reason.value for reason in error.reasons]
        told = "; ".join(dict.fromkeys(f"{cause}".rstrip(".") or type(cause).__name__ for cause in causes))
        again = not any(isinstance(cause, TlsError) for cause in causes)
        raise FetchFaultError(Reason.CONNECTION_FAILED, told, again=again) from error
