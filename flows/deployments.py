"""Both flows as the UI offers them: named after their repository, with what a person set there left alone.

reads   the deployments of this repository at the Prefect server
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron, Schedule

from flows.build import build
from flows.nightly import nightly

NIGHTLY = Cron("0 2 * * *", timezone="UTC")
ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)
# Fields of a deployment that belong to whoever uses the UI: an update that has them would overwrite theirs.
LEFT_TO_THE_UI = (
    "schedules", "paused", "tags", "description", "concurrency_limit", "concurrency_options", "job_variables",
)  # fmt: skip
_OUR_MACHINE = "http://127.0.0.1:"


@dataclass(frozen=True)
class Offer:
    """A deployment to register, and the parameters set in the UI that its flow does not know any more."""

    deployment: RunnerDeployment
    dropped: Mapping[str, object]


def offers(repository: str, report_address: str) -> list[Offer]:
    """The build, started by hand, and the nightly flow with its schedule, one run of each at a time."""
    by_flow: dict[Flow[..., Any], list[Schedule]] = {build: [], nightly: [NIGHTLY]}
    return [_offer(flow, schedules, repository, report_address) for flow, schedules in by_flow.items()]


def _offer(flow: Flow[..., Any], schedules: list[Schedule], repository: str, report_address: str) -> Offer:
    found = _find(f"{flow.name}/{repository}")
    if found is None:
        given: dict[str, Any] = {"report_address": report_address}
        deployment = RunnerDeployment.from_flow(
            flow, repository, parameters=given, schedules=[*schedules], concurrency_limit=ONE_AT_A_TIME
        )
        return Offer(deployment, {})
    known = flow.parameters.properties.keys()
    kept = {name: value for name, value in found.parameters.items() if name in known}
    dropped = {name: value for name, value in found.parameters.items() if name not in known}
    if f"{kept.get('report_address', _OUR_MACHINE)}".startswith(_OUR_MACHINE):
        kept["report_address"] = report_address
    deployment = RunnerDeployment.from_flow(flow, repository, parameters=kept)
    deployment.model_fields_set.difference_update(LEFT_TO_THE_UI)
    return Offer(deployment, dropped)


def _find(name: str) -> DeploymentResponse | None:
    with get_client(sync_client=True) as client:
        try:
            return client.read_deployment_by_name(name)
        except ObjectNotFound:
            return None
