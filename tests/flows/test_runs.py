import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from flows.stages import StageName
from tasks.core.lock import STAGE_LOCK, hold_build
from tests.flows.prefect_server import Api, wait_for
from tests.flows.repositories import FlowRepository


@pytest.fixture(autouse=True)
def _as_built(toy: FlowRepository) -> Iterator[None]:
    yield
    for name in ("slow", "stop", "reject"):
        (toy.batches / "first" / name).unlink(missing_ok=True)


def deliver(toy: FlowRepository, name: str) -> Path:
    place = toy.batches / "first" / name
    place.write_text(f"{time.monotonic_ns()}\n")  # new bytes, so that the stages have to run
    return place


def collector(toy: FlowRepository) -> psutil.Process:
    """The process of the stage `collect`, once it holds the repository."""

    def found() -> psutil.Process | None:
        try:
            holder = psutil.Process(json.loads((toy.root / "data" / STAGE_LOCK).read_text())["pid"])
            return holder if holder.cmdline()[1:] == ["toy_stage.py", "collect"] else None
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None  # nobody yet, or one that has ended

    return wait_for(found)


def test_a_build_with_nothing_changed_runs_no_stage(toy: FlowRepository, api: Api) -> None:
    lock = toy.lock.read_bytes()
    run = api.run("build")
    assert (run["state"]["type"], run["state"]["message"]) == ("COMPLETED", "every batch was accepted")
    said = wait_for(lambda: log if "report: nothing changed" in (log := api.log_of(run["id"])) else None)
    assert [line for line in said if line.endswith("nothing changed")] == [
        f"{stage}: nothing changed" for stage in StageName
    ]
    assert toy.lock.read_bytes() == lock


def test_a_build_until_a_stage_leaves_the_later_ones(toy: FlowRepository, api: Api) -> None:
    deliver(toy, "reject")
    run = api.run("build", until="label")
    assert (run["state"]["name"], run["state"]["message"]) == ("Completed", "built until label")
    assert toy.dvc("status", "label") == "Data and pipelines are up to date."
    assert "changed deps" in toy.dvc("status", "align")


def test_a_gate_that_stops_the_run_fails_it_with_its_own_words(toy: FlowRepository, api: Api) -> None:
    deliver(toy, "stop")
    run = api.run("build", until="validate")
    assert (run["state"]["type"], run["state"]["message"]) == (
        "FAILED",
        "validate failed: validate: first was rejected, and validate.on_rejected says stop",
    )
    assert [line for line in api.log_to_its_end(run["id"]) if "Traceback" in line] == []


def test_a_rejected_batch_completes_as_quarantined_by_name(toy: FlowRepository, api: Api) -> None:
    deliver(toy, "reject")
    run = api.run("build", until="validate")
    assert (run["state"]["type"], run["state"]["name"]) == ("COMPLETED", "Quarantined")
    assert run["state"]["message"] == (
        "built until validate; first was rejected (row_count: expected at least 1, got 0)"
    )


def test_a_build_is_refused_while_another_process_builds(toy: FlowRepository, api: Api) -> None:
    with hold_build(toy.root / "data", "dvc repro by hand"):
        run = api.run("build")
    holder = f"this repository is being built by process {os.getpid()} (dvc repro by hand, since "
    assert run["state"]["type"] == "FAILED"
    assert run["state"]["message"].startswith(holder)
    assert [line for line in api.log_to_its_end(run["id"]) if "Traceback" in line] == []
    assert "Traceback" not in (toy.root / "flows.serve.log").read_text()


def test_the_flow_as_a_script_ends_with_the_error_s_one_message(toy: FlowRepository, api: Api) -> None:
    with hold_build(toy.root / "data", "dvc repro by hand"):
        script = subprocess.run(
            [sys.executable, "-m", "flows.build"],
            cwd=toy.root,
            env=api.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert script.returncode == 1
    # Prefect's own lines may follow, when it has events left to send.
    own = [line for line in script.stderr.splitlines() if line.startswith("build: ")]
    assert len(own) == 1
    assert own[0].startswith("build: this repository is being built by process")


def test_runs_of_two_deployments_never_meet(toy: FlowRepository, api: Api) -> None:
    slow = deliver(toy, "slow")
    first = api.start_run("build", until="collect")
    collector(toy)
    second = api.start_run("nightly")
    time.sleep(4)
    assert api.call("GET", f"flow_runs/{second}")["state"]["type"] in ("SCHEDULED", "PENDING")
    slow.unlink()
    ended, begun = api.finish(first)["end_time"], api.finish(second)["start_time"]
    assert ended <= begun


def test_a_stage_left_behind_by_a_killed_run_stops_the_next_one(toy: FlowRepository, api: Api) -> None:
    built = toy.lock.read_bytes()
    slow = deliver(toy, "slow")
    killed = api.start_run("build", until="collect")
    stage = collector(toy)
    flow = next(parent for parent in stage.parents() if "prefect" in " ".join(parent.cmdline()))
    flow.send_signal(signal.SIGKILL)
    api.see_crashed(killed)
    refused = api.run("build")["state"]
    assert refused["type"] == "FAILED"
    assert f"being built by process {stage.pid} (stage collect" in refused["message"]
    slow.unlink()
    psutil.wait_procs([stage], timeout=30)
    assert api.run("build")["state"]["type"] == "COMPLETED"
    assert toy.is_clean()
    assert toy.lock.read_bytes() == built


def test_a_cancelled_run_ends_its_stage(toy: FlowRepository, api: Api) -> None:
    deliver(toy, "slow")
    run = api.start_run("build", until="collect")
    stage = collector(toy)
    api.call("POST", f"flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}, "force": True})
    assert api.finish(run)["state"]["type"] == "CANCELLED"
    assert psutil.wait_procs([stage], timeout=60)[1] == []
