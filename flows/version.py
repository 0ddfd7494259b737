"""Record a version of the dataset: a commit of what DVC and the stages wrote down, and a tag dataset-<n>.

reads   dvc.lock, data/metrics, data/deliveries, data/released, data/batches/*.dvc, DVC's .gitignore files
writes  a commit of just these (the user's index stays as it is) and an annotated tag

Both name what was corrected. A corrected batch that git tracks itself, without DVC, is committed too.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.command import Log
from flows.deliveries import DELIVERIES, Listing, difference, parse_record, read_record
from flows.errors import UnrecordableError
from flows.git import changed_paths, git

RECORDED = (
    "dvc.lock",
    "data/metrics",
    DELIVERIES.as_posix(),
    "data/released",
    "data/.gitignore",
    "data/batches/.gitignore",
    ":(glob)data/batches/*.dvc",
)
BUILT_FROM = ("dvc.yaml", "params.yaml", "tasks", "expectations", "models", "data/batches")
_TAG = re.compile(r"dataset-(\d+)")


def record_version(root: Path, corrected: Mapping[str, str], log: Log) -> str | None:
    """Commit and tag; the tag, or None when the last one says it all already.

    `corrected` is what this run's intake changed, by batch.
    """
    corrections = {**corrected, **_corrections(root)}
    recorded = [*RECORDED, *(f"data/batches/{name}" for name in corrections)]
    refuse_uncommitted_input(root, recorded)
    number = _last_number(root)
    told = [f"Correction of {name}: {changed}" for name, changed in sorted(corrections.items())]
    message = "\n\n".join([f"Dataset version {number + 1}", *told])
    paths = changed_paths(root, *recorded)
    if paths:
        git(root, "add", "--", *paths)
        git(root, "commit", "--only", "--message", message, "--", *paths, log=log)
    if number and not _differs_since(root, f"dataset-{number}"):
        log(f"nothing changed since dataset-{number}: no new version")
        return None
    tag = f"dataset-{number + 1}"
    git(root, "tag", "--annotate", "--message", message, tag)
    log(f"recorded as {tag}")
    return tag


def refuse_uncommitted_input(root: Path, recorded: Sequence[str]) -> None:
    """UnrecordableError when the dataset was built from something that no commit holds, nor will hold."""
    ours = set(changed_paths(root, *recorded))
    changed = [path for path in changed_paths(root, *BUILT_FROM) if path not in ours]
    if changed:
        raise UnrecordableError(
            f"the dataset was built, but no version was recorded: git has not got {changed[:5]}"
            f" ({len(changed)} in all), which it was built from; commit them, then run this again"
        )


def _corrections(root: Path) -> dict[str, str]:
    """What changed in every batch whose delivery differs from the one that is committed, by name.

    Told from the records, since a night that was killed after its intake has left only these.
    """
    told = {}
    for path in changed_paths(root, DELIVERIES.as_posix()):
        name = Path(path).stem
        before, now = _committed_record(root, path), read_record(root, name)
        if before is not None and now is not None:
            told[name] = f"{difference(before, now)}"
    return told


def _committed_record(root: Path, path: str) -> Listing | None:
    if not git(root, "ls-tree", "--name-only", "HEAD", "--", path):
        return None
    return parse_record(git(root, "show", f"HEAD:./{path}"))


def _last_number(root: Path) -> int:
    """The number of the newest version, 0 before the first."""
    tags = (_TAG.fullmatch(tag) for tag in git(root, "tag", "--list", "dataset-*").splitlines())
    return max((int(tag[1]) for tag in tags if tag), default=0)


def _differs_since(root: Path, tag: str) -> bool:
    return bool(git(root, "diff", "--name-only", tag, "HEAD", "--", *RECORDED))
