"""Record a version of the dataset: a commit of what DVC and the stages wrote down, and a tag dataset-<n>.

reads   dvc.lock, data/metrics, data/released, data/batches/*.dvc, the .gitignore files that DVC keeps
writes  a commit of just these (the user's index stays as it is) and an annotated tag
"""

import re
from pathlib import Path

from flows.command import Log
from flows.errors import UnrecordableError
from flows.git import changed_paths, git

RECORDED = (
    "dvc.lock",
    "data/metrics",
    "data/released",
    "data/.gitignore",
    "data/batches/.gitignore",
    ":(glob)data/batches/*.dvc",
)
BUILT_FROM = ("dvc.yaml", "params.yaml", "tasks", "expectations", "models", "data/batches")
_TAG = re.compile(r"dataset-(\d+)")


def record_version(root: Path, log: Log) -> str | None:
    """Commit and tag; the tag, or None when the last one says it all already."""
    refuse_uncommitted_input(root)
    number = _last_number(root)
    paths = changed_paths(root, *RECORDED)
    if paths:
        git(root, "add", "--", *paths)
        git(root, "commit", "--only", "--message", f"Dataset version {number + 1}", "--", *paths, log=log)
    if number and not _differs_since(root, f"dataset-{number}"):
        log(f"nothing changed since dataset-{number}: no new version")
        return None
    tag = f"dataset-{number + 1}"
    git(root, "tag", "--annotate", "--message", f"Dataset version {number + 1}", tag)
    log(f"recorded as {tag}")
    return tag


def refuse_uncommitted_input(root: Path) -> None:
    """UnrecordableError when the dataset was built from something that no commit holds."""
    ours = set(changed_paths(root, *RECORDED))
    changed = [path for path in changed_paths(root, *BUILT_FROM) if path not in ours]
    if changed:
        raise UnrecordableError(
            f"the dataset was built, but no version was recorded: git has not got {changed[:5]}"
            f" ({len(changed)} in all), which it was built from; commit them, then run this again"
        )


def _last_number(root: Path) -> int:
    """The number of the newest version, 0 before the first."""
    tags = (_TAG.fullmatch(tag) for tag in git(root, "tag", "--list", "dataset-*").splitlines())
    return max((int(tag[1]) for tag in tags if tag), default=0)


def _differs_since(root: Path, tag: str) -> bool:
    return bool(git(root, "diff", "--name-only", tag, "HEAD", "--", *RECORDED))
