"""The night as a Prefect flow: pull, take batches in, build, record the version, push where that is allowed.

reads   the git and DVC remotes, the inbox
writes  data/batches, data/deliveries, what the build writes, a commit and a tag dataset-<n>
params  inbox (a folder of deliveries), corrections (take | refuse), push, report_address
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import remote, version
from flows.artifacts import publish_deliveries
from flows.build import QUARANTINED, REPORT_ADDRESS, Showing, build_stages, check_delivered
from flows.ending import ending_in_a_sentence, run_as_script
from flows.errors import WrongPlaceError
from flows.intake import Corrections, Intake, take_in, track_new_batches
from flows.news import read_recorded
from flows.releasing import release_splits
from flows.repository import refuse_foreign_run
from flows.reproduce import repository_root
from tasks.core.lock import hold_build

REFUSED = "Refused"
NO_INBOX = "NoInbox"


@flow(name="nightly")
@ending_in_a_sentence
def nightly(
    inbox: str | None = None,
    corrections: Corrections = Corrections.TAKE,
    push: bool = False,
    report_address: str = REPORT_ADDRESS,
) -> State[None]:
    """Pull, take deliveries in, build, record the version in git and push it with its data.

    Args:
        inbox: A folder whose sub-folders are deliveries; without one only data/batches is built.
        corrections: Whether a delivery of a known name with other content is taken in or refused.
        push: Whether commits and data may go to the remotes; otherwise the state says where they would go.
        report_address: Where the report is served; the artifact "report" links to it.
    """
    root = repository_root()
    refuse_foreign_run(root)
    with hold_build(root / "data", "flow nightly"):
        check_delivered(root, here_only=True)
        pull(root)
        before = read_recorded(root)
        intake = take_batches_in(root, inbox, corrections)
        built = build_stages(root, Showing(report_address, before, intake.refused))
        tag = record_version(root, intake.corrected)
        pushed = push_version(root, allowed=push)
    ended = [tag or "nothing changed, no new version", built.message or "", *told_of(intake, inbox), pushed]
    return Completed(name=worst_name(built, intake, inbox), message="; ".join(filter(None, ended)))


# The network heals by itself: these two are tried again, nothing else is.
@task(name="pull", retries=2, retry_delay_seconds=30, cache_policy=NO_CACHE)
def pull(root: Path) -> None:
    """Bring in commits and data."""
    remote.pull(root, get_run_logger().info)


@task(name="push", retries=2, retry_delay_seconds=30, cache_policy=NO_CACHE)
def push_version(root: Path, *, allowed: bool) -> str:
    """Send data, commit and tag; where they went or would go."""
    log = get_run_logger().info
    pushed = remote.push(root, log, allowed=allowed)
    log(pushed)
    return pushed


@task(name="take batches in", cache_policy=NO_CACHE)
def take_batches_in(root: Path, inbox: str | None, corrections: Corrections) -> Intake:
    """Copy in what is new, corrected and right, and have DVC track it."""
    log = get_run_logger().info
    if inbox is None:
        log("no inbox was given: no batch taken in")
        intake = Intake()
    elif not Path(inbox).is_dir():
        raise WrongPlaceError(f"the inbox {inbox} is not a folder: give one that exists, or none")
    else:
        intake = take_in(root, Path(inbox), corrections, log)
        publish_deliveries(intake)
    tracked = track_new_batches(root, log)
    log(f"new in DVC: {tracked}" if tracked else "no new batch for DVC to track")
    return intake


@task(name="record the version", cache_policy=NO_CACHE)
def record_version(root: Path, corrected: Mapping[str, str]) -> str | None:
    """Commit and tag what was built, with a record of its splits."""
    log = get_run_logger().info
    release_splits(root, log)
    return version.record_version(root, corrected, log)


def worst_name(built: State[None], intake: Intake, inbox: str | None) -> str | None:
    """The name of the run's state: the worst that happened in the night."""
    if built.name == QUARANTINED:
        return QUARANTINED
    if intake.refused:
        return REFUSED
    return NO_INBOX if inbox is None else built.name


def told_of(intake: Intake, inbox: str | None) -> list[str]:
    """What the run's state says of the deliveries."""
    if inbox is None:
        return ["no inbox was given, so nothing was taken in (it is a parameter of this deployment)"]
    return [
        *([f"taken in: {', '.join(intake.taken)}"] if intake.taken else []),
        *(f"{batch} was corrected: {changed}" for batch, changed in intake.corrected.items()),
        *(f"{batch} stays in the inbox ({fault})" for batch, fault in intake.refused.items()),
    ]


if __name__ == "__main__":
    sys.exit(run_as_script(nightly))
