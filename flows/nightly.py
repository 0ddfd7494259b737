"""The night as a Prefect flow: pull, take new batches in, build, record the version, push.

reads   the git and DVC remotes, the inbox
writes  data/batches, what the build writes, a commit and a tag dataset-<n>
params  inbox (a folder of new batches), report_address (where the report is served)
"""

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import remote, version
from flows.build import QUARANTINED, REPORT_ADDRESS, build_stages
from flows.errors import WrongPlaceError
from flows.intake import Intake, take_in, track_new_batches
from flows.releasing import release_splits
from flows.reproduce import repository_root
from flows.stages import StageName
from tasks.core.lock import hold_build

REFUSED = "Refused"


@flow(name="nightly")
def nightly(inbox: str | None = None, report_address: str = REPORT_ADDRESS) -> State[None]:
    """Pull, take new batches in, build, record the version in git and push it with its data.

    Args:
        inbox: A folder whose sub-folders are new batches; without one only data/batches is built.
        report_address: Where the report is served; the artifact "report" links to it.
    """
    root = repository_root()
    with hold_build(root / "data", "flow nightly"):
        pull(root)
        intake = take_batches_in(root, inbox)
        built = build_stages(root, StageName.REPORT, report_address)
        tag = record_version(root)
        push(root)
    return closing_state(intake, built, tag)


# The network heals by itself: these two are tried again, nothing else is.
@task(name="pull", retries=2, retry_delay_seconds=30, cache_policy=NO_CACHE)
def pull(root: Path) -> None:
    """Bring in commits and data."""
    remote.pull(root, get_run_logger().info)


@task(name="push", retries=2, retry_delay_seconds=30, cache_policy=NO_CACHE)
def push(root: Path) -> None:
    """Send data, commit and tag."""
    remote.push(root, get_run_logger().info)


@task(name="take batches in", cache_policy=NO_CACHE)
def take_batches_in(root: Path, inbox: str | None) -> Intake:
    """Copy in what is new and right, and have DVC track it."""
    log = get_run_logger().info
    if inbox is None:
        log("no inbox was given: no batch taken in")
        intake = Intake((), {})
    elif not Path(inbox).is_dir():
        raise WrongPlaceError(f"the inbox {inbox} is not a folder: give one that exists, or none")
    else:
        intake = take_in(root, Path(inbox), log)
    tracked = track_new_batches(root, log)
    log(f"new in DVC: {tracked}" if tracked else "no new batch for DVC to track")
    return intake


@task(name="record the version", cache_policy=NO_CACHE)
def record_version(root: Path) -> str | None:
    """Commit and tag what was built, with a record of its splits."""
    release_splits(root, get_run_logger().info)
    return version.record_version(root, get_run_logger().info)


def closing_state(intake: Intake, built: State[None], tag: str | None) -> State[None]:
    """A completed state whose name is the worst that happened and whose message tells all of it."""
    name = built.name
    if intake.refused and name != QUARANTINED:
        name = REFUSED
    refused = [f"{batch} stays in the inbox ({fault})" for batch, fault in intake.refused.items()]
    parts = [tag or "nothing changed, no new version", built.message or "", *refused]
    return Completed(name=name, message="; ".join(part for part in parts if part))
