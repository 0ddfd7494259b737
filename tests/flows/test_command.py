import sys
from pathlib import Path

import psutil
import pytest

from flows.command import run_command, silent
from flows.errors import CommandError

SLEEP = """\
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
time.sleep(60)
"""


def test_every_line_is_logged_and_what_was_printed_comes_back(tmp_path: Path) -> None:
    said: list[str] = []
    script = "import sys; print('one'); print(); print('two'); sys.stderr.write('three\\n')"
    assert run_command(tmp_path, [sys.executable, "-c", script], said.append) == "one\ntwo"
    assert sorted(said) == ["one", "three", "two"]


def test_a_command_that_fails_says_what_it_said(tmp_path: Path) -> None:
    script = "import sys; print('on the way'); sys.exit('no such thing')"
    with pytest.raises(CommandError, match=r"^python -c .* failed: no such thing$"):
        run_command(tmp_path, ["python", "-c", script], silent)


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    before = psutil.Process().children(recursive=True)
    with pytest.raises(CommandError, match="took longer than 1 s"):
        run_command(tmp_path, [sys.executable, "-c", SLEEP], silent, 1)
    assert set(psutil.Process().children(recursive=True)) <= set(before)


def test_dvc_yaml_s_python_is_this_one(tmp_path: Path) -> None:
    printed = run_command(tmp_path, ["sh", "-c", "command -v python"], silent)
    assert Path(printed).parent == Path(sys.executable).parent
