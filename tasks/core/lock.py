"""One build at a time in a repository, whoever starts it.

A build (a flow) holds `data/.build.lock` from start to end; every stage holds it too, unless the build it
belongs to does, and holds `data/.stage.lock` besides. A stage left behind by a killed build still holds the
second, and stops the next one. The operating system frees a lock when its holder dies, however it dies.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from tasks.core.errors import RepositoryBusyError
from tasks.core.machine import told_plainly

BUILD_LOCK = ".build.lock"
STAGE_LOCK = ".stage.lock"


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, as it wrote down itself."""

    pid: int
    what: str
    since: str


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
    file.truncate(0)
    file.write(
        json.dumps({"pid": os.getpid(), "what": what, "since": f"{datetime.now().astimezone():%H:%M:%S}"})
    )
    file.flush()
    return None


def _read_holder(file: TextIO) -> Holder:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):
        return Holder(0, "a build that has just started", "this moment")


def _is_ancestor(pid: int) -> bool:
    import psutil

    return pid in {parent.pid for parent in psutil.Process().parents()} | {os.getpid()}


def _busy(holder: Holder) -> RepositoryBusyError:
    return RepositoryBusyError(
        f"this repository is being built by process {holder.pid} ({holder.what}, since {holder.since});"
        f" wait until it ends, or stop it with: kill {holder.pid}"
    )
