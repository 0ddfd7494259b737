"""Pull and push: code and dvc.lock through git, batches and outputs through DVC.

Where there is no remote, the log says so and nothing is done. Nothing leaves the machine unless it was
allowed: by the flow's parameter, or for this clone by `git config modalweave.push true`.
"""

from pathlib import Path

from dvc.repo import Repo

from flows.command import DVC, Log, run_command
from flows.git import REMOTE_SECONDS, find_upstream, git, has_branch, without_password

PUSH_SETTING = "modalweave.push"
TRANSFER_SECONDS = 12 * 3600.0


def pull(root: Path, log: Log) -> None:
    """Bring in what others pushed, never merging; outputs too, so that the build only adds to them."""
    before = git(root, "rev-parse", "HEAD")
    _pull_commits(root, log)
    moved = git(root, "rev-parse", "HEAD") != before
    if find_data_remote(root) is None:
        log("no default DVC remote: no data pulled (dvc remote default <name> sets one)")
        return
    tracked = sorted(path.relative_to(root).as_posix() for path in root.glob("data/batches/*.dvc"))
    if tracked:
        run_command(root, [*DVC, "pull", *tracked], log, TRANSFER_SECONDS)
    stages = _stages_to_pull(root, everything=moved)
    if stages:
        # Outputs can be made again, so one that differs or was never pushed must not stop the night.
        run_command(root, [*DVC, "pull", "--force", "--allow-missing", *stages], log, TRANSFER_SECONDS)


def push(root: Path, log: Log, *, allowed: bool) -> str:
    """Send the data first, then the commit and the tag that name it; what was sent where, or would be."""
    data, upstream = find_data_remote(root), find_upstream(root)
    if data is None:
        log("no default DVC remote: no data to push anywhere (dvc remote default <name> sets one)")
    if upstream is None:
        log("no git remote: no commit to push anywhere (git remote add origin <url> adds one)")
    goes = {"data": data, "commits": upstream}
    places = " and ".join(f"{what} to {place}" for what, place in goes.items() if place)
    if not places:
        return "nothing pushed, there is no remote"
    if not (allowed or is_push_configured(root)):
        return (
            f"not pushed ({places}): start the flow with push: true to push, or allow it for this clone with"
            f" `git config {PUSH_SETTING} true`"
        )
    if data:
        run_command(root, [*DVC, "push"], log, TRANSFER_SECONDS)
    if upstream:
        target = f"HEAD:refs/heads/{upstream.branch}"
        git(root, "push", "--follow-tags", upstream.remote, target, log=log, timeout_s=REMOTE_SECONDS)
    return f"pushed {places}"


def is_push_configured(root: Path) -> bool:
    """Whether this clone allows every push."""
    return git(root, "config", "--local", "--type=bool", "--default=false", "--get", PUSH_SETTING) == "true"


def find_data_remote(root: Path) -> str | None:
    """DVC's default remote, by name and address; None where there is none."""
    with Repo(str(root)) as repo:
        name = repo.config["core"].get("remote")
        return f"{name} ({without_password(repo.config['remote'][name]['url'])})" if name else None


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
