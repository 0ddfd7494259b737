"""Pull and push: code and dvc.lock through git, batches and outputs through DVC.

Where there is no remote, the log says so and nothing is done.
"""

from pathlib import Path

from dvc.repo import Repo

from flows.command import DVC, Log, run_command
from flows.git import REMOTE_SECONDS, find_upstream, git, has_branch

TRANSFER_SECONDS = 12 * 3600.0


def pull(root: Path, log: Log) -> None:
    """Bring in what others pushed, never merging; outputs too, so that the build only adds to them."""
    before = git(root, "rev-parse", "HEAD")
    _pull_commits(root, log)
    moved = git(root, "rev-parse", "HEAD") != before
    if not has_data_remote(root):
        log("no default DVC remote: no data pulled (dvc remote default <name> sets one)")
        return
    tracked = sorted(path.relative_to(root).as_posix() for path in root.glob("data/batches/*.dvc"))
    if tracked:
        run_command(root, [*DVC, "pull", *tracked], log, TRANSFER_SECONDS)
    stages = _stages_to_pull(root, everything=moved)
    if stages:
        # Outputs can be made again, so one that differs or was never pushed must not stop the night.
        run_command(root, [*DVC, "pull", "--force", "--allow-missing", *stages], log, TRANSFER_SECONDS)


def push(root: Path, log: Log) -> None:
    """Send the data first, then the commit and the tag that name it."""
    if has_data_remote(root):
        run_command(root, [*DVC, "push"], log, TRANSFER_SECONDS)
    else:
        log("no default DVC remote: no data pushed (dvc remote default <name> sets one)")
    upstream = find_upstream(root)
    if upstream is None:
        log("no git remote: no commit pushed (git remote add origin <url> adds one)")
        return
    target = f"HEAD:refs/heads/{upstream.branch}"
    git(root, "push", "--follow-tags", upstream.remote, target, log=log, timeout_s=REMOTE_SECONDS)


def has_data_remote(root: Path) -> bool:
    """Whether DVC knows where to push."""
    with Repo(str(root)) as repo:
        return bool(repo.config["core"].get("remote"))


def _pull_commits(root: Path, log: Log) -> None:
    upstream = find_upstream(root)
    if upstream is None:
        log("no git remote: no commit pulled")
    elif not has_branch(root, upstream):
        log(f"{upstream.remote} has no branch {upstream.branch} yet: no commit pulled")
    else:
        arguments = ["pull", "--ff-only", upstream.remote, upstream.branch]
        git(root, *arguments, log=log, timeout_s=REMOTE_SECONDS)


def _stages_to_pull(root: Path, *, everything: bool) -> list[str]:
    """The stages whose outputs dvc.lock knows: all, or only those of which something is not here."""
    with Repo(str(root)) as repo:
        known = [
            stage for stage in repo.index.stages if stage.cmd and all(out.hash_info for out in stage.outs)
        ]
        return [
            stage.name
            for stage in known
            if everything or any(out.use_cache and not out.exists for out in stage.outs)
        ]
