"""From the last request of an errand to the reply that is written down."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.fetch.errand import Errand, FetchFaultError, PageFacts, Reply
from tasks.fetch.spooling import OK, Seen

if TYPE_CHECKING:
    from tasks.fetch.robots import Rules


def to_reply_of(
    errand: Errand,
    request: Request,
    error: FetchFaultError | IgnoreRequest | None = None,
    page: PageFacts | None = None,
) -> Reply:
    """The reply to the errand; `request` is the last one that was made for it."""
    seen: Seen | None = request.meta.get("seen")
    rules: Rules | None = request.meta.get("robots")
    fault = _fault_of(seen, error, request)
    body = seen.body if seen and fault is None else None
    return Reply(
        kind=errand.kind,
        url=errand.url,
        asked_by=errand.asked_by,
        retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
        final_url=request.url if seen else None,
        redirects=tuple(request.meta.get("redirect_urls", ())),
        address=seen.address if seen else None,
        status=seen.status if seen else None,
        content_type=(seen.content_type or None) if seen else None,
        size=body.size if body else None,
        sha256=body.sha256 if body else None,
        robots=rules.said if rules else None,
        robots_sha256=rules.sha256 if rules else None,
        x_robots_tag=seen.x_robots_tag if seen else (),
        reason=fault.reason if fault else None,
        detail=fault.detail if fault else None,
        page=page,
    )


def _fault_of(
    seen: Seen | None, error: FetchFaultError | IgnoreRequest | None, request: Request
) -> Fault | None:
    if isinstance(error, FetchFaultError):
        return error.fault
    if error is not None:
        hops = len(request.meta.get("redirect_urls", ())) + 1
        return Fault(Reason.TOO_MANY_REDIRECTS, f"it still led on after {hops} redirects, from {request.url}")
    if seen is None:
        return Fault(Reason.CONNECTION_FAILED, "nothing came")
    if seen.fault is not None or seen.status in OK:
        return seen.fault
    return Fault(Reason.HTTP_STATUS, f"the server answered with status {seen.status}")
