"""A real Label Studio server on a loopback port, its data in a temporary folder, with nobody to report to."""

import json
import os
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.flows.prefect_server import background, free_port, wait_for

PROGRAM = PROJECT / ".venv-label-studio" / "bin" / "label-studio"
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - of a server that lives as long as the tests
# Half a minute of migrations, on a machine that may have more to do.
START_SECONDS = 480
QUIET = {
    "COLLECT_ANALYTICS": "False",
    "FEATURE_FLAGS_OFFLINE": "True",
    "FRONTEND_SENTRY_DSN": "",
    "LATEST_VERSION_CHECK": "False",
    "SENTRY_DSN": "",
}


@dataclass(frozen=True)
class Server:
    """The server as a browser and a person's script see it."""

    url: str
    token_file: Path

    def arguments(self, direction: str, batch: str, *more: str) -> list[str]:
        return [direction, batch, "--url", self.url, "--token-file", f"{self.token_file}", *more]

    def fetch(self, path: str, body: object = None) -> bytes:
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", raw, headers)  # noqa: S310 - our own http server
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own http server
            return bytes(answer.read())

    def call(self, path: str, body: object = None) -> Any:
        return json.loads(self.fetch(path, body))

    def tasks(self, title: str) -> dict[str, dict[str, Any]]:
        """The tasks of the project by item, and by question where there is one."""
        (project,) = [one for one in self.call("/api/projects")["results"] if one["title"] == title]
        found = self.call(f"/api/tasks?project={project['id']}&fields=all&page_size=100")["tasks"]
        return {task["data"]["question"] or task["data"]["modalweave_item"]: task for task in found}

    def annotate(self, task: dict[str, Any], *results: dict[str, Any]) -> None:
        """Submit an annotation, as the editor does."""
        self.call(f"/api/tasks/{task['id']}/annotations", {"result": results, "lead_time": 3.5})


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, or a skip that says how to get one."""
    if not PROGRAM.is_file():
        pytest.skip("Label Studio is not installed: `make label-studio`")
    folder, port = tmp_path_factory.mktemp("label-studio"), free_port()
    (folder / "token").write_text(f"{TOKEN}\n")
    person = ["--username", "ann@example.org", "--password", "ann-and-bob", "--user-token", TOKEN]
    where = ["--internal-host", "127.0.0.1", "--port", f"{port}", "--data-dir", f"{folder}"]
    command = [f"{PROGRAM}", "start", "--no-browser", *where, *person, "--enable-legacy-api-token"]
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with background(command, folder, kept | QUIET | {"LABEL_STUDIO_BASE_DATA_DIR": f"{folder}"}) as process:
        found = Server(f"http://127.0.0.1:{port}", folder / "token")

        def answers() -> bool | None:
            if process.poll() is not None:
                raise RuntimeError((folder / "--no-browser.log").read_text())
            with suppress(OSError):
                return bool(found.call("/api/current-user/whoami"))
            return None

        wait_for(answers, START_SECONDS)
        yield found
