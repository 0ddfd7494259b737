"""The two web servers on this machine: Prefect's own, where none is running, and one for the report.

Both listen on loopback only and answer no page of another site.

reads   data/report
"""

import io
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.errors import CommandError

HOST = "127.0.0.1"
STRANGER = "http://stranger.invalid"
START_SECONDS = 120.0
STOP_SECONDS = 30.0


class ReportHandler(SimpleHTTPRequestHandler):
    """Files of one folder for this machine's own pages, without a line on the terminal for each."""

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """The file, or 403 where a page reached us under another name (DNS rebinding)."""
        port = self.connection.getsockname()[1]
        if self.headers.get("Host") in (f"{HOST}:{port}", f"localhost:{port}"):
            return super().send_head()
        self.send_error(HTTPStatus.FORBIDDEN, f"the report is at http://{HOST}:{port}")
        return None

    def end_headers(self) -> None:
        """Tell browsers that no page of another site may embed these files."""
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the parent class's
        """Say nothing: the terminal is for the flows."""


@contextmanager
def served_folder(folder: Path, port: int) -> Iterator[str]:
    """The address of the folder, which is served to this machine only, and nothing above it."""
    try:
        server = ThreadingHTTPServer((HOST, port), partial(ReportHandler, directory=str(folder)))
    except OSError as error:
        raise CommandError(
            f"the report cannot be served on port {port} ({error.strerror}): give another --report-port"
        ) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def running_prefect(port: int) -> Iterator[str]:
    """The API of the configured Prefect server, or of one on this machine, started where there is none."""
    configured = PREFECT_API_URL.value()
    if configured:
        yield configured
        return
    api = f"http://{HOST}:{port}/api"
    with temporary_settings({PREFECT_API_URL: api}):
        if _is_healthy(api):
            yield api
            return
        with _started_prefect(port) as server:
            _wait_until_healthy(api, server)
            yield api


@contextmanager
def prefect_for_one_run() -> Iterator[None]:
    """The configured Prefect server, or one that is there for a run started as a script and ends with it.

    Prefect would start one of its own, which answers under any name: a page could rebind its name to it.
    """
    if PREFECT_API_URL.value():
        yield
        return
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    api = f"http://{HOST}:{port}/api"
    with temporary_settings({PREFECT_API_URL: api}), _started_prefect(port, "--temporary") as server:
        _wait_until_healthy(api, server)
        yield


@contextmanager
def _started_prefect(port: int, *flags: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "flows.guarded_server", "--port", f"{port}", *flags]
    # In a session of its own: Ctrl-C must reach the flows while there is a server to tell about it.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            yield server
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_healthy(api: str, server: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + START_SECONDS
    while not _is_healthy(api):
        if server.poll() is not None:
            raise CommandError(f"the Prefect server ended with {server.returncode} before it answered")
        if time.monotonic() > deadline_s:
            raise CommandError(f"the Prefect server did not answer at {api} within {START_SECONDS:.0f} s")
        time.sleep(0.25)


def answers_strangers(api: str) -> bool:
    """Whether a Prefect server that was there before us serves any web page, as its own settings have it."""
    return _is_healthy(api, {"Origin": STRANGER, "Sec-Fetch-Site": "cross-site"})


def _is_healthy(api: str, headers: Mapping[str, str] = MappingProxyType({})) -> bool:
    request = urllib.request.Request(f"{api}/health", headers=dict(headers))  # noqa: S310 - an http server
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - an http server
            return bool(answer.status == HTTPStatus.OK)
    except urllib.error.HTTPError as refused:
        refused.close()
        return False
    except OSError:
        return False
