"""The build as a Prefect flow: every stage in order, each through DVC, under one lock from start to end.

reads   data/batches
writes  what the stages write, dvc.lock
params  until (the last stage to run), report_address (where the report is served)
"""

import sys
from pathlib import Path
from typing import cast
from uuid import UUID

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.artifacts import (
    publish_metrics,
    publish_report,
    publish_verdicts,
    quarantined,
    read_batch_verdicts,
    read_dataset_verdict,
)
from flows.reproduce import repository_root, reproduce
from flows.stages import StageName, stages_until
from tasks.core.deliverable import refuse_undeliverable
from tasks.core.errors import ModalweaveError
from tasks.core.lock import hold_build

REPORT_ADDRESS = "http://127.0.0.1:4280/index.html"
QUARANTINED = "Quarantined"


@flow(name="build")
def build(until: StageName = StageName.REPORT, report_address: str = REPORT_ADDRESS) -> State[None]:
    """Bring the dataset up to date with data/batches and params.yaml, stage by stage.

    Args:
        until: The last stage to run; the later ones stay as they are.
        report_address: Where the report is served; the artifact "report" links to it.
    """
    root = repository_root()
    with hold_build(root / "data", "flow build"):
        return build_stages(root, until, report_address)


def build_stages(root: Path, until: StageName, report_address: str) -> State[None]:
    """Run the stages under a lock that the caller holds; the state names what was quarantined."""
    stages = stages_until(until)
    progress = begin_progress()
    check_delivered(root)
    for done, stage in enumerate(stages, 1):
        run_stage(root, stage)
        publish(root, stage, report_address)
        update_progress_artifact(progress, progress=100 * done / len(stages))
    named = quarantined(read_batch_verdicts(root)) if StageName.VALIDATE in stages else []
    if named:
        return Completed(name=QUARANTINED, message="; ".join(named))
    return Completed(
        message="every batch was accepted" if until == StageName.REPORT else f"built until {until}"
    )


def begin_progress() -> UUID:
    """The id of the run's progress, which begins at nothing."""
    progress = create_progress_artifact(progress=0.0, key="progress", description="Stages done")
    return cast("UUID", progress)


@task(name="delivered batches", task_run_name="delivered batches", cache_policy=NO_CACHE)
def check_delivered(root: Path) -> None:
    """Have DVC look at the batches that it tracks, as `dvc repro` does before the first stage."""
    tracked = sorted(path.relative_to(root).as_posix() for path in root.glob("data/batches/*.dvc"))
    log = get_run_logger().info
    for folder in sorted(place for place in (root / "data" / "batches").glob("*") if place.is_dir()):
        refuse_undeliverable(folder)  # before DVC, which would wait for ever at a pipe
    if tracked and reproduce(root, tracked, log):
        log("tracked batches had changed: DVC took note")


# A stage is not tried again: what failed once on the same bytes fails again.
@task(name="stage", task_run_name="{stage}", cache_policy=NO_CACHE)
def run_stage(root: Path, stage: StageName) -> None:
    """Bring one stage up to date; its own lines appear in the log."""
    log = get_run_logger().info
    if not reproduce(root, [stage.value], log):
        log(f"{stage}: nothing changed")


def publish(root: Path, stage: StageName, report_address: str) -> None:
    """Show in the UI what the stage has just brought up to date."""
    if stage == StageName.VALIDATE:
        publish_verdicts(read_batch_verdicts(root))
    if stage == StageName.FUSE:
        publish_verdicts([*read_batch_verdicts(root), read_dataset_verdict(root)])
    if stage == StageName.EVALUATE:
        publish_metrics(root)
    if stage == StageName.REPORT:
        publish_report(report_address)


def main() -> int:
    """Run the flow once in the current folder; 0, or 1 with the error's one message."""
    try:
        build()
    except ModalweaveError as error:
        sys.stderr.write(f"build: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
