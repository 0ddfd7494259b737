"""params.yaml as a whole, before the first stage does anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.core.declaration import ComputeParams
from tasks.core.errors import ModalweaveError
from tasks.core.params_check import CHECKED_FILE, STAGES, check_params
from tests.conftest import PROJECT, Repository


def checked(repository: Repository) -> None:
    check_params(repository.root, repository.data, ComputeParams)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "report:",
            "reprot:",
            r"params.yaml:\d+: unknown block 'reprot'; expected .* Did you mean 'report'\?",
        ),
        (
            "  pictures_per_batch: 6\n",
            "",
            r"params.yaml:\d+: report: the key 'pictures_per_batch' is missing: a who",
        ),
        (
            "pictures_per_batch: 6",
            "pictures_per_batch: -1",
            r"report: pictures_per_batch: expected 0 to 1000, got -1",
        ),
        ("recall_at: [1, 5, 10]", "recall_at: many", r"params.yaml:\d+: evaluate.recall_at: expected a list"),
        (
            "train_share: 0.7",
            "train_share: .nan",
            r"params.yaml:\d+: fuse.train_share: expected a number, got '.nan'",
        ),
        (
            "[parquet, webdataset]",
            "[parqet]",
            r"export: formats: no export format named 'parqet'.*'parquet'\?",
        ),
        ("hashed_words", "picture_layout", r"encode.text: 'picture_layout' encodes image; choose one of"),
        ("first_wait: 1s", "first_wait: 1", r"fetch.first_wait: a duration needs its unit, such as 1ms, 1s"),
        ("workers: -1", "workers: 0", r"compute: workers: expected -1 or 1 to 10000, got 0"),
        ("most_pixels: 200000000", "most_pixels: 0", r"collect: most_pixels: expected at least 1, got 0"),
        (
            "retries: 3",
            f"retries: {'9' * 5000}",
            r"fetch.retries: expected a whole number of fewer digits, got one of 5000",
        ),
    ],
)
def test_a_fault_in_any_block_is_told_before_the_first_stage(
    repository: Repository, old: str, new: str, message: str
) -> None:
    checked(repository)
    repository.set_param(old, new)
    with pytest.raises(ModalweaveError, match=message):
        checked(repository)


def test_the_first_stage_tells_the_fault_of_the_last_and_does_nothing(repository: Repository) -> None:
    repository.set_param("timelines_per_batch: 3", "timelines_per_batch: some")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    ran = subprocess.run(
        [sys.executable, "-m", "tasks.fetch"],
        cwd=repository.root,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert "report.timelines_per_batch: expected a whole number, got 'some'" in ran.stderr
    assert not (repository.data / "fetched").exists()


def test_what_was_found_right_is_not_asked_again(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(repository)
    assert (repository.data / CHECKED_FILE).is_file()
    monkeypatch.setattr("tasks.core.params_check.STAGES", ("no_such_stage",))
    checked(repository)


def test_the_stages_are_those_of_the_pipeline() -> None:
    folders = {path.parent.name for path in Path(PROJECT, "tasks").glob("*/__main__.py")}
    assert set(STAGES) <= folders
