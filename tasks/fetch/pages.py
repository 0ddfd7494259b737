"""What a web page or a sitemap says: its links and media, what its meta elements ask for, its licence.

reads   the bytes of an HTML page, or of a sitemap (sitemaps.org protocol 0.9; may be gzip)
Media are what img, audio and video show, and links (a, area) whose name ends as a media file does. Of
several forms of one picture or recording (srcset, picture, source) one is taken: the largest picture that
`srcset` offers, the first source of a recording. Runs in the downloading process, as it reads what
strangers wrote.
"""

import gzip
import io
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import ParseError

from scrapy.http import HtmlResponse
from scrapy.utils.response import get_base_url

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.web_address import Address, to_address
from tasks.fetch.directives import NO_FOLLOW, PRODUCT, meta_directives
from tasks.fetch.errand import FetchFaultError, PageFacts
from tasks.media.signatures import SUFFIX_MODALITIES

LARGEST_SITEMAP_BYTES = 52_428_800
_GZIP = b"\x1f\x8b"
_LINKED = ("audio", "image", "video")


def read_page(url: str, headers: Mapping[str, str], body: bytes, said: tuple[str, ...]) -> PageFacts:
    """The facts of the page; `said` are the directives that its headers gave."""
    page = HtmlResponse(url, headers=dict(headers), body=body)
    base = get_base_url(page)
    robots = {*said, *_meta_robots(page)}
    followed = [] if robots & {*NO_FOLLOW} else list(_followed(page))
    links = [(address, _promise(address)) for href in followed if (address := _seen_from(base, href))]
    shown = [(address, modality) for src, modality in _shown(page) if (address := _seen_from(base, src))]
    media = {address.url: modality for address, modality in (*links, *shown) if modality is not None}
    return PageFacts(
        links=tuple(sorted({address.url for address, modality in links if modality is None})),
        media=tuple(sorted(media.items())),
        robots=tuple(sorted(robots)),
        canonical=_only(_related(page, base, "link", "canonical")),
        license=_only(_related(page, base, "*", "license")),
    )


def read_sitemap(url: str, body: bytes) -> PageFacts:
    """The pages and further sitemaps that it lists; FetchFaultError when it is none."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    found: dict[str, set[str]] = {"url": set(), "sitemap": set()}
    try:
        for _, element in iterparse(io.BytesIO(_unpacked(body)), forbid_dtd=True):
            kind = _local(element.tag)
            if kind in found:
                found[kind] |= {child.text.strip() for child in element if _is_place(child)}
                element.clear()
    except (ParseError, DefusedXmlException, OSError, EOFError, ValueError) as error:
        raise FetchFaultError(Reason.MALFORMED, f"it is no sitemap: {error}") from error
    pages, sitemaps = (_addresses(url, places) for places in (found["url"], found["sitemap"]))
    return PageFacts(links=pages, sitemaps=sitemaps)


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        text = file.read(LARGEST_SITEMAP_BYTES + 1)
    if len(text) > LARGEST_SITEMAP_BYTES:
        raise ValueError(f"it unpacks to more than {LARGEST_SITEMAP_BYTES} bytes")
    return text


def _is_place(element: Any) -> bool:
    return _local(element.tag) == "loc" and bool(element.text and element.text.strip())


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _addresses(base: str, places: set[str]) -> tuple[str, ...]:
    return tuple(sorted({address.url for place in places if (address := _seen_from(base, place))}))


def _seen_from(base: str, written: str) -> Address | None:
    address = to_address(written, base)
    return None if isinstance(address, Fault) else address


def _promise(address: Address) -> str | None:
    modality = SUFFIX_MODALITIES.get(PurePosixPath(address.file_name).suffix.lower())
    return modality if modality in _LINKED else None


def _followed(page: HtmlResponse) -> Iterator[str]:
    for link in page.xpath("//a[@href] | //area[@href]"):
        if "nofollow" not in (link.attrib.get("rel") or "").lower().split():
            yield link.attrib["href"]


def _shown(page: HtmlResponse) -> Iterator[tuple[str, str]]:
    for image in page.xpath("//img"):
        offers = [image.attrib.get("srcset"), *image.xpath("parent::picture/source/@srcset").getall()]
        largest = _largest(image.attrib.get("srcset") or "") or image.attrib.get("src")
        largest = largest or next((src for offer in offers if (src := _largest(offer or ""))), None)
        if largest:
            yield largest, "image"
    for modality in ("audio", "video"):
        for player in page.xpath(f"//{modality}"):
            src = player.attrib.get("src") or player.xpath("./source/@src").get()
            if src:
                yield src, modality


def _largest(srcset: str) -> str | None:
    """The candidate with the highest width or density; the first of equals. Commas inside addresses stay."""
    best, best_size = None, -1.0
    for candidate in srcset.replace("\n", " ").split(", "):
        parts = candidate.strip().strip(",").split()
        if not parts:
            continue
        try:
            size = float(parts[1].rstrip("wx")) if len(parts) > 1 else 1.0
        except ValueError:
            continue
        if size > best_size:
            best, best_size = parts[0], size
    return best


def _meta_robots(page: HtmlResponse) -> Iterator[str]:
    for meta in page.xpath("//meta[@name and @content]"):
        if meta.attrib["name"].strip().lower() in ("robots", PRODUCT):
            yield from meta_directives(meta.attrib["content"])


def _related(page: HtmlResponse, base: str, element: str, relation: str) -> set[str]:
    found = set()
    for link in page.xpath(f"//{element}[@rel and @href]"):
        if relation in link.attrib["rel"].lower().split():
            address = _seen_from(base, link.attrib["href"])
            found |= {address.url} if address else set()
    return found


def _only(found: set[str]) -> str | None:
    """The one that is said; two that differ say nothing."""
    return next(iter(found)) if len(found) == 1 else None
