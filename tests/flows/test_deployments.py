"""Deployments belong to a repository and keep what was set in the UI; prefect.yaml has them for a worker."""

import os
import subprocess
import sys
from pathlib import Path

from flows.repository import repository_name
from tests.flows.prefect_server import Api, serving
from tests.flows.repositories import FlowRepository

AT_SIX = {"active": True, "schedule": {"cron": "0 6 * * *", "timezone": "Europe/London"}}


def test_what_was_set_in_the_ui_is_still_set_when_serving_starts_again(
    built_toy: FlowRepository, api: Api, tmp_path: Path
) -> None:
    toy = built_toy.copy_to(tmp_path / "toy")
    with serving(toy, api):
        for flow, deployment in api.deployments().items():
            place, own = f"deployments/{deployment['id']}", deployment["parameters"]
            given = (
                {**own, "inbox": "/srv/inbox", "push": True}
                if flow == "nightly"
                else {**own, "until": "label"}
            )
            api.call("PATCH", place, {"parameters": given, "tags": ["mine"], "description": "my own"})
            for schedule in deployment["schedules"]:
                api.call("DELETE", f"{place}/schedules/{schedule['id']}")
            api.call("POST", f"{place}/schedules", [AT_SIX])
        before = api.deployments()
    with serving(toy, api, anew=False):
        after = api.deployments()
    for flow in ("build", "nightly"):
        assert after[flow]["id"] == before[flow]["id"]
        ours = {"report_address": after[flow]["parameters"]["report_address"]}
        assert after[flow]["parameters"] == {**before[flow]["parameters"], **ours}
        for field in ("schedules", "tags", "description", "paused", "concurrency_options"):
            assert after[flow][field] == before[flow][field]
        assert after[flow]["global_concurrency_limit"]["limit"] == 1
    assert after["nightly"]["parameters"]["inbox"] == "/srv/inbox"
    assert [schedule["schedule"]["cron"] for schedule in after["nightly"]["schedules"]] == ["0 6 * * *"]


def test_two_repositories_at_one_server_build_each_its_own(
    built_toy: FlowRepository, api: Api, tmp_path: Path
) -> None:
    birds, fish = (built_toy.copy_to(tmp_path / name / "toy") for name in ("birds", "fish"))
    (birds.batches / "first" / "words.txt").write_text("birds\n")
    (fish.batches / "first" / "words.txt").write_text("fish\n")
    with serving(birds, api):
        of_birds = api.deployments()["build"]
        with serving(fish, api, anew=False):
            of_fish = api.deployments()["build"]
            assert of_birds["name"] != of_fish["name"]
            assert api.run("build", until="collect")["state"]["type"] == "COMPLETED"
            assert (birds.is_up_to_date("collect"), fish.is_up_to_date("collect")) == (False, True)
            # The folder is another repository now: what its old name offers must not be built from it.
            (fish.root / ".git" / "modalweave" / "repository.json").unlink()
            state = api.run("build")["state"]
    assert state["type"] == "FAILED"
    assert state["message"].startswith(
        f"this run belongs to the repository '{of_fish['name']}', but it was started in {fish.root}, which is"
        f" '{repository_name(fish.root)}': nothing was done"
    )


def test_prefect_deploy_registers_both_flows_for_a_worker(built_toy: FlowRepository, api: Api) -> None:
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    # As in an activated environment: what prefect.yaml runs is called python.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**api.environment, "PWD": f"{built_toy.root}", "PATH": path}
    for deployment in api.deployments().values():
        api.call("DELETE", f"deployments/{deployment['id']}")
    for command in (["work-pool", "create", "modalweave", "--type", "process"], ["deploy", "--all"]):
        subprocess.run(
            [*prefect, *command], cwd=built_toy.root, env=environment, check=True, capture_output=True
        )
    found = api.deployments()
    assert {name: found[name]["entrypoint"] for name in ("build", "nightly")} == {
        "build": "flows/build.py:build",
        "nightly": "flows/nightly.py:nightly",
    }
    for deployment in found.values():
        assert deployment["name"] == repository_name(built_toy.root)
        assert deployment["pull_steps"] == [
            {"prefect.deployments.steps.set_working_directory": {"directory": f"{built_toy.root}"}}
        ]
        assert deployment["work_pool_name"] == "modalweave"
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    (schedule,) = found["nightly"]["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 2 * * *", "UTC")
