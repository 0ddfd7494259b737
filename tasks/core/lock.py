"""One build at a time in a repository, whoever starts it.

A build (a flow) holds `data/.build.lock` from start to end; every stage holds it too, unless the build it
belongs to does, and holds `data/.stage.lock` besides. A stage left behind by a killed build still holds the
second, and stops the next one. The operating system frees a lock when its holder dies, however it dies.

`dvc repro` runs stage after stage, and holds nothing of ours between two of them. So a stage writes down
which DVC process started it: while that lives, the stages of another one are refused. So it is the second of
two builds that ends.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from tasks.core.errors import RepositoryBusyError
from tasks.core.machine import told_plainly

BUILD_LOCK = ".build.lock"
STAGE_LOCK = ".stage.lock"
_RUN_BY_DVC = "DVC_STAGE"


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, as it wrote down itself."""

    pid: int
    what: str
    since: str
    dvc_pid: int = 0
    dvc_started_s: float = 0.0


@contextmanager
def hold_build(data: Path, what: str) -> Iterator[None]:
    """Hold the repository for a whole build; RepositoryBusyError names the holder when there is one."""
    with ExitStack() as held:
        _take(held, data / BUILD_LOCK, what)
        with ExitStack() as glance:
            _take(glance, data / STAGE_LOCK, what)
        yield


@contextmanager
def hold_stage(data: Path, what: str) -> Iterator[None]:
    """Hold the repository for one stage, which may belong to a build that holds it already."""
    with ExitStack() as held:
        holder = _try_to_take(held, data / BUILD_LOCK, what)
        if holder is not None and not _is_ancestor(holder.pid):
            raise _busy(holder)
        _take(held, data / STAGE_LOCK, what)
        yield


def _take(held: ExitStack, path: Path, what: str) -> None:
    holder = _try_to_take(held, path, what)
    if holder is not None:
        raise _busy(holder)


def _try_to_take(held: ExitStack, path: Path, what: str) -> Holder | None:
    """None when the lock is ours until `held` closes, or else its holder."""
    with told_plainly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with file:
            return _read_holder(file)
    held.enter_context(file)
    before = _read_holder(file)
    if _is_between_stages(before):
        return replace(before, pid=before.dvc_pid, what="dvc repro")
    dvc = _dvc_above()
    own = Holder(os.getpid(), what, f"{datetime.now().astimezone():%H:%M:%S}", *dvc)
    file.truncate(0)
    file.write(json.dumps(asdict(own)))
    file.flush()
    return None


def _read_holder(file: TextIO) -> Holder:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return Holder(0, "a build that has just started", "this moment")


def _is_between_stages(last: Holder) -> bool:
    """Whether a living DVC process that is not above us ran the last stage: it will run the next."""
    if not last.dvc_pid:
        return False
    import psutil

    try:
        dvc = psutil.Process(last.dvc_pid)
        lives = dvc.create_time() == last.dvc_started_s and dvc.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
    return lives and not _is_ancestor(last.dvc_pid)


def _dvc_above() -> tuple[int, float]:
    """The process of DVC that runs this stage and when it started; zeros where none does."""
    if _RUN_BY_DVC not in os.environ:
        return 0, 0.0
    import psutil

    with suppress(psutil.Error):
        for parent in psutil.Process().parents():
            if any(Path(word).name == "dvc" for word in parent.cmdline()):
                return parent.pid, parent.create_time()
    return 0, 0.0


def _is_ancestor(pid: int) -> bool:
    import psutil

    return pid in {parent.pid for parent in psutil.Process().parents()} | {os.getpid()}


def _busy(holder: Holder) -> RepositoryBusyError:
    return RepositoryBusyError(
        f"this repository is being built by process {holder.pid} ({holder.what}, since {holder.since});"
        f" wait until it ends, or stop it with: kill {holder.pid}"
    )
