"""Who may talk to the Prefect server: programs on this machine and the pages of its own UI, no other page.

A browser sends any page's requests to a loopback port, so listening on loopback alone closes nothing. The
guard looks at what a page cannot forge: `Host` (a stranger's name that was rebound to 127.0.0.1), `Origin` (a
request or websocket of another page) and `Sec-Fetch-Site` (a picture, script, frame or form of another page).
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERYONE = "*"
_FORBIDDEN = 403
_WEBSOCKET_POLICY_VIOLATION = 1008
_NOT_OUR_OWN = ("cross-site", "same-site")


class Guard:
    """The server behind the guard. `origins` are its own addresses, such as http://127.0.0.1:4200."""

    def __init__(self, app: ASGIApp, origins: Iterable[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._hosts = frozenset(urlsplit(origin).netloc for origin in self._origins)
        self._policy = _content_policy(self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 403 and the reason."""
        if scope["type"] not in ("http", "websocket") or EVERYONE in self._origins:
            await self._app(scope, receive, send)
            return
        reason = self.why_refused(scope)
        if reason is None:
            await self._app(scope, receive, self._with_policy(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _WEBSOCKET_POLICY_VIOLATION, "reason": reason})
        else:
            await PlainTextResponse(f"{reason}\n", _FORBIDDEN)(scope, receive, send)

    def why_refused(self, scope: Scope) -> str | None:
        """What is wrong with where the request comes from or goes to; None when nothing is."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self._hosts:
            return f"this server is not {host!r}; it answers as {' or '.join(sorted(self._hosts))}"
        if origin is not None:
            return None if origin in self._origins else f"a page of {origin} may not use this server"
        if headers.get("sec-fetch-site") in _NOT_OUR_OWN and not _is_link_followed(scope, headers):
            return "a page of another site may not use this server"
        return None

    def _with_policy(self, send: Send) -> Send:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["content-security-policy"] = self._policy
            await send(message)

        return send_with_policy


def _is_link_followed(scope: Scope, headers: Headers) -> bool:
    """Whether a person followed a link to here; a form or a frame of another page is none."""
    return (scope.get("method"), headers.get("sec-fetch-dest")) == ("GET", "document")


def _content_policy(hosts: Iterable[str]) -> str:
    """What the pages of the UI may load and call: this server alone, and nobody may frame them."""
    own = " ".join(f"{scheme}://{host}" for host in sorted(hosts) for scheme in ("http", "ws"))
    return (
        f"default-src 'self'; connect-src 'self' {own}; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
        " worker-src 'self' blob:; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
    )
