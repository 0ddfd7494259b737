"""A real browser without a window, told what to do through the DevTools protocol."""

import json
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from tests.flows.prefect_server import wait_for

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWER_SECONDS = 60
# What the browser itself would ask its maker for, which says nothing of the page.
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-dev-shm-usage", "--remote-debugging-port=0",
)  # fmt: skip


class Page:
    """One page of the browser; `requested` collects the address of every request that it makes."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._numbers = count(1)
        self.requested: list[str] = []
        for domain in ("Page", "Network", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, address: str) -> None:
        self._call("Page.navigate", url=address)
        self.wait_until("document.readyState === 'complete'")

    def ask(self, script: str) -> Any:
        """What the script comes to; a promise is waited for, and an exception is raised."""
        told = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(json.dumps(told["exceptionDetails"]))
        return told["result"].get("value")

    def wait_until(self, condition: str) -> None:
        try:
            wait_for(lambda: True if self.ask(condition) else None, ANSWER_SECONDS)
        except TimeoutError as error:
            shown = self.ask("document.body.innerText")
            raise TimeoutError(f"{condition} never came true; the page shows: {shown}") from error

    def click(self, text: str) -> None:
        """Click the button or menu entry with this text, as a person would, with a pointer."""
        found = (
            "[...document.querySelectorAll('button, a, [role=menuitem], [role=tab]')]"
            f".find(place => place.innerText.trim() === {json.dumps(text)} && !place.disabled)"
        )
        self.wait_until(f"Boolean({found})")
        middle = f"(() => {{ const box = {found}.getBoundingClientRect();"
        x, y = self._ask_until_settled(
            f"{middle} return [box.x + box.width / 2, box.y + box.height / 2] }})()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _ask_until_settled(self, script: str) -> Any:
        """What the script comes to once it comes to the same twice: a page moves while it is filled."""
        seen = [None]

        def settled() -> Any:
            seen.append(self.ask(script))
            return seen[-1] if seen[-1] == seen[-2] else None

        return wait_for(settled, ANSWER_SECONDS)

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._line.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._line.recv(ANSWER_SECONDS))
            self._note(told)
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return told["result"]

    def _note(self, told: dict[str, Any]) -> None:
        if told.get("method") == "Network.requestWillBeSent":
            self.requested.append(told["params"]["request"]["url"])
        if told.get("method") == "Network.webSocketCreated":
            self.requested.append(told["params"]["url"])


@contextmanager
def browser_page(*flags: str) -> Iterator[Page]:
    """A page in a browser of its own, or a skip where there is no Chromium."""
    name = next(filter(None, map(shutil.which, NAMES)), None)
    if name is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        command = [name, *QUIET, *flags, f"--user-data-dir={home}", "about:blank"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                with connect(_line_of(Path(home)), max_size=None, proxy=None) as line:
                    yield Page(line)
            finally:
                browser.terminate()
                browser.wait(30)


def _line_of(home: Path) -> str:
    """The address of the first page's DevTools, once the browser has told its port."""
    told = home / "DevToolsActivePort"
    port = wait_for(lambda: told.read_text().split()[0] if told.exists() and told.read_text() else None)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
        pages = [target for target in json.load(answer) if target["type"] == "page"]
    return str(pages[0]["webSocketDebuggerUrl"])
