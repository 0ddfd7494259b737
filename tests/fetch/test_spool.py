"""What came so far, after whatever happened to the file that it is written down in."""

from pathlib import Path

import pytest

from tasks.core.errors import RepositoryBusyError
from tasks.fetch.errand import PageFacts, Reply
from tasks.fetch.spool import Spool

PAGE = PageFacts(("http://h/b",), (("http://h/a.png", "image"),), (), ("noai",), None, "http://h/cc")
REPLY = Reply("page", "http://h/", "crawl 0", "2027-01-01T00:00:00+00:00", redirects=("http://h",), page=PAGE)
OTHER = Reply("media", "http://h/a.png", "", "2027-01-01T00:00:00+00:00", sha256="0" * 64, size=3)


def test_what_is_written_down_is_read_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write_down(REPLY)
    spool.write_down(OTHER)
    assert Spool(tmp_path).replies == {REPLY.key: REPLY, OTHER.key: OTHER}


@pytest.mark.parametrize(
    "line",
    ['{"kind":"media","url":"cut o', "null\n", '{"kind":"media"}\n', '{"newer":1}\n', "[[[\n", "\x00\n"],
)
def test_a_broken_line_costs_what_it_answered(tmp_path: Path, line: str) -> None:
    spool = Spool(tmp_path)
    spool.write_down(REPLY)
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write(line)
    again = Spool(tmp_path)
    again.come_to_terms("terms", lambda reply: True)
    again.write_down(OTHER)
    assert Spool(tmp_path).replies == {REPLY.key: REPLY, OTHER.key: OTHER}


def test_under_other_terms_only_what_may_be_kept_is(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.come_to_terms("first", lambda reply: False)
    spool.write_down(REPLY)
    spool.write_down(OTHER)
    for name in ("0" * 64, "1" * 64, "x.partial"):
        spool.body(name).write_bytes(b"abc")
    same = Spool(tmp_path)
    same.come_to_terms("first", lambda reply: False)
    assert same.replies.keys() == {REPLY.key, OTHER.key}
    other = Spool(tmp_path)
    other.come_to_terms("second", lambda reply: reply.kind == "media")
    assert Spool(tmp_path).replies == {OTHER.key: OTHER}
    assert [path.name for path in (tmp_path / "bodies").iterdir()] == ["0" * 64]


def test_only_one_process_writes(tmp_path: Path) -> None:
    with (
        Spool(tmp_path).held(),
        pytest.raises(RepositoryBusyError, match="another process downloads into"),
        Spool(tmp_path).held(),
    ):
        pass
