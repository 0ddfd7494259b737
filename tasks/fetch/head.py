"""Connections that tell whom they lead to, and whose answers have a head of a bounded size.

Endless headers end the connection.
"""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web._newclient import HEADER, STATUS, HTTP11ClientProtocol
from twisted.web.client import HTTPConnectionPool, _HTTP11ClientFactory

LARGEST_HEAD_BYTES = 262_144


class _BoundedProtocol(HTTP11ClientProtocol):
    """Counts what comes until the head of the answer is over, and writes the peer's address on the answer."""

    _head_bytes = 0

    def request(self, request: Any) -> Deferred[Any]:
        """The answer to the request; its `peer` is the address that it came from."""
        # Asked before the answer comes: one that is short may have let go of the connection by then.
        transport: Any = self.transport
        peer = str(transport.getPeer().host)
        waiting: Deferred[Any] = super().request(request)
        return waiting.addCallback(_signed, peer)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        parser: Any = self._parser
        if parser is not None and parser.state in (STATUS, HEADER):
            self._head_bytes += len(data)
            if self._head_bytes > LARGEST_HEAD_BYTES + len(data):
                self.abort()  # type: ignore[no-untyped-call]  # Twisted's
                return
        else:
            self._head_bytes = 0
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted's


def _signed(answer: Any, peer: str) -> Any:
    answer.peer = peer
    return answer


class _BoundedFactory(_HTTP11ClientFactory):
    """Makes the connections of the pool; Scrapy puts its own protocol in the same place."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802 (Twisted's name)
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's


class BoundedPool(HTTPConnectionPool):
    """Keeps at most `per_host` idle connections to a host."""

    _factory = _BoundedFactory

    def __init__(self, reactor: Any, per_host: int) -> None:
        super().__init__(reactor)  # type: ignore[no-untyped-call]  # Twisted's
        self.maxPersistentPerHost = per_host
        self.retryAutomatically = False  # tries are counted, see Patience
