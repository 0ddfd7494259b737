"""One list of addresses that behave in every way there is; what each becomes, and what the site saw of it."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Repository
from tests.fetch.conftest import LARGEST_FILE_BYTES, batch_file, hurry, items, picture
from tests.fetch.website import (
    Visit,
    Website,
    endless,
    in_turn,
    open_website,
    raw,
    redirect,
    reply,
    reset,
)

MEGABYTE = bytes(1_000_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
ROBOTS = b"User-agent: modalweave\nDisallow: /secret/\n\nUser-agent: *\nDisallow: /\n"
TRUNCATED = f"truncated: the connection ended after {len(picture())} bytes, before the body did"
FOREIGN = {
    "loopback by number": "http://127.0.0.1:{port}/good.png",
    "loopback as one number": "http://2130706433:{port}/good.png",
    "loopback in octal": "http://0177.0.0.1:{port}/good.png",
    "loopback in hexadecimal": "http://0x7f.1:{port}/good.png",
    "loopback of IPv6": "http://[::1]:{port}/good.png",
    "loopback mapped into IPv6": "http://[::ffff:127.0.0.1]:{port}/good.png",
    "a cloud's metadata": "http://169.254.169.254/latest/meta-data/",
    "a private network": "http://10.0.0.1/good.png",
    "a carrier's network": "http://100.64.0.1/good.png",
    "this network": "http://0.0.0.0:{port}/good.png",
}


@dataclass
class Fetched:
    """What was collected, by the path on the site or by the whole native id, and the sites."""

    site: Website
    sick: Website
    busy: Website
    rows: dict[str, dict[str, Any]]
    blocks_sent: dict[str, int]

    def row(self, path: str) -> dict[str, Any]:
        return self.rows[f"localhost:{self.site.port}{path}"]

    def error(self, path: str) -> str | None:
        error: str | None = self.row(path)["error"]
        return error and error.replace(str(self.site.port), "PORT")

    def evidence(self, path: str) -> dict[str, Any]:
        evidence: dict[str, Any] = json.loads(self.row(path)["retrieval"])
        return evidence


def stall(visit: Visit) -> None:
    visit.server.site.released.wait(20)  # type: ignore[attr-defined] # our server has it


def drip(visit: Visit) -> None:
    """A byte every now and then, for ever."""
    while not visit.server.site.released.wait(0.2):  # type: ignore[attr-defined] # our server has it
        visit.wfile.write(b"x")


def furnish(site: Website, blocks_sent: dict[str, int]) -> None:
    site.serve("/robots.txt", ROBOTS, "text/plain")
    for path in ("/good.png", "/secret/a.png", "/b%C3%AFld%20%C3%A9.png", "/name.png?size=2"):
        site.serve(path, picture(), "image/png")
    site.serve("/plain", picture(1), "text/plain")
    site.serve("/page.jpg", b"<html>Not found, sorry</html>", "image/jpeg")
    site.serve("/lie", b"<html>Please log in</html>", "image/png")
    site.serve("/packed.png", gzip.compress(picture(2)), Content_Encoding="gzip")
    halves = [picture(7)[:300], picture(7)[300:]]
    parts = b"".join(gzip.compress(half) for half in halves) + b"padding"
    site.serve("/parts.png", parts, Content_Encoding="x-gzip")
    site.serve("/bomb.png", gzip.compress(bytes(100_000_000)), Content_Encoding="gzip")
    site.serve("/brotli.png", b"\x0b\x02\x80hello\x03", Content_Encoding="br")
    site.serve("/no_gzip.png", picture(), Content_Encoding="gzip")
    site.serve("/noai.png", picture(), X_Robots_Tag="noai")
    site.serve("/noimageai", picture(), "application/octet-stream", X_Robots_Tag="noimageai")
    site.serve("/noindex.png", picture(), X_Robots_Tag="otherbot: none, modalweave: noindex")
    site.serve("/others.png", picture(3), X_Robots_Tag="otherbot: noai, noindex")
    site.answers["/empty.png"] = reply(200)
    site.answers["/hop.png"] = redirect("/hop2.png", 301)
    site.answers["/hop2.png"] = redirect("/good.png", 307)
    site.answers["/circle.png"] = redirect("/circle.png")
    site.answers["/to_private.png"] = redirect(site.url("/good.png", "127.0.0.1"))
    site.answers["/to_secret.png"] = redirect("/secret/a.png")
    site.answers["/to_file.png"] = redirect("file:///etc/passwd")
    site.answers["/gone.png"] = reply(410)
    site.answers["/busy_once.png"] = in_turn(reply(503), reply(200, picture(4)))
    site.answers["/busy.png"] = reply(503)
    site.answers["/come_back_later.png"] = reply(429, headers={"Retry-After": "86400"})
    site.answers["/reset.png"] = raw(b"", reset)
    site.answers["/reset_once.png"] = in_turn(raw(b"", reset), reply(200, picture(5)))
    site.answers["/no_http.png"] = raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    site.answers["/short.png"] = raw(HEAD + b"Content-Length: 999999\r\n\r\n" + picture())
    site.answers["/short_chunk.png"] = raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + picture())
    site.answers["/until_closed.png"] = raw(HEAD + b"Connection: close\r\n\r\n" + picture(6))
    site.answers["/silent.png"] = raw(b"", stall)
    site.answers["/stalls.png"] = raw(HEAD + b"Content-Length: 999999\r\n\r\n" + picture(), stall)
    site.answers["/drips.png"] = raw(HEAD + b"Content-Length: 999999\r\n\r\n", drip)
    head = HEAD + b"Content-Length: 10000000000\r\n\r\n"
    site.answers["/large.png"] = endless(MEGABYTE, 10_000, head, blocks_sent)
    site.answers["/larger.png"] = endless(MEGABYTE, 10_000, HEAD + b"Connection: close\r\n\r\n", blocks_sent)
    line = b"X-More: " + bytes(b"y" * 990) + b"\r\n"
    site.answers["/headers.png"] = endless(line * 1_000, 10_000, b"HTTP/1.1 200 OK\r\n", blocks_sent)


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetched]:
    blocks_sent: dict[str, int] = {}
    repository = hurry(Repository(tmp_path_factory.mktemp("answers")))
    repository.set_param("stall: 30s", "stall: 3s")
    repository.set_param("longest_download: 1h", "longest_download: 6s")
    with (
        open_website() as site,
        open_website() as sick,
        open_website() as busy,
        pytest.MonkeyPatch.context() as environment,
    ):
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            environment.setenv(name, site.url("/proxy"))
        furnish(site, blocks_sent)
        sick.answers |= {"/robots.txt": reply(500), "/a.png": reply(200, picture())}
        busy.answers |= {"/robots.txt": reply(429), "/a.png": reply(200, picture())}
        urls = [site.url(path) for path in site.answers if path not in ("/robots.txt", "/hop2.png")]
        urls += [site.url("/bïld é.png"), site.url("/good.png"), sick.url("/a.png"), busy.url("/a.png")]
        urls += [url.format(port=site.port) for url in FOREIGN.values()]
        urls += ["# a remark", "", "ftp://localhost/a.png", "http://me:secret@localhost/", "not an address"]
        listed = "{kind: urls, path: list.txt, allow_private: [localhost]}"
        repository.add_batch("web", batch_file(listed), {"list.txt": "\n".join(urls).encode()})
        repository.run("fetch", "collect")
        yield Fetched(site, sick, busy, items(repository, "web"), blocks_sent)


@pytest.mark.parametrize(
    ("path", "width"),
    [
        ("/good.png", 40),
        ("/plain", 41),
        ("/packed.png", 42),
        ("/others.png", 43),
        ("/parts.png", 47),
        ("/busy_once.png", 44),
        ("/reset_once.png", 45),
        ("/until_closed.png", 46),
        ("/hop.png", 40),
        ("/b%C3%AFld%20%C3%A9.png", 40),
        ("/name.png?size=2", 40),
    ],
)
def test_what_comes_whole_is_an_item_with_its_bytes(fetched: Fetched, path: str, width: int) -> None:
    row = fetched.row(path)
    assert (row["error"], row["width"], row["media_type"]) == (None, width, "image/png")
    assert row["source"] == fetched.site.url(path)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/page.jpg", "unknown_media: the server calls it image/jpeg, its bytes are text/plain"),
        ("/lie", "unknown_media: the server calls it image/png, its bytes are text/plain"),
        ("/empty.png", "file_empty: the file has no bytes"),
        ("/bomb.png", f"too_large: expected at most {LARGEST_FILE_BYTES} bytes, more came"),
        ("/large.png", f"too_large: expected at most {LARGEST_FILE_BYTES} bytes, it has 10000000000"),
        ("/larger.png", f"too_large: expected at most {LARGEST_FILE_BYTES} bytes, more came"),
        ("/brotli.png", "unreadable: its Content-Encoding 'br' was not asked for"),
        ("/noai.png", "use_forbidden: its X-Robots-Tag says noai"),
        ("/noimageai", "use_forbidden: its X-Robots-Tag says noimageai"),
        ("/noindex.png", "use_forbidden: its X-Robots-Tag says noindex"),
        ("/secret/a.png", "robots_forbid: http://localhost:PORT/robots.txt forbids http://localhost:PORT/secret/a.png"),
        ("/to_secret.png", "robots_forbid: http://localhost:PORT/robots.txt forbids http://localhost:PORT/secret/a.png"),
        ("/circle.png", "too_many_redirects: it still led on after 6 redirects, from http://localhost:PORT/circle.png"),
        ("/to_file.png", "http_status: the server answered with status 302"),
        ("/gone.png", "http_status: the server answered with status 410"),
        ("/busy.png", "http_status: the server answered with status 503"),
        ("/short.png", TRUNCATED),
        ("/short_chunk.png", TRUNCATED),
        ("/silent.png", "timed_out: no answer came within 3 s"),
        ("/stalls.png", f"timed_out: no byte came for 3 s, after {len(picture())} bytes of the body"),
        (
            "/to_private.png",
            "address_refused: '127.0.0.1' is at 127.0.0.1, in a network that is not public;"
            " name the host under allow_private if that is meant",
        ),
        (
            "/come_back_later.png",
            "http_status: status 429, and it asks to come back in 86400 s; try again then",
        ),
    ],
)  # fmt: skip
def test_what_does_not_come_is_an_item_with_the_reason(fetched: Fetched, path: str, error: str) -> None:
    assert fetched.error(path) == error
    assert not fetched.row(path)["readable"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/reset.png", "connection_failed"),
        ("/no_http.png", "connection_failed"),
        ("/headers.png", "connection_failed"),
        ("/drips.png", "timed_out"),
        ("/no_gzip.png", "unreadable"),
    ],
)
def test_what_breaks_in_the_words_of_others_has_its_reason(fetched: Fetched, path: str, reason: str) -> None:
    assert str(fetched.error(path)).startswith(f"{reason}: ")


@pytest.mark.parametrize("url", FOREIGN.values(), ids=FOREIGN)
def test_no_private_address_is_asked_however_it_is_written(fetched: Fetched, url: str) -> None:
    name = url.format(port=fetched.site.port).removeprefix("http://")
    row = fetched.rows[name + "index" if name.endswith("/") else name]
    assert str(row["error"]).startswith("address_refused: ")
    assert json.loads(row["retrieval"]).keys() == {"robots", "retrieved_at"}


def test_only_the_host_that_was_named_was_asked(fetched: Fetched) -> None:
    assert {asked.host for asked in fetched.site.asked} == {f"localhost:{fetched.site.port}"}


def test_lines_that_are_no_address_to_ask_for_are_items_too(fetched: Fetched) -> None:
    broken = {name: row["error"] for name, row in fetched.rows.items() if name.startswith("list.txt#")}
    assert [str(error).split(":")[0] for _, error in sorted(broken.items())] == ["address_refused"] * 3
    assert "secret" not in json.dumps(broken)


def test_an_address_that_is_listed_twice_is_asked_for_once(fetched: Fetched) -> None:
    assert fetched.site.count("/b%C3%AFld%20%C3%A9.png") == 1
    again = fetched.row("/b%C3%AFld%20%C3%A9.png~2")
    assert str(again["error"]).startswith("repeated: ")


def test_the_reason_of_a_refusing_robots_txt_is_told(fetched: Fetched) -> None:
    for site, status in ((fetched.sick, 500), (fetched.busy, 429)):
        row = fetched.rows[f"localhost:{site.port}/a.png"]
        answer = f"the server answered with status {status}"
        told = f"robots_forbid: {site.url('/robots.txt')} cannot be had ({answer}),"
        assert str(row["error"]).startswith(told)
        assert site.count("/a.png") == 0
        assert site.count("/robots.txt") == 2  # once more, as it could have been a moment's weakness


def test_what_robots_txt_forbids_is_not_asked_for(fetched: Fetched) -> None:
    assert fetched.site.count("/secret/a.png") == 0
    assert fetched.site.count("/robots.txt") == 1


def test_a_body_of_10_gb_is_hung_up_on(fetched: Fetched) -> None:
    # What was written and not read lies in the buffers of the two sockets, some megabytes.
    assert all(count < 60 for count in fetched.blocks_sent.values()), fetched.blocks_sent


def test_the_tries_are_as_many_as_params_say(fetched: Fetched) -> None:
    counts = {
        path: fetched.site.count(path) for path in ("/busy.png", "/reset.png", "/gone.png", "/circle.png")
    }
    assert counts == {"/busy.png": 2, "/reset.png": 2, "/gone.png": 1, "/circle.png": 6}


def test_the_site_is_told_who_asks_and_whom_to_write_to(fetched: Fetched) -> None:
    assert {asked.user_agent for asked in fetched.site.asked} == {"Modalweave/0.1 (+ada@example.org)"}


def test_the_evidence_of_an_item_tells_how_it_came(fetched: Fetched) -> None:
    evidence = fetched.evidence("/hop.png")
    retrieved_at, robots_sha256 = evidence.pop("retrieved_at"), evidence.pop("robots_sha256")
    assert retrieved_at.endswith("+00:00")
    assert len(robots_sha256) == 64
    assert evidence == {
        "final_url": fetched.site.url("/good.png"),
        "redirects": [fetched.site.url("/hop.png"), fetched.site.url("/hop2.png")],
        "address": "127.0.0.1",
        "status": 200,
        "content_type": "image/png",
        "robots": f"{fetched.site.url('/robots.txt')} was read",
    }
    assert fetched.evidence("/noai.png")["x_robots_tag"] == "noai"
