"""What counts as a change of a stage's code: what its imports reach, and not what Python passes over."""

from pathlib import Path

import pytest

from tasks.core.digests import Digests
from tasks.core.source_code import SourceCode
from tests.conftest import PROJECT
from tests.test_architecture import STAGES, loaded_files

MODULE = '''\
"""What it is."""

from tasks.core import shared

TEXT = """
one  # not a comment
"""


def told():
    """What comes back."""
    return shared.WORD  # why
'''
MEANS_NOTHING = [
    ("What it is.", "What it was,\n\nand more."),
    ("What comes back.", "Something else comes back."),
    ("# why", "# because"),
    ("\n\n\ndef", "\n\n\n\n# a heading\ndef"),
]
MEANS_SOMETHING = [("WORD", "OTHER"), ("not a comment", "changed"), ("\none", "\n\none")]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A stage that imports one module of the core; another module and another stage are beside it."""
    folder = tmp_path / "tasks"
    for name in ("core", "first", "second"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    (folder / "first" / "work.py").write_text(MODULE)
    (folder / "core" / "shared.py").write_text("def late():\n    from tasks.core.deep import WORD\n")
    (folder / "core" / "deep.py").write_text("WORD = 1\n")
    return folder


def digest(package: Path, stage: str = "first") -> str:
    code = SourceCode(package.parent, Digests(package.parent), package)
    found = code.digest(stage)
    code.save()
    return found


def replace(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(("old", "new"), MEANS_NOTHING)
def test_comments_docstrings_and_blank_lines_mean_nothing(package: Path, old: str, new: str) -> None:
    before = digest(package)
    replace(package / "first/work.py", old, new)
    assert digest(package) == before


@pytest.mark.parametrize(("old", "new"), MEANS_SOMETHING)
def test_all_else_means_something_within_strings_too(package: Path, old: str, new: str) -> None:
    before = digest(package)
    replace(package / "first/work.py", old, new)
    assert digest(package) != before


def test_a_module_that_is_imported_late_by_another_counts_for_those_that_reach_it(package: Path) -> None:
    before = digest(package), digest(package, "second")
    replace(package / "core/deep.py", "1", "2")
    after = digest(package), digest(package, "second")
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_a_template_beside_the_stage_counts(package: Path) -> None:
    before = digest(package)
    (package / "first" / "page.html.j2").write_text("<p></p>")
    assert digest(package) != before


def test_a_broken_memory_is_forgotten(package: Path) -> None:
    before = digest(package)
    (package.parent / ".digests-code.json").write_text('{"a": [1]')
    assert digest(package) == before


@pytest.mark.parametrize("stage", STAGES)
def test_every_file_that_a_stage_of_ours_can_load_is_reached(tmp_path: Path, stage: str) -> None:
    reached = {
        path.relative_to(PROJECT).as_posix()
        for path in SourceCode(tmp_path, Digests(tmp_path)).reached(stage)
    }
    assert loaded_files(stage) <= reached
