"""A real Prefect server on this machine, flows served to it, and its REST API as the UI uses it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.flows.repositories import FlowRepository

WAIT_SECONDS = 180
CRASH_SECONDS = 40
BUSY = 503
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

Found = TypeVar("Found")
Run = dict[str, Any]


class Api:
    """The server's REST API, used as its own UI uses it: with a token for whatever changes something."""

    def __init__(self, address: str, environment: dict[str, str]) -> None:
        self.address = address
        self.environment = {**environment, "PREFECT_API_URL": address}
        self._token = ""

    def call(self, method: str, path: str, body: object = None) -> Any:
        return wait_for(lambda: self._answer(method, path, body))[0]

    def _headers(self, method: str) -> dict[str, str]:
        if method != "GET" and not self._token:
            self._token = self.call("GET", "csrf-token?client=tests")["token"]
        token = {"Prefect-Csrf-Token": self._token, "Prefect-Csrf-Client": "tests"}
        return {"Content-Type": "application/json", **(token if method != "GET" else {})}

    def _answer(self, method: str, path: str, body: object) -> tuple[Any] | None:
        """The server's answer, or None where it says that it is too busy and may be asked again."""
        request = urllib.request.Request(  # noqa: S310 - our own http server
            f"{self.address}/{path}",
            None if body is None else json.dumps(body).encode(),
            self._headers(method),
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own http server
                text = answer.read()
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == BUSY:
                return None
            raise
        return (json.loads(text) if text else None,)

    def start_run(self, flow: str, **parameters: object) -> str:
        deployment = self.deployments()[flow]
        run = self.call("POST", f"deployments/{deployment['id']}/create_flow_run", {"parameters": parameters})
        return str(run["id"])

    def finish(self, run_id: str, within_s: float = WAIT_SECONDS) -> Run:
        def ended() -> Run | None:
            run: Run = self.call("GET", f"flow_runs/{run_id}")
            return run if run["state"]["type"] in ENDED else None

        return wait_for(ended, within_s)

    def see_crashed(self, run_id: str) -> None:
        """The run is marked as crashed; where SQLite was too busy for Prefect to do it, as a person would."""
        try:
            assert self.finish(run_id, CRASH_SECONDS)["state"]["type"] == "CRASHED"
        except TimeoutError:
            crashed = {"state": {"type": "CRASHED", "name": "Crashed"}, "force": True}
            self.call("POST", f"flow_runs/{run_id}/set_state", crashed)

    def run(self, flow: str, **parameters: object) -> Run:
        return self.finish(self.start_run(flow, **parameters))

    def artifacts(self, run_id: str) -> dict[str, Any]:
        """The newest data of every artifact of the run, by key."""
        asked = {"artifacts": {"flow_run_id": {"any_": [run_id]}}, "sort": "CREATED_DESC"}
        newest: dict[str, Any] = {}
        for artifact in self.call("POST", "artifacts/filter", asked):
            newest.setdefault(artifact["key"], artifact["data"])
        return newest

    def log_of(self, run_id: str) -> list[str]:
        asked = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_ASC", "limit": 200}
        return [line["message"] for line in self.call("POST", "logs/filter", asked)]

    def log_to_its_end(self, run_id: str) -> list[str]:
        """The log of a run that has ended, once its last line has arrived."""

        def ended() -> list[str] | None:
            lines = self.log_of(run_id)
            return lines if any(line.startswith("Finished in state") for line in lines) else None

        return wait_for(ended)

    def deployments(self) -> dict[str, Run]:
        """By the name of their flow; where two repositories are served, those of the last one."""
        found = self.call("POST", "deployments/filter", {"sort": "CREATED_DESC"})
        return {deployment["entrypoint"].rpartition(":")[2]: deployment for deployment in reversed(found)}


def wait_for(question: Callable[[], Found | None], within_s: float = WAIT_SECONDS) -> Found:
    """The first answer that is not None; TimeoutError when there is none in time."""
    deadline_s = time.monotonic() + within_s
    while True:
        answer = question()
        if answer is not None:
            return answer
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"no answer within {within_s} s")
        time.sleep(0.1)


def fetch(address: str) -> str:
    """The page at an address of this machine."""
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own http server
        return str(answer.read(), "utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(home: Path) -> dict[str, str]:
    """This environment without anything of Prefect, bytecode cached, and a home of the tests' own."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PREFECT_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {**kept, "PREFECT_HOME": f"{home}", "DVC_NO_ANALYTICS": "1"}


@contextmanager
def background(
    command: list[str], folder: Path, environment: dict[str, str]
) -> "Iterator[subprocess.Popen[bytes]]":
    """A process that is ended, with everything it started, when the block ends."""
    with (folder / f"{command[2]}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        process.wait(60)
        _, left = psutil.wait_procs(family, timeout=10)
        for member in left:
            member.kill()
        if left:
            raise RuntimeError(f"{command} left {left} behind")


@contextmanager
def serving(repository: FlowRepository, api: Api, *, anew: bool = True) -> Iterator[None]:
    """`python -m flows.serve` in the repository, its deployments registered; `anew`: the only ones."""
    for deployment in api.deployments().values() if anew else ():
        api.call("DELETE", f"deployments/{deployment['id']}")
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "flows.serve", "--report-port", address.rpartition(":")[2]]
    with background(command, repository.root, api.environment) as process:

        def registered() -> bool | None:
            if process.poll() is not None:
                raise RuntimeError((repository.root / "flows.serve.log").read_text())
            given = {flow: str(found["parameters"]) for flow, found in api.deployments().items()}
            return True if all(address in given.get(flow, "") for flow in ("build", "nightly")) else None

        wait_for(registered)
        yield
