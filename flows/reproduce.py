"""Bring one stage up to date through DVC, so that its lock, its skipping and its cache are the only ones.

`python -m flows.reproduce` (what `make` calls) is `dvc repro` for a person: it holds the repository from
start to end, so that a second one is told who does, and goes on where another DVC command was in its way.

Whether anything changed is asked in this process, which costs a tenth of a second; only a stage that has
to run costs a process. The order of the calls is the order of a new dvc.lock, so it is the pipeline's.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dvc.exceptions import DvcException
from dvc.lock import LockError
from dvc.repo import Repo

from flows.command import DVC, Log, run_command
from flows.errors import CommandError, StageFailedError, WrongPlaceError
from tasks.core.errors import ModalweaveError, RepositoryBusyError
from tasks.core.lock import hold_build
from tasks.core.partition import PIPELINE_FILE
from tasks.core.refusal import forget_mended

# DVC itself waits 3 s for its lock each time, and a second is waited between two tries.
LOCK_TRIES = 15
_INSIDE_STAGE = "DVC_STAGE"
_DVC_IS_BUSY = ("Unable to acquire lock", "is busy, it is being blocked by")
_DVC_ADDS = "ERROR: failed to reproduce"
# DVC does not write its lock file whole: killed in the middle, it refuses every later command.
_DVC_LOCK_IS_BROKEN = "Unable to read RWLock-file"
_DVC_LOCK_FILE = Path(".dvc", "tmp", "rwlock")
# What DVC tells a person at a terminal to do next; the flows do it themselves.
_DVC_HINTS = (
    "To track the changes with git",
    "\tgit add",
    "To enable auto staging",
    "\tdvc config core.autostage",
    "Use `dvc push`",
)


def repository_root() -> Path:
    """The current folder, which has to be the root of a repository and must not be inside a DVC stage."""
    stage = os.environ.get(_INSIDE_STAGE)
    if stage:
        raise WrongPlaceError(
            f"a flow runs DVC, so it cannot be started by DVC's own stage '{stage}':"
            f" take the flow out of the stage's cmd in {PIPELINE_FILE}"
        )
    root = Path.cwd()
    if not (root / PIPELINE_FILE).is_file():
        raise WrongPlaceError(f"{root} has no {PIPELINE_FILE}: start the flow in the root of the repository")
    return root


def reproduce(root: Path, targets: Sequence[str], log: Log) -> bool:
    """Bring the stages (or .dvc files), or all where none is named, up to date; whether one had to run."""
    return patiently(lambda: _reproduce(root, targets, log), log)


def patiently(step: Callable[[], bool], log: Log) -> bool:
    """Take the step again while another DVC command holds DVC's lock, for about a minute."""
    for _ in range(LOCK_TRIES):
        try:
            return step()
        except LockError as error:
            log(f"DVC's lock stands in the way, trying again: {error}")
            time.sleep(1)
            last = error
    raise RepositoryBusyError(f"another DVC command holds the repository: {last}") from last


def _reproduce(root: Path, targets: Sequence[str], log: Log) -> bool:
    for batch in forget_mended(root / "data"):
        log(f"{batch} was refused for want of a package that is installed now: it is tried again")
    if targets and not is_changed(root, targets):
        return False
    wanted = ["--single-item", *targets] if targets else []
    try:
        run_command(root, [*DVC, "--wait-for-lock", "repro", *wanted], _without_hints(log))
    except CommandError as error:
        message = str(error)
        _mend_dvc_lock(root, message)
        if any(words in message for words in _DVC_IS_BUSY):
            raise LockError(message) from error
        raise StageFailedError(", ".join(targets), _own_words(message)) from error
    return True


def is_changed(root: Path, targets: Sequence[str]) -> bool:
    """Whether DVC would run one of them. One Repo per call: they must not be shared between threads."""
    try:
        with Repo(str(root)) as repo:
            return bool(repo.status(targets=[_address(root, target) for target in targets]))
    except LockError:
        raise
    except DvcException as error:
        _mend_dvc_lock(root, str(error))
        raise CommandError(f"dvc status failed: {error}") from error


def _address(root: Path, target: str) -> str:
    """The target by its full path: DVC would look for a bare one in the current folder, not in `root`."""
    return f"{root / target}" if target.endswith(".dvc") else f"{root / PIPELINE_FILE}:{target}"


def _mend_dvc_lock(root: Path, message: str) -> None:
    """Remove DVC's lock file where it cannot be read, and have the step taken again (LockError)."""
    if _DVC_LOCK_IS_BROKEN in message:
        (root / _DVC_LOCK_FILE).unlink(missing_ok=True)
        raise LockError("its lock file was cut off by a killed run and is removed")


def _without_hints(log: Log) -> Log:
    return lambda line: None if line.startswith(_DVC_HINTS) else log(line)


def _own_words(message: str) -> str:
    """What the stage said itself, without the lines that DVC puts around it."""
    said = message.partition("failed: ")[2]
    own = [line for line in said.splitlines() if not line.startswith(_DVC_ADDS)]
    return "\n".join(own) or said


def main() -> int:
    """Run `dvc repro` in the current folder; 0, or 1 with the error's one message."""
    try:
        root = repository_root()
        with hold_build(root / "data", "make"):
            reproduce(root, [], lambda line: print(line, flush=True))
    except ModalweaveError as error:
        sys.stderr.write(f"build: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
