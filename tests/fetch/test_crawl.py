"""A crawl of a small site: which pages are read, which media are found, and on what terms."""

import json

import pytest

from tasks.core.errors import InvalidBatchesError
from tests.conftest import Repository
from tests.fetch.conftest import batch_file, items, picture, responses
from tests.fetch.website import Website, redirect

LICENSE = "https://creativecommons.org/licenses/by/4.0/"


def html(head: str = "", body: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def crawl(site: Website, more: str = "", start: str = "/") -> str:
    return f"{{kind: crawl, start: ['{site.url(start)}'], allow_private: [localhost]{more}}}"


def read_pages(repository: Repository, site: Website) -> list[str]:
    found = responses(repository, "web")
    return sorted(url.removeprefix(site.url("")) for kind, url, _ in found if kind == "page")


def found_media(repository: Repository) -> dict[str, str | None]:
    """The error of every item, by its path on the site."""
    repository.run("fetch", "collect")
    return {"/" + name.split("/", 1)[1]: row["error"] for name, row in items(repository, "web").items()}


@pytest.fixture
def pictures(site: Website) -> Website:
    for number in range(10):
        site.serve(f"/{number}.png", picture(number))
    return site


def page(site: Website, path: str, head: str = "", body: str = "", **headers: str) -> None:
    site.serve(path, html(head, body), "text/html; charset=utf-8", **headers)


def test_pages_are_followed_in_circles_once_each_and_media_found_once(
    hurried: Repository, pictures: Website
) -> None:
    page(pictures, "/", body="<img src=0.png><a href=/a>a</a><a href='/#top'>top</a><a href=/1.png>big</a>")
    page(pictures, "/a", body="<img src=0.png><a href=/>back</a><a href=/a>self</a><a href=/deep/>deep</a>")
    page(pictures, "/deep/", body="<img src='../2.png'>")
    hurried.add_batch("web", batch_file(crawl(pictures)))
    assert found_media(hurried) == {"/0.png": None, "/1.png": None}
    assert read_pages(hurried, pictures) == ["/", "/a"]
    assert {pictures.count(asked.path) for asked in pictures.asked} == {1}


def test_depth_and_pages_bound_the_crawl_and_what_is_left_out_is_named(
    hurried: Repository, pictures: Website
) -> None:
    page(pictures, "/", body="".join(f"<a href=/p{n}>p</a>" for n in range(5)))
    for number in range(5):
        page(pictures, f"/p{number}", body=f"<img src=/{number}.png>")
    hurried.add_batch("web", batch_file(crawl(pictures, ", pages: 3, depth: 4")))
    assert found_media(hurried) == {"/0.png": None, "/1.png": None}
    outside = {key[1]: row["detail"] for key, row in responses(hurried, "web").items() if key[0] == "outside"}
    assert outside == {pictures.url(f"/p{n}"): "the crawl reads 3 pages at most" for n in (2, 3, 4)}


def test_every_way_to_show_media_counts(hurried: Repository, pictures: Website) -> None:
    page(
        pictures,
        "/",
        head="<base href='/sub/'>",
        body="<img srcset='/0.png 1x, /1.png 2x' src=/2.png>"
        "<picture><source srcset='/3.png 800w'><img src='../4.png'></picture>"
        "<audio><source src=/a.ogg><source src=/a.mp3></audio><video src=/v.mp4></video>"
        "<a href=/s.flac>sound</a><img><img src=''><img src='data:image/png;base64,AAAA'>",
    )
    hurried.add_batch("web", batch_file(crawl(pictures, ", depth: 0")))
    assert sorted(found_media(hurried)) == ["/1.png", "/4.png", "/a.ogg", "/s.flac", "/v.mp4"]


def test_only_the_wanted_modalities_are_asked_for_and_bytes_decide(
    hurried: Repository, pictures: Website
) -> None:
    page(
        pictures, "/", body="<img src=/0.png><img src=/page><audio src=/a.ogg></audio><a href=/scan>scan</a>"
    )
    page(pictures, "/page", body="no picture")
    pictures.serve("/scan", picture(5), "image/png")
    hurried.add_batch("web", batch_file(crawl(pictures, ", media: [image]")))
    assert found_media(hurried) == {
        "/0.png": None,
        "/page": "unknown_media: expected image, its bytes are text/plain",
        "/scan": None,
    }


def test_what_pages_forbid_is_not_asked_for(hurried: Repository, pictures: Website) -> None:
    page(pictures, "/", body="<img src=/0.png>" + "".join(f"<a href=/p{n}>p</a>" for n in range(1, 6)))
    page(pictures, "/p1", "<meta name=robots content='noai, nofollow'>", "<img src=/1.png><a href=/p9>x</a>")
    page(pictures, "/p2", "<meta name=ROBOTS content=NOIMAGEAI>", "<img src=/2.png><a href=/s.flac>s</a>")
    page(pictures, "/p3", "<meta name=modalweave content=noindex>", "<img src=/3.png>")
    page(pictures, "/p4", body="<img src=/4.png>", X_Robots_Tag="noai")
    page(pictures, "/p5", "<meta name=otherbot content=noai>", "<img src=/5.png><img src=/1.png>")
    hurried.add_batch("web", batch_file(crawl(pictures, ", depth: 3")))
    site = pictures.url("")
    assert found_media(hurried) == {
        "/0.png": None,
        "/1.png": f"use_forbidden: {site}/p1 says noai",
        "/2.png": f"use_forbidden: {site}/p2 says noimageai",
        "/3.png": f"use_forbidden: {site}/p3 says noindex",
        "/4.png": f"use_forbidden: {site}/p4 says noai",
        "/5.png": None,
        "/s.flac": "http_status: the server answered with status 404",
    }
    assert [pictures.count(f"/{n}.png") for n in range(6)] == [1, 0, 0, 0, 0, 1]
    assert pictures.count("/p9") == 0


def test_nofollow_canonical_and_robots_txt_are_honoured(hurried: Repository, pictures: Website) -> None:
    pictures.serve("/robots.txt", b"User-agent: *\nDisallow: /closed\n", "text/plain")
    page(
        pictures,
        "/",
        body="<a rel='nofollow noopener' href=/not>n</a><a href=/copy?a=1>c</a><a href=/copy?a=2>c</a>"
        "<a href=/closed>c</a><img src=/closed.png>",
    )
    for query in ("?a=1", "?a=2"):
        page(pictures, f"/copy{query}", "<link rel=canonical href=/original>", "<img src=/0.png>")
    page(pictures, "/original", "<link rel=canonical href=/original>", "<img src=/1.png>")
    hurried.add_batch("web", batch_file(crawl(pictures)))
    forbidden = f"robots_forbid: {pictures.url('/robots.txt')} forbids {pictures.url('/closed.png')}"
    assert found_media(hurried) == {"/1.png": None, "/closed.png": forbidden}
    assert read_pages(hurried, pictures) == ["/", "/closed", "/copy?a=1", "/copy?a=2", "/original"]
    assert [pictures.count(path) for path in ("/not", "/closed", "/closed.png")] == [0, 0, 0]


def test_other_hosts_are_not_asked_and_what_they_show_is_named(
    hurried: Repository, pictures: Website
) -> None:
    other = pictures.url("/1.png", "127.0.0.1")
    page(
        pictures,
        "/",
        body=f"<img src='{other}'><a href='{pictures.url('/', '127.0.0.1')}'>x</a><a href=/out>o</a>",
    )
    pictures.answers["/out"] = redirect(pictures.url("/away", "127.0.0.1"))
    hurried.add_batch("web", batch_file(crawl(pictures)))
    assert found_media(hurried) == {}
    rows = responses(hurried, "web")
    shown = rows["outside", other, "crawl 0"]["detail"]
    assert shown == f"{pictures.url('/')} shows it, and `hosts` does not name 127.0.0.1"
    assert rows["page", pictures.url("/out"), "crawl 0"]["reason"] == "address_refused"
    assert {asked.host for asked in pictures.asked} == {f"localhost:{pictures.port}"}


def test_an_item_keeps_its_page_and_the_licence_that_the_page_tells(
    hurried: Repository, pictures: Website
) -> None:
    page(pictures, "/gallery/", body=f"<img src=/0.png><a rel=license href='{LICENSE}'>CC BY</a>")
    hurried.add_batch("web", batch_file(crawl(pictures, ", session: '{page}', role: photo", "/gallery/")))
    hurried.run("fetch", "collect")
    (row,) = items(hurried, "web").values()
    evidence = json.loads(row["retrieval"])
    stored = responses(hurried, "web")["page", pictures.url("/gallery/"), "crawl 0"]
    assert (row["license"], row["role"]) == (LICENSE, "photo")
    assert row["session"] == f"localhost:{pictures.port}/gallery/index"
    assert evidence["page"] == pictures.url("/gallery/")
    assert evidence["page_sha256"] == stored["sha256"]
    shard = (hurried.data / "fetched/web" / stored["shard"]).read_bytes()
    kept = shard[stored["offset"] : stored["offset"] + stored["size"]]
    assert kept == html(body=f"<img src=/0.png><a rel=license href='{LICENSE}'>CC BY</a>")


def test_sitemaps_name_pages_and_further_sitemaps(hurried: Repository, pictures: Website) -> None:
    entry = "<{0}><loc>{1}</loc></{0}>"
    space = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    index = entry.format("sitemap", pictures.url("/map.xml")) + entry.format(
        "sitemap", "http://other.invalid/m.xml"
    )
    pages = entry.format("url", pictures.url("/a")) + entry.format("url", "http://other.invalid/b")
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>"
    pictures.serve("/index.xml", f"<sitemapindex {space}>{index}</sitemapindex>".encode(), "text/xml")
    pictures.serve("/map.xml", f"<urlset {space}>{pages}</urlset>".encode(), "text/xml")
    pictures.serve("/bomb.xml", bomb.encode(), "text/xml")
    page(pictures, "/a", body="<img src=/0.png>")
    maps = f"'{pictures.url('/index.xml')}', '{pictures.url('/bomb.xml')}'"
    hurried.add_batch("web", batch_file(f"{{kind: crawl, sitemaps: [{maps}], allow_private: [localhost]}}"))
    assert found_media(hurried) == {"/0.png": None}
    assert responses(hurried, "web")["sitemap", pictures.url("/bomb.xml"), "crawl 0"]["reason"] == "malformed"


def test_a_crawl_needs_a_beginning(repository: Repository) -> None:
    repository.add_batch("web", batch_file("{kind: crawl, hosts: [example.org]}"))
    with pytest.raises(InvalidBatchesError, match="expected start pages or sitemaps to begin with"):
        repository.run("fetch")
