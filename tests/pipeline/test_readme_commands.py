"""The README's commands, typed as they are printed into one terminal, in a clone of the project."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.flows.prefect_server import clean_environment, wait_for
from tests.pipeline.conftest import ENVIRONMENT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    [line.removeprefix("$ ").split("  #")[0].strip() for line in block.splitlines() if line.startswith("$ ")]
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
]
FIRST, *OTHERS = BLOCKS
# Where a command leaves a server running, what answers when it is up.
SERVERS = {
    "make serve": ("http://127.0.0.1:4200/api/health", "http://127.0.0.1:4280/index.html"),
    "make label-studio-server &": ("http://127.0.0.1:8080/health",),
}
SECONDS = 480


class Terminal:
    """A shell, into which one command after the other is typed."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._typed = 0

    def type(self, command: str) -> None:
        """Run it to its end; the test fails with what it printed when that is not 0."""
        if self._shell.stdin is None or self._shell.stdout is None:
            raise RuntimeError("the shell has no pipes")
        self._typed += 1
        end = f"~end of {self._typed}~"
        self._shell.stdin.write(f"{command}\necho; echo '{end}' $?\n")
        self._shell.stdin.flush()
        late = threading.Timer(SECONDS, self.close)
        late.start()
        printed: list[str] = []
        for line in self._shell.stdout:
            if line.startswith(end):
                late.cancel()
                status = line.removeprefix(end).strip()
                assert status == "0", f"{command} ended with {status}:\n{''.join(printed)}"
                return
            printed.append(line)
        pytest.fail(f"{command} took longer than {SECONDS} s, or ended the shell:\n{''.join(printed)}")

    def close(self) -> None:
        """End the shell and all that it left running."""
        with suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGKILL)
        with self._shell:
            pass


def clone_of_the_project(place: Path) -> None:
    """What git tracks as it stands now, committed or not, and the environment that the tests run in."""
    subprocess.run(["git", "clone", "--quiet", PROJECT, place], check=True)
    changed = subprocess.run(
        ["git", "diff", "HEAD", "--binary"], cwd=PROJECT, capture_output=True, check=True
    )
    if changed.stdout:
        subprocess.run(["git", "apply"], cwd=place, input=changed.stdout, check=True)
        subprocess.run(["git", "commit", "-qam", "As it stands"], cwd=place, env=ENVIRONMENT, check=True)
    for environment in (Path(sys.prefix), PROJECT / ".venv-label-studio"):
        if environment.is_dir():
            name = ".venv" if environment == Path(sys.prefix) else environment.name
            (place / name).symlink_to(environment)
    # Of today, like all that git has just written, it would have the requirements installed again.
    for written in ("pyproject.toml", "constraints.txt", "tests/label_studio/constraints.txt"):
        os.utime(place / written, (0, 0))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal in the clone, after the README's first command and `source .venv/bin/activate`."""
    if not (Path(sys.prefix) / ".installed").is_file():
        pytest.skip("the tests do not run in the environment that `make` sets up")
    folder = tmp_path_factory.mktemp("readme")
    clone_of_the_project(folder / "modalweave")
    own = {"HOME": str(folder), "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "label-studio")}
    environment = {**ENVIRONMENT, **clean_environment(folder / "prefect"), **own}
    # As a new terminal has it: without the environment that the tests run in.
    environment["PATH"] = os.environ["PATH"].replace(f"{Path(sys.prefix) / 'bin'}{os.pathsep}", "")
    terminal = Terminal(folder / "modalweave", environment)
    try:
        terminal.type(FIRST[0])
        terminal.type(OTHERS[0][0])
        yield terminal
    finally:
        terminal.close()


def test_the_second_command_checks_style_and_types_and_runs_every_test(terminal: Terminal) -> None:
    # Typed without -n it would run this test.
    terminal.type(f"{FIRST[1]} -n | tee /dev/stderr | tail -n 1 | grep -q 'python -m pytest$'")


@pytest.mark.parametrize("block", OTHERS[1:], ids=lambda block: block[0])
def test_every_block_of_commands_runs_as_it_is_printed(terminal: Terminal, block: list[str]) -> None:
    if "make label-studio" in block and not (PROJECT / ".venv-label-studio").is_dir():
        pytest.skip("Label Studio is not installed: `make label-studio`")
    addresses = [address for command in block for address in SERVERS.get(command, ())]
    taken = [address for address in addresses if answers(address)]
    if taken:
        pytest.skip(f"another server has the port of {taken[0]}")
    for command in block:
        serving = SERVERS.get(command, ())
        if serving and not command.endswith("&"):
            type_until_interrupted(terminal, command, serving)
            continue
        terminal.type(command)
        for address in serving:
            wait_until_answers(address)


def type_until_interrupted(terminal: Terminal, command: str, serving: tuple[str, ...]) -> None:
    """Ctrl-C, once what it serves answers."""
    terminal.type(f"set -m; {command} > served.log 2>&1 & served=$!; set +m")
    for address in serving:
        wait_until_answers(address)
    terminal.type("kill -INT -- -$served; wait $served; test $? -le 130")


def wait_until_answers(address: str) -> None:
    wait_for(lambda: answers(address) or None, SECONDS)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - written above
            return bool(answer.status == 200)
    except OSError:
        return False
