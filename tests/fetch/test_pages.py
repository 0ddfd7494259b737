"""Pages as strangers write them: odd encodings, odd markup, far too much of everything."""

import gzip
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.fetch.errand import FetchFaultError, PageFacts
from tasks.fetch.pages import read_page, read_sitemap

URL = "http://h/a/page"
HTML = {"Content-Type": "text/html"}


def read(body: bytes, content_type: str = "text/html") -> PageFacts:
    return read_page(URL, {"Content-Type": content_type}, body, ())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<img src='ü.png'>".encode(), "text/html; charset=utf-8"),
        ("<img src='ü.png'>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ("<meta charset=latin-1><img src='ü.png'>".encode("latin-1"), "text/html"),
        ("\ufeff<img src='ü.png'>".encode("utf-16-le"), "text/html"),
        (b"<P><IMG SRC=&#xfc;.png><TABLE", "text/html"),
        (b"<img src=' \n%C3%BC.png\t'><svg><img", "text/html; charset=nonsense"),
    ],
)
def test_a_picture_is_found_in_any_encoding_and_in_poor_markup(body: bytes, content_type: str) -> None:
    assert read(body, content_type).media == (("http://h/a/%C3%BC.png", "image"),)


@pytest.mark.parametrize(
    ("srcset", "largest"),
    [
        ("a.png 1x, b.png 2x", "b.png"),
        ("a.png 300w, b.png 200w", "a.png"),
        ("a.png", "a.png"),
        ("a.png, b.png 1.5x", "b.png"),
        ("a,1.png 1x,\n b,2.png 2x", "b,2.png"),
    ],
)
def test_the_largest_picture_of_a_srcset_is_taken(srcset: str, largest: str) -> None:
    (media,) = read(f"<img src=small.png srcset='{srcset}'>".encode()).media
    assert media == (f"http://h/a/{largest}", "image")


def test_a_licence_counts_when_only_one_is_told() -> None:
    one, other = "<a rel='license nofollow' href=/cc>x</a>", "<link rel=license href=/by>"
    assert read(one.encode()).license == "http://h/cc"
    assert read((one + other).encode()).license is None


def test_links_that_are_no_address_are_left() -> None:
    hrefs = [
        "javascript:x()",
        "mailto:a@b",
        "data:text/html,x",
        "ftp://h/a",
        "http://me:me@h/",
        "http://[",
        "#top",
    ]
    body = "".join(f"<a href='{href}'>x</a>" for href in hrefs)
    assert read(body.encode()).links == (URL,)


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 400_000,
        b"<a href=x " + b"a=1 " * 200_000,
        b"<img srcset='" + b"a 1x, " * 200_000 + b"'>",
        b"<meta name=robots content='" + b"noai," * 100_000 + b"'>",
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><p>&b;",
        bytes(range(256)) * 100,
        b"",
    ],
    ids=["deep", "attributes", "srcset", "robots", "entities", "bytes", "empty"],
)
def test_too_much_of_anything_is_read_all_the_same(body: bytes) -> None:
    assert isinstance(read(body), PageFacts)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["text/html", "text/html; charset=utf-16", "x", ""]))
def test_no_bytes_break_the_reader_of_pages(body: bytes, content_type: str) -> None:
    assert isinstance(read(b"<html><a href='" + body, content_type), PageFacts)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader_of_sitemaps(body: bytes) -> None:
    for sitemap in (body, b"<urlset><url><loc>" + body, b"\x1f\x8b" + body):
        with suppress(FetchFaultError):
            assert isinstance(read_sitemap(URL, sitemap), PageFacts)


def test_a_sitemap_may_be_packed_but_not_without_end() -> None:
    text = b"<urlset><url><loc> http://h/a </loc></url><url><loc>b</loc></url></urlset>"
    assert read_sitemap(URL, gzip.compress(text)).links == ("http://h/a", "http://h/a/b")
    with pytest.raises(FetchFaultError, match="unpacks to more than 52428800 bytes"):
        read_sitemap(URL, gzip.compress(bytes(60_000_000)))
