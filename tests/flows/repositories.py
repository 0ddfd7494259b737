"""Repositories with flows in them: the project's own pipeline, or a toy whose stages take no time."""

import shutil
from pathlib import Path

import yaml

from flows.command import DVC, run_command, silent
from tests.conftest import PROJECT

BATCH_FILE = """\
about: Two sentences
license: CC0-1.0
sources:
  - {kind: files, path: .}
align: {method: key, reference: text}
"""
TOY_STAGE = "toy_stage.py"


class FlowRepository:
    """A git and DVC repository with flows, in which commands are run as a user would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.batches = root / "data" / "batches"
        self.lock = root / "dvc.lock"

    def git(self, *arguments: str) -> str:
        return run_command(self.root, ["git", *arguments], silent)

    def dvc(self, *arguments: str) -> str:
        return run_command(self.root, [*DVC, *arguments], silent)

    def is_clean(self) -> bool:
        return "up to date" in self.dvc("status")

    def is_up_to_date(self, stage: str) -> bool:
        return "up to date" in self.dvc("status", stage)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "By hand")

    def copy_to(self, root: Path) -> "FlowRepository":
        shutil.copytree(self.root, root, symlinks=True)
        return FlowRepository(root)


def make_repository(root: Path) -> FlowRepository:
    """The project as it is in git, without a batch and never built."""
    root.mkdir()
    for name in ("tasks", "flows", "expectations"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("models", "data/released"):
        (root / name).mkdir(parents=True)
    for name in ("dvc.yaml", "params.yaml", "prefect.yaml", ".gitignore", ".dvcignore", "models/README.md"):
        shutil.copy(PROJECT / name, root / name)
    shutil.copy(PROJECT / "data/released/README.md", root / "data/released")
    repository = FlowRepository(root)
    repository.batches.mkdir(parents=True)
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.git("config", "user.name", "Tester")
    repository.git("config", "user.email", "tester@example.org")
    repository.dvc("init", "--quiet")
    return repository


def make_toy(root: Path) -> FlowRepository:
    """The project with its stages' folders and order, but with toys for stages, and one batch."""
    repository = make_repository(root)
    pipeline = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))
    for name, stage in pipeline["stages"].items():
        stage["cmd"] = f"python {TOY_STAGE} {name}"
        stage["deps"] = [TOY_STAGE, *(dep for dep in stage["deps"] if dep.startswith("data/"))]
        del stage["params"]
    (root / "dvc.yaml").write_text(yaml.safe_dump(pipeline, sort_keys=False), encoding="utf-8")
    shutil.copy(Path(__file__).with_name(TOY_STAGE), root / TOY_STAGE)
    write_batch(repository.batches / "first")
    repository.commit()
    return repository


def write_batch(folder: Path) -> None:
    """A batch that the core accepts and every toy stage takes."""
    folder.mkdir(parents=True)
    (folder / "words.txt").write_text(f"the words of {folder.name}\n", encoding="utf-8")
    (folder / "batch.yaml").write_text(BATCH_FILE, encoding="utf-8")
