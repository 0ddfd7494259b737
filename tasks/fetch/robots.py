"""robots.txt, obeyed as RFC 9309 has it, and more strictly where it leaves the choice.

Rules are those of the group `modalweave`, or else of `*`. A status of 400 to 499 means that there are no
rules, but for 429. A robots.txt that cannot be had (429, 500 to 599, no connection, endless redirects)
forbids everything. Only its first 500 KiB count. A delay that it asks for between requests is kept; one
longer than `fetch.longest_wait` is as good as a refusal.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.fetch.directives import PRODUCT
from tasks.fetch.errand import Errand, FetchFaultError, Reply
from tasks.fetch.job import Job, to_seconds
from tasks.fetch.replying import to_reply_of
from tasks.fetch.spool import Spool
from tasks.fetch.spooling import OK

_LONGEST_KEPT = timedelta(hours=24)  # RFC 9309, 2.4
_FIRST = 1_000  # before whatever else waits for the same host


@dataclass(frozen=True)
class Rules:
    """What one robots.txt allows: all of it is evidence. With a `fault` nothing is allowed."""

    url: str
    sha256: str | None
    said: str
    parser: Protego | None = None
    fault: Fault | None = None


class Robots:
    """A downloader middleware."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._job: Job = crawler.settings["FETCH_JOB"]
        self._spool: Spool = crawler.settings["FETCH_SPOOL"]
        self._asked: dict[str, asyncio.Future[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy makes it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass; FetchFaultError when robots.txt forbids it."""
        if request.meta["errand"].kind == "robots":
            return
        split = urlsplit(request.url)
        origin = f"{split.scheme}://{split.netloc}"
        if origin not in self._asked:
            self._asked[origin] = asyncio.ensure_future(self._ask(f"{origin}/robots.txt"))
        rules = await self._asked[origin]
        request.meta["robots"] = rules
        if rules.fault is not None:
            raise FetchFaultError(rules.fault.reason, rules.fault.detail)
        if rules.parser is None:
            return
        if not rules.parser.can_fetch(request.url, PRODUCT):
            raise FetchFaultError(Reason.ROBOTS_FORBID, f"{rules.url} forbids {request.url}")
        self._slow_down(split.hostname or "", rules)

    def _slow_down(self, host: str, rules: Rules) -> None:
        """Keep the pace that the rules ask for."""
        wanted_s = float(rules.parser.crawl_delay(PRODUCT) or 0) if rules.parser else 0.0
        longest_s = to_seconds(self._job.params.longest_wait)
        if wanted_s > longest_s:
            detail = (
                f"{rules.url} asks for {wanted_s:g} s between requests, fetch.longest_wait is {longest_s:g} s"
            )
            raise FetchFaultError(Reason.ROBOTS_FORBID, detail)
        engine: Any = self._crawler.engine
        slot = engine.downloader.slots.get(host)
        if slot is not None:
            slot.delay = max(slot.delay, wanted_s)

    async def _ask(self, url: str) -> Rules:
        errand = Errand("robots", url)
        known = self._spool.replies.get(errand.key)
        if known is not None and _is_fresh(known):
            rules = self._rules_of(known)
            if rules.fault is None:
                return rules
        reply = await self._download(errand)
        self._spool.write_down(reply)
        return self._rules_of(reply)

    def _rules_of(self, reply: Reply) -> Rules:
        return to_rules(reply, self._spool.body(reply.sha256).read_bytes() if reply.sha256 else b"")

    async def _download(self, errand: Errand) -> Reply:
        request = Request(
            errand.url,
            callback=NO_CALLBACK,
            priority=_FIRST,
            dont_filter=True,
            meta={"errand": errand},
        )
        engine: Any = self._crawler.engine
        try:
            response = await engine.download_async(request)
        except (FetchFaultError, IgnoreRequest) as error:
            return to_reply_of(errand, request, error)
        return to_reply_of(errand, response.request)


def to_rules(reply: Reply, body: bytes) -> Rules:
    """What a robots.txt allows, as it was answered."""
    status, url = reply.status, reply.url
    if reply.reason in (Reason.ADDRESS_REFUSED, Reason.CONNECTION_FAILED, Reason.TIMED_OUT):
        asked = "" if reply.reason == Reason.ADDRESS_REFUSED else "asked for its robots.txt: "
        fault = Fault(Reason(reply.reason), f"{asked}{reply.detail}")
        return Rules(url, None, f"{url} cannot be had", fault=fault)
    if status is not None and 400 <= status < 500 and status != 429:
        return Rules(url, None, f"{url} is not there (status {status}): no rules")
    if status not in OK or reply.sha256 is None:
        told = reply.detail or f"status {status}"
        detail = f"{url} cannot be had ({told}), so nothing there may be asked; try again later"
        return Rules(url, None, f"{url} cannot be had", fault=Fault(Reason.ROBOTS_FORBID, detail))
    rules = Protego.parse(body.decode("utf-8", "replace"))
    return Rules(url, hashlib.sha256(body).hexdigest(), f"{url} was read", rules)


def _is_fresh(reply: Reply) -> bool:
    """Whether an answer of an earlier run, which was killed, still holds."""
    age = datetime.now(UTC) - datetime.fromisoformat(reply.retrieved_at)
    return age < _LONGEST_KEPT
