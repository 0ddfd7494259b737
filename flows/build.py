"""The build as a Prefect flow: every stage in order, each through DVC, under one lock from start to end.

reads   data/batches
writes  what the stages write, dvc.lock
params  until (the last stage to run), report_address (where the report is served)
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    read_batch_verdicts,
    read_dataset_verdict,
)
from flows.ending import ending_in_a_sentence, run_as_script
from flows.intake import restore_replaced
from flows.news import Troubles, compare, read_notices, read_recorded, troubles_of
from flows.repository import refuse_foreign_run
from flows.reproduce import repository_root, reproduce
from flows.stages import StageName, stages_until
from tasks.core.deliverable import refuse_undeliverable
from tasks.core.lock import hold_build
from tasks.core.verdict import Verdict

REPORT_ADDRESS = "http://127.0.0.1:4280/index.html"
QUARANTINED = "Quarantined"


@dataclass(frozen=True)
class Showing:
    """What the UI shows beside the verdicts: where the report is, what was wrong before, what was refused."""

    report_address: str
    before: Troubles
    refused: Mapping[str, str] = field(default_factory=dict)


@flow(name="build")
@ending_in_a_sentence
def build(until: StageName = StageName.REPORT, report_address: str = REPORT_ADDRESS) -> State[None]:
    """Bring the dataset up to date with data/batches and params.yaml, stage by stage.

    Args:
        until: The last stage to run; the later ones stay as they are.
        report_address: Where the report is served; the artifact "report" links to it.
    """
    root = repository_root()
    refuse_foreign_run(root)
    with hold_build(root / "data", "flow build"):
        return build_stages(root, Showing(report_address, read_recorded(root)), until)


def build_stages(root: Path, showing: Showing, until: StageName = StageName.REPORT) -> State[None]:
    """Run the stages under a lock that the caller holds; the state names what was quarantined."""
    stages = stages_until(until)
    progress = begin_progress()
    check_delivered(root)
    for done, stage in enumerate(stages, 1):
        run_stage(root, stage)
        publish(root, stage, showing)
        update_progress_artifact(progress, progress=100 * done / len(stages))
    return closing_state(root, showing.before, until)


def closing_state(root: Path, before: Troubles, until: StageName) -> State[None]:
    """Quarantined, where the gates say something that they did not say of the last version; all by name."""
    stages, log = stages_until(until), get_run_logger()
    built = [] if until == StageName.REPORT else [f"built until {until}"]
    if StageName.VALIDATE not in stages:
        return Completed(message="; ".join(built))
    news = compare(troubles_of(read_verdicts(root, stages)), before)
    notices = read_notices(root) if StageName.FUSE in stages else []
    for line in [*news.new, *notices]:
        log.warning(line)
    for line in news.standing:
        log.info(f"as in the last version: {line}")
    message = "; ".join([*built, f"{news}", *notices])
    return Completed(name=QUARANTINED if news.new else "Completed", message=message)


def begin_progress() -> UUID:
    """The id of the run's progress, which begins at nothing."""
    progress = create_progress_artifact(progress=0.0, key="progress", description="Stages done")
    return cast("UUID", progress)


@task(name="delivered batches", task_run_name="delivered batches", cache_policy=NO_CACHE)
def check_delivered(root: Path, *, here_only: bool = False) -> None:
    """Have DVC look at the batches that it tracks, as `dvc repro` does before the first stage.

    `here_only`: those that a pull has yet to bring are left out.
    """
    log = get_run_logger().info
    restore_replaced(root, log)
    for folder in sorted(place for place in (root / "data" / "batches").glob("*") if place.is_dir()):
        refuse_undeliverable(folder)  # before DVC, which would wait for ever at a pipe
    files = sorted(root.glob("data/batches/*.dvc"))
    here = [
        file for file in files if not here_only or file.with_name(file.name.removesuffix(".dvc")).exists()
    ]
    tracked = [file.relative_to(root).as_posix() for file in here]
    if tracked and reproduce(root, tracked, log):
        log("tracked batches had changed: DVC took note")


# A stage is not tried again: what failed once on the same bytes fails again.
@task(name="stage", task_run_name="{stage}", cache_policy=NO_CACHE)
def run_stage(root: Path, stage: StageName) -> None:
    """Bring one stage up to date; its own lines appear in the log."""
    log = get_run_logger().info
    if not reproduce(root, [stage.value], log):
        log(f"{stage}: nothing changed")


def publish(root: Path, stage: StageName, showing: Showing) -> None:
    """Show in the UI what the stage has just brought up to date."""
    if stage in (StageName.VALIDATE, StageName.FUSE):
        publish_verdicts(read_verdicts(root, stages_until(stage)), showing.before, showing.refused)
    if stage == StageName.EVALUATE:
        publish_metrics(root)
    if stage == StageName.REPORT:
        publish_report(showing.report_address)


def read_verdicts(root: Path, stages: Sequence[StageName]) -> list[Verdict]:
    """The verdicts that these stages gave."""
    return [*read_batch_verdicts(root), *([read_dataset_verdict(root)] if StageName.FUSE in stages else [])]


if __name__ == "__main__":
    sys.exit(run_as_script(build))
