import re
import shutil
from pathlib import Path

import pytest

from flows.command import silent
from flows.git import git
from flows.repository import repository_name


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    root = tmp_path / "birds of Kent"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "config", "user.name", "Tester")
    git(root, "config", "user.email", "tester@example.org")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Start", log=silent)
    return root


def test_a_repository_keeps_the_name_that_it_was_given(birds: Path) -> None:
    name = repository_name(birds)
    assert re.fullmatch(r"birds-of-Kent-[0-9a-f]{8}", name)
    assert repository_name(birds) == name
    assert git(birds, "status", "--porcelain") == ""


def test_a_moved_repository_keeps_its_name_even_where_the_folder_is_called_otherwise(birds: Path) -> None:
    name = repository_name(birds)
    moved = birds.rename(birds.parent / "fish")
    assert repository_name(moved) == name


def test_a_clone_a_copy_and_a_working_tree_have_names_of_their_own(birds: Path) -> None:
    name = repository_name(birds)
    git(birds.parent, "clone", "--quiet", f"{birds}", "clone")
    git(birds, "worktree", "add", "--quiet", f"{birds.parent / 'tree'}")
    shutil.copytree(birds, birds.parent / "copy")
    others = {repository_name(birds.parent / other) for other in ("clone", "tree", "copy")}
    assert len({name, *others}) == 4
    assert repository_name(birds) == name


def test_two_datasets_in_one_git_repository_have_two_names(birds: Path) -> None:
    (birds / "a").mkdir()
    (birds / "b").mkdir()
    assert repository_name(birds / "a").startswith("a-")
    assert repository_name(birds / "b").startswith("b-")


def test_without_git_the_folder_s_path_has_to_do(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert repository_name(tmp_path) == repository_name(tmp_path)
    assert repository_name(tmp_path) != repository_name(tmp_path / "other")
