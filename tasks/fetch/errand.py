"""What is asked of the web, what it answered, what a page said: the words that all of fetch shares."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tasks.core.config import DurationNs
from tasks.core.fault import Fault
from tasks.core.rejects import Reason

Kind = Literal["media", "page", "sitemap", "robots", "outside"]

# kind, address, asked by
Key = tuple[str, str, str]


@dataclass(frozen=True)
class FetchParams:
    """How the web is asked: limits of sizes, times and tries, and how gently. Durations are ns.

    `requests_per_second` and `connections_per_host` are for one host. `first_wait` is before the first
    retry and doubled for each further one; a server that asks for more than `longest_wait` is given up.
    """

    contact: str
    largest_file_bytes: int
    largest_page_bytes: int
    requests_per_second: float
    connections_per_host: int
    hosts_at_once: int
    redirects: int
    retries: int
    first_wait: DurationNs
    longest_wait: DurationNs
    stall: DurationNs
    longest_download: DurationNs

    def __post_init__(self) -> None:
        """Refuse what would ask for nothing, or for ever."""
        for name in (
            "requests_per_second",
            "connections_per_host",
            "hosts_at_once",
            "stall",
            "longest_download",
            "largest_file_bytes",
            "largest_page_bytes",
        ):
            # Not `<= 0`: what is no number is no more than 0 either.
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name}: expected more than 0, got {getattr(self, name)}")
        for name in ("redirects", "retries", "first_wait", "longest_wait"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: expected 0 or more, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Errand:
    """One address to ask for; it and its redirects stay on `hosts`, where there are any."""

    kind: Kind
    url: str
    asked_by: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """What its answer is filed under."""
        return self.kind, self.url, self.asked_by


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page (or a sitemap) says: `links` to pages, `media` with the modality that they promise.

    `robots` are the directives of its meta elements and headers; `canonical` is the address it is a copy of.
    """

    links: tuple[str, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    sitemaps: tuple[str, ...] = ()
    robots: tuple[str, ...] = ()
    canonical: str | None = None
    license: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One address as the web answered it; with a `reason` there is nothing to keep.

    `sha256` names the body in the spool. `retrieved_at` is ISO 8601 in UTC.
    """

    kind: str
    url: str
    asked_by: str
    retrieved_at: str
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    address: str | None = None
    status: int | None = None
    content_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    robots: str | None = None
    robots_sha256: str | None = None
    x_robots_tag: tuple[str, ...] = ()
    reason: str | None = None
    detail: str | None = None
    page: PageFacts | None = None

    @property
    def key(self) -> Key:
        """What it answers."""
        return self.kind, self.url, self.asked_by

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def to_reply(plain: dict[str, Any]) -> Reply:
    """The reply that `plain` wrote; TypeError or ValueError when it is none."""
    page = plain.pop("page", None)
    if page is not None:
        media = tuple((str(url), str(modality)) for url, modality in page.pop("media"))
        page = PageFacts(media=media, **{name: _frozen(value) for name, value in page.items()})
    return Reply(page=page, **{name: _frozen(value) for name, value in plain.items()})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class FetchFaultError(Exception):
    """An errand failed for the reason `fault`; `again` says whether asking again may help."""

    def __init__(self, reason: Reason, detail: str, *, again: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.fault = Fault(reason, detail)
        self.again = again
