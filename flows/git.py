"""What the flows ask of git: one short command each, with a time limit."""

import re
from dataclasses import dataclass
from pathlib import Path

from flows.command import Log, run_command, silent

LOCAL_SECONDS = 300.0
REMOTE_SECONDS = 3600.0


@dataclass(frozen=True)
class Upstream:
    """Where the current branch is pulled from and pushed to."""

    remote: str
    branch: str
    address: str

    def __str__(self) -> str:
        """What a person reads, such as: main of origin (https://example.org/birds.git)."""
        return f"{self.branch} of {self.remote} ({self.address})"


def git(root: Path, *arguments: str, log: Log = silent, timeout_s: float = LOCAL_SECONDS) -> str:
    """What git prints; CommandError when it fails."""
    return run_command(root, ["git", *arguments], log, timeout_s)


def find_upstream(root: Path) -> Upstream | None:
    """The remote named origin, or else the first one, with the current branch; None without a remote."""
    remotes = git(root, "remote").splitlines()
    if not remotes:
        return None
    remote = "origin" if "origin" in remotes else remotes[0]
    address = without_password(git(root, "remote", "get-url", "--push", remote))
    return Upstream(remote, git(root, "symbolic-ref", "--short", "HEAD"), address)


def without_password(address: str) -> str:
    """The address as it may be shown: a user, password or token in it is left out."""
    return re.sub(r"(?<=://)[^/@\s]*@", "", address)


def has_branch(root: Path, upstream: Upstream) -> bool:
    """Whether the remote has the branch yet."""
    found = git(
        root,
        "ls-remote",
        "--heads",
        upstream.remote,
        f"refs/heads/{upstream.branch}",
        timeout_s=REMOTE_SECONDS,
    )
    return bool(found)


def changed_paths(root: Path, *patterns: str) -> list[str]:
    """The files that differ from the last commit, new ones included, ignored ones not."""
    listed = git(
        root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *patterns
    )
    return sorted(entry[3:] for entry in listed.split("\0") if entry)
