"""A small repository of its own for every test that runs stages."""

import json
import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from tasks.core.batch import read_batches
from tasks.core.errors import ModalweaveError
from tasks.core.stage import run_stage

PROJECT = Path(__file__).resolve().parents[1]
CORPORA = PROJECT.parent / "shared" / "corpora"


class BatchRefusedError(ModalweaveError):
    """A stage refused a batch of the test."""


class Repository:
    """A folder with the project's pipeline in it and batches of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        (self.data / "batches").mkdir(parents=True)
        for name in ("dvc.yaml", "params.yaml"):
            shutil.copy(PROJECT / name, root / name)
        for name in ("tasks", "expectations"):
            (root / name).symlink_to(PROJECT / name)

    def add_batch(self, name: str, batch_file: str, files: Mapping[str, bytes] | None = None) -> Path:
        """Deliver a batch: its batch.yaml and files by relative path."""
        folder = self.data / "batches" / name
        folder.mkdir()
        (folder / "batch.yaml").write_text(batch_file, encoding="utf-8")
        for path, payload in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(payload)
        return folder

    def run(self, *stages: str, may_refuse: bool = False) -> str:
        """Run the stages in this process; the summary line of the last. Before `collect` comes `fetch`.

        A batch that is refused is an error here, so that no test goes on without it unawares.
        """
        summary = ""
        for stage in stages:
            if not may_refuse:
                read_batches(self.data / "batches")
            if stage == "collect" and "fetch" not in stages:
                run_stage(import_module("tasks.fetch").STAGE, self.root)
            summary = run_stage(import_module(f"tasks.{stage}").STAGE, self.root)
            refusals = sorted(self.data.glob("*/*/refusal.json"))
            if refusals and not may_refuse:
                raise BatchRefusedError(json.loads(refusals[0].read_text(encoding="utf-8"))["message"])
        return summary

    def set_param(self, old: str, new: str) -> None:
        """Replace one line's text in params.yaml."""
        path = self.root / "params.yaml"
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"params.yaml does not contain {old!r}")
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository with the project's stages."""
    return Repository(tmp_path)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real data, or a skip that says it is not here."""
    if not CORPORA.is_dir():
        pytest.skip("the corpora of ../shared are not on this machine")
    return CORPORA
