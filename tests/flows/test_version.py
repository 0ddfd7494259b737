from pathlib import Path

import pytest

from flows.command import silent
from flows.errors import CommandError, UnrecordableError
from flows.git import git
from flows.version import record_version


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "config", "user.name", "Tester")
    git(tmp_path, "config", "user.email", "tester@example.org")
    for name in ("params.yaml", "dvc.lock", "data/metrics/tasks.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Start")
    return tmp_path


def test_the_first_version_is_tagged_even_where_all_is_committed(root: Path) -> None:
    assert record_version(root, {}, silent) == "dataset-1"
    assert git(root, "log", "--format=%s") == "Start"


def test_a_change_makes_the_next_version_and_commits_it_alone(root: Path) -> None:
    git(root, "tag", "dataset-9")
    git(root, "tag", "dataset-old")
    (root / "dvc.lock").write_text("2\n")
    (root / "data" / "batches").mkdir()
    (root / "data" / "batches" / "new one.dvc").write_text("outs\n")
    (root / "notes.txt").write_text("mine\n")
    git(root, "add", "notes.txt")
    assert record_version(root, {}, silent) == "dataset-10"
    assert git(root, "show", "--name-only", "--format=", "HEAD").splitlines() == [
        "data/batches/new one.dvc",
        "dvc.lock",
    ]
    assert git(root, "diff", "--cached", "--name-only") == "notes.txt"


def test_nothing_changed_makes_no_version(root: Path) -> None:
    assert record_version(root, {}, silent) == "dataset-1"
    assert record_version(root, {}, silent) is None


def test_a_commit_whose_tag_was_never_made_gets_it(root: Path) -> None:
    assert record_version(root, {}, silent) == "dataset-1"
    (root / "dvc.lock").write_text("2\n")
    git(root, "commit", "--quiet", "--all", "--message", "Killed before the tag")
    assert record_version(root, {}, silent) == "dataset-2"


def test_a_version_built_from_what_git_has_not_got_is_refused(root: Path) -> None:
    (root / "params.yaml").write_text("2\n")
    with pytest.raises(UnrecordableError, match=r"git has not got \['params.yaml'\] \(1 in all\)"):
        record_version(root, {}, silent)
    assert git(root, "tag") == ""


def test_git_s_own_words_come_through(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="git remote failed: fatal: not a git repository"):
        git(tmp_path, "remote")
