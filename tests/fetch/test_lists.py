"""Addresses in lists and tables: what of each row becomes of its item, and what of a broken file."""

import pytest

from tasks.core.errors import ConfigError, InvalidBatchesError
from tasks.fetch import downloading
from tests.conftest import BatchRefusedError, Repository
from tests.fetch.conftest import batch_file, items, picture
from tests.fetch.website import Website

PRIVATE = "allow_private: [localhost]"


@pytest.fixture
def pictures(site: Website) -> Website:
    for number in range(3):
        site.serve(f"/set/{number}.png", picture(number))
    return site


def test_a_table_of_addresses_gives_ids_licences_and_sessions(hurried: Repository, pictures: Website) -> None:
    rows = [f"cat-{n},{pictures.url(f'/set/{n}.png')},{('CC-BY-4.0', '')[n % 2]},s{n}" for n in range(3)]
    table = "\n".join(["name,where,licence,visit", *rows, "cat-3,,CC0-1.0,s3", "cat-4,ftp://h/a,,s4"])
    options = "url: where, id: name, license: licence, session: '{visit} of {host}', role: photo"
    hurried.add_batch(
        "web", batch_file(f"{{kind: urls, path: l.csv, {options}, {PRIVATE}}}"), {"l.csv": table.encode()}
    )
    hurried.run("fetch", "collect")
    found = items(hurried, "web")
    assert {name: (row["license"], row["session"], row["width"]) for name, row in found.items()} == {
        "l.csv#cat-0": ("CC-BY-4.0", "s0 of localhost", 40),
        "l.csv#cat-1": ("CC0-1.0", "s1 of localhost", 41),
        "l.csv#cat-2": ("CC-BY-4.0", "s2 of localhost", 42),
        "l.csv#cat-3": ("CC0-1.0", "s3 of ", None),
        "l.csv#cat-4": ("CC0-1.0", "s4 of ", None),
    }
    assert {row["role"] for row in found.values()} == {"photo"}
    assert found["l.csv#cat-0"]["source"] == pictures.url("/set/0.png")


def test_the_cells_of_a_table_may_be_paths_and_addresses(hurried: Repository, pictures: Website) -> None:
    remote_row = f"{pictures.url('/set/1.png')},2.5,CC-BY-4.0"
    table = f"media,time,terms\nown.png,1.5,\n{remote_row}\nhttp://me:secret@h/,3.5,\n"
    source = f"{{kind: table, path: t.csv, media: media, time: time, license: terms, {PRIVATE}}}"
    hurried.add_batch("web", batch_file(source), {"t.csv": table.encode(), "own.png": picture()})
    hurried.run("fetch", "collect")
    found = items(hurried, "web")
    remote = f"localhost:{pictures.port}/set/1.png"
    assert {name: (row["start_ns"], row["width"]) for name, row in found.items()} == {
        "own.png": (1_500_000_000, 40),
        remote: (2_500_000_000, 41),
        "t.csv#line 4": (3_500_000_000, None),
    }
    assert found[remote]["readable"]
    assert (found[remote]["license"], found["own.png"]["license"]) == ("CC-BY-4.0", "CC0-1.0")
    assert found[remote]["source"] == pictures.url("/set/1.png")
    assert found["t.csv#line 4"]["error"].startswith("address_refused: a user name or password")
    assert "secret" not in str(found)


def test_only_the_modalities_that_are_wanted_are_readable(hurried: Repository, site: Website) -> None:
    site.serve("/a", picture(), "application/octet-stream")
    site.serve("/b", b"only words", "text/plain")
    urls = f"{site.url('/a')}\n{site.url('/b')}\n".encode()
    source = f"{{kind: urls, path: list.txt, media: [image], {PRIVATE}}}"
    hurried.add_batch("web", batch_file(source), {"list.txt": urls})
    hurried.run("fetch", "collect")
    errors = {name.split("/")[1]: row["error"] for name, row in items(hurried, "web").items()}
    assert errors == {"a": None, "b": "unknown_media: expected image, its bytes are text/plain"}


@pytest.mark.parametrize(
    ("name", "options", "content", "error"),
    [
        ("l.txt", "", b"http://h/\xff\xfe", "malformed: expected UTF-8 text, got a byte that is none"),
        ("l.csv", ", url: wher", b"where\nhttp://h/a\n", "Did you mean 'where'?"),
        ("l.csv", ", url: where, id: x", b"where\nhttp://h/a\n", "expected a column 'x'"),
        ("l.parquet", ", url: where", b"PAR1 no more", "malformed: not Parquet"),
    ],
)
def test_a_list_that_cannot_be_read_is_an_item_that_says_so(
    hurried: Repository, name: str, options: str, content: bytes, error: str
) -> None:
    hurried.set_param("retries: 1 ", "retries: 0 ")
    hurried.add_batch("web", batch_file(f"{{kind: urls, path: {name}{options}}}"), {name: content})
    hurried.run("fetch", "collect")
    (row,) = items(hurried, "web").values()
    assert error in row["error"]


def test_a_list_of_nothing_is_a_batch_of_nothing(hurried: Repository) -> None:
    hurried.add_batch("web", batch_file("{kind: urls, path: l.txt}"), {"l.txt": b"# nothing yet\n"})
    assert hurried.run("fetch") == "fetch: 1 built, 0 unchanged"
    hurried.run("collect")
    assert items(hurried, "web") == {}


def test_columns_of_what_is_no_table_are_refused(repository: Repository) -> None:
    repository.add_batch("web", batch_file("{kind: urls, path: l.txt, id: name}"), {"l.txt": b""})
    with pytest.raises(InvalidBatchesError, match="say its column `url` too"):
        repository.run("fetch")


def test_a_pace_of_nothing_is_refused(hurried: Repository) -> None:
    hurried.set_param("requests_per_second: 500.0", "requests_per_second: 0")
    with pytest.raises(ConfigError, match="requests_per_second: expected more than 0, got 0"):
        hurried.run("fetch")


def test_without_scrapy_the_extra_is_named(hurried: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    hurried.add_batch("web", batch_file("{kind: urls, path: l.txt}"), {"l.txt": b"http://localhost:1/"})
    monkeypatch.setattr(downloading, "find_spec", lambda name: None)
    with pytest.raises(BatchRefusedError, match="make install EXTRAS=web"):
        hurried.run("fetch")
