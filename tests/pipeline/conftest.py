"""Whole builds with DVC, in repositories of their own, each built once and shared."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PARTS = (
    *("tasks", "flows", "expectations", "models/README.md", "data/released/README.md"),
    *("dvc.yaml", "params.yaml", ".dvcignore", ".gitignore"),
)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "DVC_NO_ANALYTICS": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


@dataclass(frozen=True)
class Checkout:
    """A copy of the project with its own git, its own DVC and its own cache."""

    root: Path

    def run(self, *arguments: str, check: bool = True) -> str:
        """What the command prints; its exit code must be 0 unless `check` is off."""
        done = subprocess.run(
            arguments,
            cwd=self.root,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        printed = done.stdout + done.stderr
        if check and done.returncode:
            pytest.fail(f"{' '.join(arguments)} exited with {done.returncode}:\n{printed}")
        return printed

    def dvc(self, *arguments: str, check: bool = True) -> str:
        return self.run(sys.executable, "-m", "dvc", *arguments, check=check)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            arguments,
            cwd=self.root,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def commit(self, message: str) -> None:
        self.run("git", "add", ".")
        self.run("git", "commit", "-qm", message)

    def digests(self) -> dict[str, str]:
        """SHA-256 of dvc.lock and of every artifact below data/."""
        files = [path for path in (self.root / "data").rglob("*") if path.is_file()]
        made = [path for path in files if path.relative_to(self.root).parts[1] not in ("batches", ".partial")]
        kept = [path for path in made if path.relative_to(self.root).parts[1][0] != "."] + [
            self.root / "dvc.lock"
        ]
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(kept)
        }


def check_out(root: Path, batches: Path | None) -> Checkout:
    """The project as it stands, in an empty repository, with these batches."""
    for folder in ("models", "data/released"):
        (root / folder).mkdir(parents=True)
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / part)
    if batches is not None:
        shutil.copytree(batches, root / "data" / "batches")
    checkout = Checkout(root)
    checkout.run("git", "init", "-q", "-b", "main")
    checkout.dvc("init", "-q")
    shutil.copy(PROJECT / ".dvc" / "config", root / ".dvc" / "config")
    return checkout


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The bundled sample, built with `dvc repro` and committed."""
    checkout = check_out(tmp_path_factory.mktemp("bundled") / "project", PROJECT / "data" / "batches")
    checkout.dvc("repro")
    checkout.commit("the bundled sample")
    return checkout


@pytest.fixture
def copied(bundled: Checkout, tmp_path: Path) -> Iterator[Checkout]:
    """A copy of the built sample that a test may spoil."""
    root = tmp_path / "project"
    shutil.copytree(bundled.root, root, symlinks=True)
    yield Checkout(root)
    shutil.rmtree(root)
