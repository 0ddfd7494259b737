"""Which repository this is: the name that its deployments carry at a Prefect server.

writes  modalweave/repository.json in git's own folder: the name, given once, and the folder it was given to

A clone has no such file and gets a name of its own. A folder that was moved or renamed keeps its name, and
with it all that was set in the UI. A copy of the whole folder gets a new name while the original is there.
"""

import json
import re
import sys
import uuid
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from prefect.runtime import deployment

from flows.errors import CommandError, WrongPlaceError
from flows.git import git
from flows.reproduce import repository_root

_RECORD = Path("modalweave", "repository.json")
_DIGITS = 8
_NAMED_BY_US = re.compile(rf".+-[0-9a-f]{{{_DIGITS}}}")


@dataclass(frozen=True)
class Named:
    """A repository's name and the folder where it was last seen."""

    name: str
    folder: str


def repository_name(root: Path) -> str:
    """The name of the repository at `root`, such as birds-1f0c9a3e; it is given when first asked for."""
    record = _record_of(root)
    if record is None:
        return _new_name(root, sha256(bytes(root)).hexdigest())
    known = _read(record)
    if known is None or _is_copied(known, root):
        known = Named(_new_name(root, uuid.uuid4().hex), f"{root}")
    _write(record, Named(known.name, f"{root}"))
    return known.name


def refuse_foreign_run(root: Path) -> None:
    """WrongPlaceError when this run belongs to a deployment of another repository."""
    theirs = deployment.name
    if theirs and _NAMED_BY_US.fullmatch(theirs) and theirs != repository_name(root):
        raise WrongPlaceError(
            f"this run belongs to the repository '{theirs}', but it was started in {root}, which is"
            f" '{repository_name(root)}': nothing was done; start `python -m flows.serve` in the right folder"
        )


def _record_of(root: Path) -> Path | None:
    """Where the name is kept: per working tree and, in a git repository of many datasets, per folder."""
    try:
        folder = Path(git(root, "rev-parse", "--absolute-git-dir"))
        return folder / git(root, "rev-parse", "--show-prefix").strip("/") / _RECORD
    except CommandError:
        return None  # no git repository: then the folder's path has to do


def _is_copied(known: Named, root: Path) -> bool:
    """Whether the folder that bears the name is still there, and is not this one."""
    original = Path(known.folder)
    if not original.is_dir() or original.samefile(root):
        return False
    record = _record_of(original)
    there = _read(record) if record else None
    return there is not None and there.name == known.name


def _new_name(root: Path, digits: str) -> str:
    # Prefect allows no slash and no percent sign in a deployment's name; these are safe in addresses too.
    return f"{re.sub('[^A-Za-z0-9._-]+', '-', root.name) or 'dataset'}-{digits[:_DIGITS]}"


def _read(record: Path) -> Named | None:
    try:
        return Named(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(record: Path, named: Named) -> None:
    if _read(record) == named:
        return
    record.parent.mkdir(parents=True, exist_ok=True)
    partial = record.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(named)), encoding="utf-8")
    partial.replace(record)


if __name__ == "__main__":
    sys.stdout.write(f"{repository_name(repository_root())}\n")
