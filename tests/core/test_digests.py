import os
from pathlib import Path

import pytest

from tasks.core.digests import DIGESTS_FILE, Digests

LONG_AGO_S = 1_000_000_000


def test_a_tree_is_its_paths_and_bytes_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / "a").write_bytes(b"a")
        (tmp_path / name / "sub-a").write_bytes(b"b")
    digests = Digests(tmp_path)
    assert digests.of_tree(tmp_path / "one") == digests.of_tree(tmp_path / "two")
    (tmp_path / "two" / "sub-a").rename(tmp_path / "two" / "sub-b")
    assert digests.of_tree(tmp_path / "one") != digests.of_tree(tmp_path / "two")


def test_a_file_changed_just_now_is_read_again(tmp_path: Path) -> None:
    digests = Digests(tmp_path)
    (tmp_path / "a").write_bytes(b"before")
    before = digests.of_file(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"behind")
    assert digests.of_file(tmp_path / "a") != before


@pytest.mark.parametrize("memory", ["", "[]", '{"a": [[1, 2, 3, 4], "5"]}', "no JSON"])
def test_a_broken_memory_costs_time_and_nothing_else(tmp_path: Path, memory: str) -> None:
    (tmp_path / "a").write_bytes(b"a")
    os.utime(tmp_path / "a", (LONG_AGO_S, LONG_AGO_S))
    expected = Digests(tmp_path).of_file(tmp_path / "a")
    (tmp_path / DIGESTS_FILE).write_text(memory)
    digests = Digests(tmp_path)
    assert digests.of_file(tmp_path / "a") == expected
    digests.save()
    assert Digests(tmp_path).of_file(tmp_path / "a") == expected
