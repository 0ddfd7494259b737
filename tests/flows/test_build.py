"""The project's own stages, built by a run that is created through the REST API as the UI does it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.flows.prefect_server import Api, Run, fetch, serving
from tests.flows.repositories import FlowRepository, make_repository

REVIEWS = """\
about: Reviews and whether the reviewer was pleased
license: CC0-1.0
sources:
  - {kind: table, path: reviews.csv, text: review, id: id, session: "{id}", role: text}
labels:
  - {format: table, path: reviews.csv, item: id, label: sentiment, task: sentiment}
align: {method: key, reference: text}
"""
BROKEN = REVIEWS.replace(
    "{format: table, path: reviews.csv, item: id, label: sentiment, task: sentiment}",
    "{format: coco, path: labels.json}",
)


class Built:
    """A repository that a flow run has built, its twin that `dvc repro` has built, and the run."""

    def __init__(self, flow: FlowRepository, plain: FlowRepository, run: Run, report: str) -> None:
        self.flow = flow
        self.plain = plain
        self.run = run
        self.report = report


@pytest.fixture(scope="module")
def built(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("real")
    flow = make_repository(folder / "flow")
    add_batch(flow, "reviews", REVIEWS)
    (add_batch(flow, "broken", BROKEN) / "labels.json").write_text("{")
    plain = flow.copy_to(folder / "plain")
    with ThreadPoolExecutor(1) as beside, serving(flow, api):
        by_hand = beside.submit(plain.dvc, "repro")
        run = api.run("build")
        by_hand.result()
        link = api.artifacts(run["id"])["report"]
        yield Built(flow, plain, run, fetch(link[link.index("(") + 1 : -1]))


def add_batch(repository: FlowRepository, name: str, batch_file: str) -> Path:
    folder = repository.batches / name
    folder.mkdir()
    moods = {"pleased": "a fine and lovely", "displeased": "a broken and sad"}
    rows = [f"{mood}{n},{text} {name} number {n},{mood}\n" for n in range(20) for mood, text in moods.items()]
    (folder / "reviews.csv").write_text("id,review,sentiment\n" + "".join(rows))
    (folder / "batch.yaml").write_text(batch_file)
    return folder


def test_the_run_completes_and_names_the_batch_that_was_rejected(built: Built) -> None:
    state = built.run["state"]
    assert (state["type"], state["name"]) == ("COMPLETED", "Quarantined")
    assert re.match(r"broken was rejected \(.*exports_broken", state["message"])


def test_dvc_lock_is_what_dvc_repro_gives(built: Built) -> None:
    assert built.flow.is_clean()
    assert built.flow.lock.read_bytes() == built.plain.lock.read_bytes()


def test_the_ui_shows_verdicts_metrics_progress_and_the_report(built: Built, api: Api) -> None:
    artifacts = api.artifacts(built.run["id"])
    assert sorted(artifacts) == ["batches", "metrics", "progress", "report"]
    assert '"reviews", "verdict": "accepted"' in artifacts["batches"]
    assert '"broken", "verdict": "rejected"' in artifacts["batches"]
    assert "| dataset | batches.accepted | 1 |" in artifacts["metrics"]
    assert float(artifacts["progress"]) == 100
    assert built.report == (built.flow.root / "data" / "report" / "index.html").read_text()


def test_every_stage_is_a_task_of_the_run(built: Built, api: Api) -> None:
    asked = {"flow_runs": {"id": {"any_": [built.run["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    tasks = api.call("POST", "task_runs/filter", asked)
    assert [task["name"] for task in tasks][1:] == [
        "fetch", "collect", "label", "encode", "align", "validate", "fuse", "export", "evaluate", "report",
    ]  # fmt: skip
