"""What X-Robots-Tag headers and robots meta elements say about the use of what they come with.

Forms: `noindex, noai`; `otherbot: noindex`; `unavailable_after: 25 Jun 2027 15:00:00 PST`. What names another
program is not for us; what names us, or nobody, is.
"""

import re
from collections.abc import Iterable, Sequence

PRODUCT = "modalweave"

# Directives that carry a value after a colon, so that the word before it is no program's name.
_VALUED = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")
_SCOPE = re.compile(r"\s*([A-Za-z0-9_.*/-]+)\s*:\s*(.*)", re.DOTALL)
_FORBID_ALL = ("noai", "noindex", "none")
_FORBID_IMAGES = ("noimageai",)
_FORBID_ON_PAGE = ("noimageindex",)
NO_FOLLOW = ("nofollow", "none")


def header_directives(headers: Iterable[str]) -> tuple[str, ...]:
    """The directives of the headers that are for us, in lower case, sorted, each once."""
    found: set[str] = set()
    for header in headers:
        found |= _ours(header)
    return tuple(sorted(found))


def meta_directives(content: str) -> tuple[str, ...]:
    """The directives of one meta element's content, in lower case."""
    return tuple(word for part in content.split(",") if (word := part.strip().lower()))


def forbidden_use(directives: Sequence[str], modality: str, *, on_page: bool = False) -> str | None:
    """The directive that forbids to use media of that modality, or None."""
    forbidding = [*_FORBID_ALL]
    if modality == "image":
        forbidding += _FORBID_IMAGES + (_FORBID_ON_PAGE if on_page else ())
    return next((word for word in forbidding if word in directives), None)


def _ours(header: str) -> set[str]:
    """A name before a colon holds for all that follows it, up to the next name."""
    found: set[str] = set()
    for_us = True
    for part in header.split(","):
        scope = _SCOPE.fullmatch(part)
        if scope is not None and scope[1].lower() not in _VALUED:
            for_us = scope[1].lower().split("/")[0] in (PRODUCT, "*")
            part = scope[2]
        if for_us and part.strip():
            found.add(part.strip().lower())
    return found
