"""Addresses on the web as they are asked for: one spelling each, only http and https, no way to hide in them.

A written address is brought to the form of RFC 3986 and WHATWG URL: host in lower case and punycode, default
port and fragment left out, dot segments resolved, everything that is not ASCII percent-encoded as UTF-8.
"""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from tasks.core.fault import Fault
from tasks.core.keys import key_of
from tasks.core.rejects import Reason

LONGEST_ADDRESS = 4_000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SPACES = re.compile(r"[\x00-\x20\x7f]")
_DOT_SEGMENT = re.compile(r"%2e", re.IGNORECASE)
_KEPT_IN_PATH = "/%:@!$&'()*+,;=~-._"
_KEPT_IN_QUERY = _KEPT_IN_PATH + "?[]|"


@dataclass(frozen=True, slots=True)
class Address:
    """One address to ask for: `url` is its only spelling, `host` the name in it, in lower case."""

    url: str
    host: str

    @property
    def native_id(self) -> str:
        """What its item is called in the batch: the address without its scheme, with a name at its end."""
        name = self.url.split("://", 1)[1]
        return name + "index" if urlsplit(self.url).path.endswith("/") and name.endswith("/") else name

    @property
    def key(self) -> str:
        """The address without its scheme and suffixes; what it asks for tells it from others."""
        path, mark, query = self.native_id.partition("?")
        return key_of(path) + mark + query

    @property
    def folders(self) -> list[str]:
        """The names on the way to the medium, from the host on."""
        return self.native_id.partition("?")[0].split("/")[:-1]

    @property
    def file_name(self) -> str:
        """The last part of its path, as people read it."""
        return unquote(posixpath.basename(urlsplit(self.url).path))


def is_web_address(written: str) -> bool:
    """Whether the text means to be an address and not a path."""
    return written.lstrip().lower().startswith(("http://", "https://"))


def to_address(written: str, base: str = "") -> Address | Fault:
    """The address that is written, seen from the page `base`; a fault says why it is none to ask for."""
    try:
        split = urlsplit(urljoin(base, written.strip()) if base else written.strip())
        port, host = split.port, split.hostname or ""
    except ValueError as error:
        return Fault(Reason.MALFORMED, f"not an address: {error}")
    fault = _fault_of(split, host)
    if fault is not None:
        return fault
    try:
        host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        return Fault(Reason.MALFORMED, f"the host is no name: {error}")
    url = _spelled(split, host, port)
    if len(url) > LONGEST_ADDRESS:
        return Fault(Reason.MALFORMED, f"expected at most {LONGEST_ADDRESS} characters, got {len(url)}")
    return Address(url, host)


def _fault_of(split: SplitResult, host: str) -> Fault | None:
    if split.scheme.lower() not in _DEFAULT_PORTS:
        return Fault(Reason.ADDRESS_REFUSED, f"expected http or https, got '{split.scheme}'")
    if split.username is not None or split.password is not None:
        detail = "a user name or password in an address would be written into the dataset; deliver the file"
        return Fault(Reason.ADDRESS_REFUSED, detail)
    if not host or _SPACES.search(split.netloc) or "%" in host or "\\" in split.netloc:
        return Fault(Reason.MALFORMED, "expected a host")
    return None


def _spelled(split: SplitResult, host: str, port: int | None) -> str:
    scheme = split.scheme.lower()
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port in (None, _DEFAULT_PORTS[scheme]) else f"{shown}:{port}"
    path = _without_dots(_quoted(split.path, _KEPT_IN_PATH))
    return urlunsplit((scheme, netloc, path, _quoted(split.query, _KEPT_IN_QUERY), ""))


def _quoted(text: str, kept: str) -> str:
    """The text in ASCII; a % that begins no escape is one itself."""
    plain = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(plain, safe=kept, errors="backslashreplace")


def _without_dots(path: str) -> str:
    segments: list[str] = []
    parts = _DOT_SEGMENT.sub(".", path).split("/") if "%2e" in path.lower() else path.split("/")
    for part in parts[1:]:
        if part == "..":
            segments = segments[:-1]
        elif part != ".":
            segments.append(part)
    ends_in_folder = parts[-1] in (".", "..") and segments[-1:] != [""]
    return "/" + "/".join(segments) + ("/" if ends_in_folder and segments else "")
