"""Run git and DVC as processes: every line goes to a log as it comes, and no process is left behind."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from flows.errors import CommandError

Log = Callable[[str], None]
DVC = (sys.executable, "-m", "dvc")
_END_SECONDS = 10


def run_command(root: Path, arguments: Sequence[str], log: Log, timeout_s: float | None = None) -> str:
    """What the command prints; CommandError with its standard error when it fails or takes too long."""
    # The readers are left last: they end when the process has, which `_child` sees to.
    with ThreadPoolExecutor(2) as readers, _child(root, arguments) as process:
        printed, complaints = (
            readers.submit(_read_lines, pipe, log) for pipe in (process.stdout, process.stderr)
        )
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise CommandError(f"{_said(arguments)} took longer than {timeout_s:.0f} s") from error
    if status != 0:
        message = "\n".join(complaints.result() or printed.result()) or f"it ended with {status}"
        raise CommandError(f"{_said(arguments)} failed: {message}")
    return "\n".join(printed.result())


def silent(line: str) -> None:
    """A log that keeps nothing, for questions whose answer is all that matters."""


@contextmanager
def _child(root: Path, arguments: Sequence[str]) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        arguments,
        cwd=root,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            end_processes(
                [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
            )
            process.wait()


def end_processes(family: Sequence[psutil.Process]) -> None:
    """End the processes, first kindly."""
    left = list(family)
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for member in left:
            with suppress(psutil.NoSuchProcess):
                end(member)
        _, left = psutil.wait_procs(left, timeout=_END_SECONDS)


def _read_lines(pipe: IO[str] | None, log: Log) -> list[str]:
    lines: list[str] = []
    if pipe is None:
        return lines
    with pipe:
        for line in filter(None, map(str.rstrip, pipe)):
            lines.append(line)
            log(line)
    return lines


def _environment() -> dict[str, str]:
    """Ours, with this Python first (dvc.yaml says `python`), and without a question to anyone."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    quiet = {"DVC_NO_ANALYTICS": "1", "DVC_STUDIO_OFFLINE": "1", "GIT_TERMINAL_PROMPT": "0"}
    return {**os.environ, "PATH": path, **quiet}


def _said(arguments: Sequence[str]) -> str:
    """The command as a person would write it."""
    words = ["dvc", *arguments[len(DVC) :]] if tuple(arguments[: len(DVC)]) == DVC else list(arguments)
    return " ".join(words)
