"""What headers and meta elements say about the use of media, for whom, and what robots.txt allows."""

import pytest

from tasks.fetch.directives import forbidden_use, header_directives, meta_directives
from tasks.fetch.errand import Reply
from tasks.fetch.robots import to_rules

ROBOTS = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("headers", "directives"),
    [
        (["noindex, NoAI"], ("noai", "noindex")),
        (["noindex", "noai"], ("noai", "noindex")),
        (["otherbot: noindex, noai"], ()),
        (["otherbot: noindex, modalweave: noai"], ("noai",)),
        (["Modalweave: none"], ("none",)),
        (["otherbot: noindex", "noai"], ("noai",)),
        (["unavailable_after: 1 Jun 2027, noai"], ("noai", "unavailable_after: 1 jun 2027")),
        (["max-image-preview: large"], ("max-image-preview: large",)),
        (["", " , "], ()),
    ],
)  # fmt: skip
def test_a_header_is_for_everybody_or_for_whom_it_names(
    headers: list[str], directives: tuple[str, ...]
) -> None:
    assert header_directives(headers) == directives


@pytest.mark.parametrize(
    ("directives", "modality", "on_page", "word"),
    [
        ("noai", "audio", False, "noai"),
        ("noindex, follow", "image", False, "noindex"),
        ("none", "video", False, "none"),
        ("noimageai", "image", False, "noimageai"),
        ("noimageai", "audio", False, None),
        ("noimageindex", "image", True, "noimageindex"),
        ("noimageindex", "image", False, None),
        ("index, nofollow, noarchive", "image", True, None),
    ],
)
def test_a_directive_forbids_what_it_is_about(
    directives: str, modality: str, on_page: bool, word: str | None
) -> None:
    assert forbidden_use(meta_directives(directives), modality, on_page=on_page) == word


def robots(status: int | None, reason: str | None = None, sha256: str | None = None) -> Reply:
    return Reply(
        "robots", "http://h/robots.txt", "", "2027-01-01T00:00:00+00:00", "http://h/robots.txt",
        status=status, reason=reason, detail=reason and "so it was", sha256=sha256,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "refused_for"),
    [
        (robots(200, sha256="0"), None),
        (robots(401, "http_status"), None),
        (robots(404, "http_status"), None),
        (robots(429, "http_status"), "robots_forbid"),
        (robots(500, "http_status"), "robots_forbid"),
        (robots(302, "too_many_redirects"), "robots_forbid"),
        (robots(204, "http_status"), "robots_forbid"),
        (robots(None, "connection_failed"), "connection_failed"),
        (robots(None, "timed_out"), "timed_out"),
        (robots(None, "address_refused"), "address_refused"),
    ],
)
def test_a_robots_txt_that_cannot_be_had_forbids_and_one_that_is_not_there_does_not(
    reply: Reply, refused_for: str | None
) -> None:
    fault = to_rules(reply, ROBOTS).fault
    assert (fault and fault.reason) == refused_for


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (b"", True),
        (b"User-agent: *\nDisallow: /a\n", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: Modalweave\nAllow: /\n", True),
        (b"User-agent: *\nAllow: /\n\nUser-agent: MODALWEAVE\nDisallow: /a\n", False),
        (b"User-agent: *\nDisallow: /\nAllow: /a.png\n", True),
        (b"User-agent: *\nDisallow: /*.png$\n", False),
        (b"<html>there is no such page</html>", True),
        (b"\xff\xfe\x00\x01 not text", True),
    ],
)
def test_the_rules_are_those_for_us_or_else_for_everybody(text: bytes, allowed: bool) -> None:
    parser = to_rules(robots(200, sha256="0"), text).parser
    assert parser is not None
    assert parser.can_fetch("http://h/a.png", "modalweave") is allowed
