"""A Label Studio server through its REST API: projects, uploads, tasks with predictions, annotations.

The token is sent in a header and stands in no message and no file. Of the two kinds that there are, a
personal access token (a JSON web token) is exchanged for a short-lived one, a legacy token is sent as it is.
Redirects are not followed, for they would carry it elsewhere, and proxies are not used.
Source: Label Studio's API reference; tried with the version that `make label-studio` installs.
"""

import hashlib
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from flows.errors import LabelStudioError

_SECONDS = 120
_PAGE = 100
_TASKS_AT_ONCE = 200
_SHOWN = 600


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Leave the redirect to be an error."""


class LabelStudio:
    """One server and who speaks to it."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
        self._authorization: dict[str, str] = {}
        if token.count(".") == 2:
            access = self._call("POST", "/api/token/refresh/", {"refresh": token})["access"]
            self._authorization = {"Authorization": f"Bearer {access}"}
        else:
            self._authorization = {"Authorization": f"Token {token}"}

    def projects(self, title: str) -> dict[int, str]:
        """The labelling configs, by id, of the projects of that title and of its numbered successors."""
        found = self._pages(f"/api/projects?title={quote(title)}&page_size={_PAGE}")
        ours = re.compile(re.escape(title) + r"( [0-9]+)?")
        return {int(one["id"]): str(one["label_config"]) for one in found if ours.fullmatch(one["title"])}

    def create_project(self, title: str, config: str) -> int:
        """The id of a new project."""
        body = {"title": title, "label_config": config, "show_collab_predictions": True}
        return int(self._call("POST", "/api/projects", body)["id"])

    def upload(self, project: int, name: str, payload: bytes) -> str:
        """The address, on the server, of a file that is kept with the project."""
        # No payload holds its own digest.
        boundary = hashlib.sha256(payload).hexdigest()
        opening = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = opening.encode() + payload + f"\r\n--{boundary}--\r\n".encode()
        path = f"/api/projects/{project}/import?commit_to_project=false"
        answer = self._send("POST", path, body, f"multipart/form-data; boundary={boundary}")
        (upload,) = answer["file_upload_ids"]
        return f"/data/{self._call('GET', f'/api/import/file-upload/{upload}')['file']}"

    def add_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> None:
        """Add the tasks with their predictions."""
        for start in range(0, len(tasks), _TASKS_AT_ONCE):
            self._call("POST", f"/api/projects/{project}/import", tasks[start : start + _TASKS_AT_ONCE])

    def open_tasks(self, project: int) -> Iterator[Mapping[str, Any]]:
        """The tasks that nobody has finished."""
        path = f"/api/tasks?project={project}&page_size={_PAGE}&fields=all"
        return (task for task in self._pages(path, "tasks") if not task["is_labeled"])

    def finished_tasks(self, project: int) -> list[dict[str, Any]]:
        """The tasks with annotations, as Label Studio exports them."""
        found: list[dict[str, Any]] = self._call("GET", f"/api/projects/{project}/export?exportType=JSON")
        return found

    def _pages(self, path: str, key: str = "results") -> Iterator[dict[str, Any]]:
        """What stands under the key, page by page."""
        seen, total, number = 0, 1, 1
        while seen < total:
            page = self._call("GET", f"{path}&page={number}")
            yield from page[key]
            total = page["total"] if "total" in page else page["count"]
            seen, number = seen + _PAGE, number + 1

    def _call(self, method: str, path: str, body: object = None) -> Any:
        raw = None if body is None else json.dumps(body).encode()
        return self._send(method, path, raw, "application/json")

    def _send(self, method: str, path: str, raw: bytes | None, kind: str) -> Any:
        """The answer's JSON; LabelStudioError with what the server said when it refuses."""
        headers = {"Content-Type": kind, "Accept": "application/json", **self._authorization}
        request = urllib.request.Request(f"{self._url}{path}", raw, headers, method=method)  # noqa: S310 - checked
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(_SHOWN).decode("utf-8", "replace")
            hint = "; is the token right?" if error.code in (401, 403) else ""
            raise LabelStudioError(f"{method} {path}: {error.code}{hint} {said}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise LabelStudioError(f"{method} {self._url}{path}: {error}; is Label Studio there?") from error


def refuse_remote(url: str) -> None:
    """LabelStudioError unless the address is this machine's own."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LabelStudioError(f"expected an address such as http://127.0.0.1:8080, got '{url}'")
    if not _is_own(parts.hostname):
        raise LabelStudioError(
            f"'{parts.hostname}' is another machine: --allow-remote sends media, labels and the token there"
        )


def _is_own(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
