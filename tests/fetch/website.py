"""A web site on loopback, as well or badly behaved as a test wants it; it keeps a log of its own."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Visit = BaseHTTPRequestHandler
Answer = Callable[[Visit], None]


@dataclass(frozen=True)
class Asked:
    """One request as the site saw it, when the site saw it."""

    path: str
    at_s: float
    host: str
    user_agent: str


@dataclass
class Website:
    """The site: what it answers by path, and what was asked so far."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def count(self, path: str) -> int:
        return [asked.path for asked in self.asked].count(path)

    def serve(self, path: str, body: bytes, content_type: str = "image/png", **headers: str) -> None:
        self.answers[path] = reply(200, body, {"Content-Type": content_type, **_named(headers)})


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a length."""

    def answer(visit: Visit) -> None:
        visit.send_response(status)
        for name, value in (headers or {}).items():
            visit.send_header(name, value)
        visit.send_header("Content-Length", str(len(body)))
        visit.end_headers()
        visit.wfile.write(body)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    return reply(status, b"moved", {"Location": to})


def raw(payload: bytes, then: Callable[[Visit], None] = lambda visit: None) -> Answer:
    """Bytes as they are, and then the end of the connection, or what `then` does."""

    def answer(visit: Visit) -> None:
        visit.close_connection = True
        visit.wfile.write(payload)
        visit.wfile.flush()
        then(visit)

    return answer


def reset(visit: Visit) -> None:
    """End the connection with a reset."""
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.connection.close()


def endless(block: bytes, blocks: int, head: bytes, sent: dict[str, int]) -> Answer:
    """A head and then as many blocks, as long as somebody takes them; `sent` counts them by path."""

    def answer(visit: Visit) -> None:
        visit.close_connection = True
        with suppress(OSError):
            visit.wfile.write(head)
            for _ in range(blocks):
                visit.wfile.write(block)
                sent[visit.path] = sent.get(visit.path, 0) + 1

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other; the last for good."""
    left = list(answers)

    def answer(visit: Visit) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(visit)

    return answer


@contextmanager
def open_website(tls: ssl.SSLContext | None = None) -> Iterator[Website]:
    """A site that is served until the end of the context."""
    site = Website()
    lock = threading.Lock()

    class Desk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            host, agent = self.headers.get("Host", ""), self.headers.get("User-Agent", "")
            with lock:
                site.asked.append(Asked(self.path, time.monotonic(), host, agent))
            with suppress(BrokenPipeError, ConnectionResetError):
                site.answers.get(self.path, reply(404, b"nothing here"))(self)

        def log_message(self, *_: object) -> None:
            """The site keeps its own log."""

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        site: Website

        def shutdown_request(self, request: object) -> None:
            with suppress(OSError):
                super().shutdown_request(request)  # type: ignore[arg-type] # its stubs name one kind of socket

    with Server(("127.0.0.1", 0), Desk) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        site.port, server.site = server.server_address[1], site
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            site.released.set()
            server.shutdown()
            thread.join()
