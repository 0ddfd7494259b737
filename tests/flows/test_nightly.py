"""Nights from the inbox to a clone of what was pushed, one after the other in one repository."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.prefect_server import Api, Run, serving, wait_for
from tests.flows.repositories import FlowRepository, write_batch


class Night:
    """A repository with remotes and an inbox, and the run of its first night."""

    def __init__(self, repository: FlowRepository, inbox: Path, run: Run) -> None:
        self.repository = repository
        self.inbox = inbox
        self.run = run


@pytest.fixture(scope="module")
def night(built_toy: FlowRepository, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    repository = built_toy.copy_to(folder / "repository")
    repository.git("init", "--quiet", "--bare", "--initial-branch", "main", f"{folder / 'bare.git'}")
    repository.git("remote", "add", "origin", f"{folder / 'bare.git'}")
    repository.dvc("remote", "add", "--default", "store", f"{folder / 'store'}")
    repository.git("commit", "--quiet", "--message", "Where the data go", "--", ".dvc/config")
    (repository.root / "notes.txt").write_text("not finished\n")
    repository.git("add", "notes.txt")
    inbox = folder / "inbox"
    write_batch(inbox / "second")
    write_batch(inbox / ".arriving")
    (inbox / "empty").mkdir()
    write_batch(inbox / "wrong")
    (inbox / "wrong" / "batch.yaml").write_text("abuot: a misspelt key\n")
    with serving(repository, api):
        yield Night(repository, inbox, api.run("nightly", inbox=f"{inbox}", push=True))


def test_the_state_names_the_version_and_what_was_refused(night: Night) -> None:
    state = night.run["state"]
    assert (state["type"], state["name"]) == ("COMPLETED", "Refused")
    assert state["message"].startswith(
        "dataset-1; new and accepted: second; taken in: second; wrong stays in the inbox ("
        f"{night.inbox}/wrong/batch.yaml:1: "
    )
    assert state["message"].endswith(
        f"; pushed data to store ({night.inbox.parent}/store)"
        f" and commits to main of origin ({night.inbox.parent}/bare.git)"
    )


def test_the_ui_lists_what_came_and_what_was_refused(night: Night, api: Api) -> None:
    artifacts = api.artifacts(night.run["id"])
    assert [(row["delivery"], row["outcome"]) for row in json.loads(artifacts["deliveries"])] == [
        ("second", "taken in"),
        ("wrong", "refused"),
    ]
    assert [(row["batch"], row["verdict"], row["since"]) for row in json.loads(artifacts["batches"])] == [
        ("first", "accepted", "as in the last version"),
        ("second", "accepted", "new"),
        ("dataset", "accepted", "as in the last version"),
        ("wrong", "refused", "stays in the inbox"),
    ]


def test_only_the_whole_and_right_batch_was_taken_in(night: Night) -> None:
    folders = sorted(path.name for path in night.repository.batches.iterdir() if path.is_dir())
    assert folders == ["first", "second"]
    assert (night.inbox / "wrong").is_dir()


def test_the_commit_holds_what_dvc_wrote_down_and_not_the_users_index(night: Night) -> None:
    committed = night.repository.git("show", "--name-only", "--format=", "dataset-1").splitlines()
    ours = ("data/batches", "data/deliveries", "data/released", "dvc")
    assert [path for path in committed if path.startswith(ours)] == [
        "data/batches/.gitignore",
        "data/batches/second.dvc",
        "data/deliveries/second.json",
        "data/released/0001/released.parquet",
        "dvc.lock",
    ]
    assert night.repository.git("diff", "--cached", "--name-only") == "notes.txt"
    assert night.repository.git("cat-file", "-t", "dataset-1") == "tag"


def test_a_clone_of_what_was_pushed_has_every_artifact(night: Night, tmp_path: Path) -> None:
    night.repository.git("clone", "--quiet", f"{night.inbox.parent / 'bare.git'}", f"{tmp_path / 'clone'}")
    clone = FlowRepository(tmp_path / "clone")
    assert clone.git("tag") == "dataset-1"
    clone.dvc("pull")
    assert clone.is_clean()
    assert (clone.batches / "second" / "words.txt").read_text() == "the words of second\n"
    report = json.loads((clone.root / "data" / "report" / "made_from.json").read_text())
    assert report == json.loads((night.repository.root / "data" / "report" / "made_from.json").read_text())


def test_a_night_without_an_inbox_says_so_and_where_it_would_push(night: Night, api: Api) -> None:
    head = night.repository.git("rev-parse", "HEAD")
    state = api.run("nightly")["state"]
    assert (state["name"], state["message"]) == (
        "NoInbox",
        "nothing changed, no new version; every batch was accepted; no inbox was given, so nothing was taken"
        f" in (it is a parameter of this deployment); not pushed (data to store ({night.inbox.parent}/store)"
        f" and commits to main of origin ({night.inbox.parent}/bare.git)): start the flow with push: true to"
        " push, or allow it for this clone with `git config modalweave.push true`",
    )
    assert night.repository.git("tag") == "dataset-1"
    assert night.repository.git("rev-parse", "HEAD") == head


def test_a_rejection_is_news_in_its_first_night_and_stands_in_the_next(night: Night, api: Api) -> None:
    repository = night.repository
    shutil.rmtree(night.inbox / "wrong")
    (night.inbox / "second" / "reject").touch()
    (night.inbox / "second" / "words.txt").write_text("better words\n")
    first = api.run("nightly", inbox=f"{night.inbox}")
    rejected = "second was rejected (row_count: expected at least 1, got 0)"
    changed = "1 added (reject), 1 changed (words.txt)"
    assert first["state"]["name"] == "Quarantined"
    assert first["state"]["message"].startswith(
        f"dataset-2; {rejected}; second was corrected: {changed}; not pushed ("
    )
    assert '"outcome": "corrected"' in api.artifacts(first["id"])["deliveries"]
    assert repository.git("log", "-1", "--format=%B").strip() == (
        f"Dataset version 2\nCorrection of second: {changed}"
    )
    assert f"Correction of second: {changed}" in repository.git(
        "tag", "--list", "dataset-2", "--format=%(contents)"
    )
    write_batch(night.inbox / "third")
    state = api.run("nightly", inbox=f"{night.inbox}")["state"]
    assert state["name"] == "Completed"
    assert state["message"].startswith(
        "dataset-3; new and accepted: third; as in the last version, 1 rejected or with lost rows;"
        " taken in: third; not pushed ("
    )
    assert repository.git("--git-dir", f"{night.inbox.parent / 'bare.git'}", "tag") == "dataset-1"


def test_a_clone_that_allows_it_is_pushed(night: Night, api: Api) -> None:
    night.repository.git("config", "modalweave.push", "true")
    state = api.run("nightly", inbox=f"{night.inbox}")["state"]
    assert "; pushed data to store (" in state["message"]
    assert "dataset-3" in night.repository.git("--git-dir", f"{night.inbox.parent / 'bare.git'}", "tag")


def test_the_night_is_planned(night: Night, api: Api) -> None:
    asked = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "sort": "EXPECTED_START_TIME_ASC"}
    planned = wait_for(lambda: api.call("POST", "flow_runs/filter", asked) or None)
    assert {run["expected_start_time"][10:19] for run in planned} == {"T02:00:00"}
