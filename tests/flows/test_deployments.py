"""prefect.yaml: the same two deployments for a worker."""

import subprocess
import sys

from tests.flows.prefect_server import Api
from tests.flows.repositories import FlowRepository


def test_prefect_deploy_registers_both_flows_for_a_worker(built_toy: FlowRepository, api: Api) -> None:
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    environment = {**api.environment, "PWD": f"{built_toy.root}"}
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
        assert deployment["pull_steps"] == [
            {"prefect.deployments.steps.set_working_directory": {"directory": f"{built_toy.root}"}}
        ]
        assert deployment["work_pool_name"] == "modalweave"
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    (schedule,) = found["nightly"]["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 2 * * *", "UTC")
