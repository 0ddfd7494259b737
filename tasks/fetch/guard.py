"""The way out to the network: every connection is judged when it is made, by the address it goes to.

A host is resolved once; what it resolves to is judged; the connection goes to that very address. So a name
that resolves to something else a moment later, or a host in decimal or octal form, opens no way into a
private network.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.threads import deferToThread
from twisted.web.client import URI, BrowserLikePolicyForHTTPS
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from tasks.core.rejects import Reason
from tasks.fetch.addresses import is_public
from tasks.fetch.errand import FetchFaultError


@implementer(IAgentEndpointFactory)
@dataclass(frozen=True)
class GuardedEndpoints:
    """Makes the endpoints of an Agent; `private` are the hosts whose private addresses may be asked."""

    reactor: Any
    policy: BrowserLikePolicyForHTTPS
    private: frozenset[str]
    timeout_s: float
    resolve: Callable[[str, int], list[str]]

    def endpointForURI(self, uri: URI) -> Any:  # noqa: N802 (Twisted's name)
        """The endpoint of that address; TLS is verified against the host's name."""
        endpoint: Any = _GuardedEndpoint(self, uri.host.decode("ascii").strip("[]").lower(), uri.port)
        if uri.scheme == b"https":
            return wrapClientTLS(self.policy.creatorForNetloc(uri.host, uri.port), endpoint)
        return endpoint


def addresses_of(host: str, port: int) -> list[str]:
    """What the system resolves the host to, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@implementer(IStreamClientEndpoint)
@dataclass(frozen=True)
class _GuardedEndpoint:
    """Resolves, judges and connects in one go."""

    endpoints: GuardedEndpoints
    host: str
    port: int

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: IProtocolFactory) -> Any:
        last: ConnectError | None = None
        for address in await self._allowed():
            kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
            try:
                endpoint = kind(self.endpoints.reactor, address, self.port, self.endpoints.timeout_s)
                return await endpoint.connect(factory)
            except ConnectError as error:
                last = error
        raise last or ConnectError(string="it has no address")

    async def _allowed(self) -> list[str]:
        try:
            found = await deferToThread(self.endpoints.resolve, self.host, self.port)
        except (OSError, UnicodeError) as error:
            detail = f"the host '{self.host}' cannot be resolved: {error}"
            raise FetchFaultError(Reason.CONNECTION_FAILED, detail, again=True) from error
        if self.host in self.endpoints.private:
            return found
        public = [address for address in found if is_public(address)]
        if not public:
            advice = "name the host under allow_private if that is meant"
            detail = f"'{self.host}' is at {', '.join(found)}, in a network that is not public; {advice}"
            raise FetchFaultError(Reason.ADDRESS_REFUSED, detail)
        return public
