import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.core.errors import RepositoryBusyError
from tasks.core.lock import hold_build, hold_stage
from tests.conftest import PROJECT

HOLD = (
    "import sys, time; from pathlib import Path; from tasks.core import lock\n"
    "with getattr(lock, sys.argv[1])(Path(sys.argv[2]), 'stage encode'):\n"
    "    print('held', flush=True); time.sleep(60)\n"
)


@pytest.fixture
def other(tmp_path: Path) -> "Other":
    return Other(tmp_path)


class Other:
    """Another process that holds a lock until it is killed."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def holds(self, function: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, function, str(self.data)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process


@pytest.mark.parametrize("theirs", ["hold_stage", "hold_build"])
@pytest.mark.parametrize("ours", [hold_stage, hold_build])
def test_the_second_is_told_who_holds_the_repository(
    tmp_path: Path, other: Other, theirs: str, ours: type
) -> None:
    with other.holds(theirs) as process:
        message = rf"being built by process {process.pid} \(stage encode, since .*kill {process.pid}"
        with pytest.raises(RepositoryBusyError, match=message), ours(tmp_path, "flow build"):
            pass
        process.kill()


def test_a_killed_holder_holds_nothing(tmp_path: Path, other: Other) -> None:
    with other.holds("hold_stage") as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with hold_build(tmp_path, "flow build"), hold_stage(tmp_path, "stage align"):
            pass


def test_a_stage_runs_within_the_build_that_started_it(tmp_path: Path) -> None:
    with hold_build(tmp_path, "flow build"):
        run = [sys.executable, "-c", HOLD.replace("time.sleep(60)", "pass"), "hold_stage", str(tmp_path)]
        assert (
            subprocess.run(run, cwd=PROJECT, capture_output=True, text=True, check=False).stdout == "held\n"
        )


def test_a_stage_left_behind_by_a_killed_build_stops_the_next(tmp_path: Path) -> None:
    start = (
        "import subprocess, sys; from pathlib import Path; from tasks.core.lock import hold_build\n"
        "with hold_build(Path(sys.argv[2]), 'flow build'):\n"
        "    child = subprocess.Popen([sys.executable, '-c', sys.argv[1], 'hold_stage', sys.argv[2]])\n"
        "    child.wait()\n"
    )
    build = subprocess.Popen(
        [sys.executable, "-c", start, HOLD.replace("'held'", "__import__('os').getpid()"), str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert build.stdout is not None
    left_behind = int(build.stdout.readline())
    build.kill()
    build.wait()
    try:
        with (
            pytest.raises(RepositoryBusyError, match=rf"process {left_behind} \(stage encode"),
            hold_build(tmp_path, "x"),
        ):
            pass
    finally:
        os.kill(left_behind, signal.SIGKILL)
        build.stdout.close()


BETWEEN_STAGES = (
    "import os, subprocess, sys, time\n"
    "stage = [sys.executable, '-c', sys.argv[1], 'hold_stage', sys.argv[2]]\n"
    "subprocess.run(stage, env={**os.environ, 'DVC_STAGE': 'fetch'}, check=True)\n"
    "print('between', flush=True); time.sleep(60)\n"
)


def test_a_dvc_that_is_between_two_of_its_stages_holds_the_repository_until_it_ends(tmp_path: Path) -> None:
    stage = HOLD.replace("time.sleep(60)", "pass")
    dvc = subprocess.Popen(
        [sys.executable, "-c", BETWEEN_STAGES, stage, str(tmp_path), "dvc", "repro"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert dvc.stdout is not None
    assert [dvc.stdout.readline(), dvc.stdout.readline()] == ["held\n", "between\n"]
    message = rf"being built by process {dvc.pid} \(dvc repro, since \d\d:\d\d:\d\d\)"
    for hold in (hold_stage, hold_build):
        with pytest.raises(RepositoryBusyError, match=message), hold(tmp_path, "another"):
            pass
    dvc.kill()
    dvc.wait()
    dvc.stdout.close()
    with hold_stage(tmp_path, "stage fetch"):
        pass
