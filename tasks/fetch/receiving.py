"""A body as it comes: unpacked, counted, hashed and written to the spool, never held whole in memory.

Understood is what was asked for: no Content-Encoding, gzip or deflate (zlib). A body that grows beyond its
limit, packed or unpacked, is cut off there.
"""

import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from tasks.core.rejects import Reason
from tasks.fetch.errand import FetchFaultError
from tasks.fetch.spool import Spool, finish_body

ACCEPTED_ENCODINGS = "gzip, deflate"
_CHUNK_BYTES = 262_144
_GZIP = b"\x1f\x8b"  # begins each part of a body in several parts, see RFC 1952, 2.2
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Body:
    """A body that is whole, in the spool under its digest."""

    sha256: str
    size: int


class _Sink:
    """Where the bytes go: an unfinished file of the spool."""

    def __init__(self, spool: Spool, limit: int) -> None:
        self._spool = spool
        self._limit = limit
        self._descriptor, self._partial = spool.new_body()
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> bool:
        """Take the bytes; False when that is more than the limit allows."""
        kept = data[: self._limit - self.size]
        self._digest.update(kept)
        self.size += len(kept)
        view = memoryview(kept)
        while view:
            view = view[os.write(self._descriptor, view) :]
        return len(kept) == len(data)

    def finish(self) -> Body:
        os.close(self._descriptor)
        sha256 = self._digest.hexdigest()
        finish_body(self._spool, self._partial, sha256)
        return Body(sha256, self.size)

    def discard(self) -> None:
        os.close(self._descriptor)
        Path(self._partial).unlink()


class Dropper(Protocol):
    """Takes no body: reads a short one to its end, so that the connection can be used again, or hangs up."""

    def __init__(self, *, drain: bool) -> None:
        self._drain = drain

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        if not self._drain:
            _hang_up(self.transport)


class Receiver(Protocol):
    """Receives one body; `done` gives it, or a FetchFaultError.

    `limit` is in bytes; with `cut` a longer body is kept up to there, else it is refused.
    """

    def __init__(self, spool: Spool, encoding: str, limit: int, *, cut: bool, stall_s: float) -> None:
        from twisted.internet import reactor

        self._reactor: Any = reactor
        self._sink = _Sink(spool, limit)
        self._unpack = None if encoding in ("", "identity") else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._limit, self._cut, self._stall_s = limit, cut, stall_s
        self._open = True
        self._stalled: Any = None
        self.done: Deferred[Body] = Deferred(self._cancelled)

    def connectionMade(self) -> None:  # noqa: N802 (Twisted's name)
        self._wait()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        if not self._open:
            return
        self._wait()
        try:
            fits = self._sink.write(data) if self._unpack is None else self._write_unpacked(data)
        except zlib.error as error:
            self._fail(FetchFaultError(Reason.UNREADABLE, f"its Content-Encoding cannot be undone: {error}"))
            return
        if not fits and self._cut:
            self._end()
            _hang_up(self.transport)
        elif not fits:
            detail = f"expected at most {self._limit} bytes, more came"
            self._fail(FetchFaultError(Reason.TOO_LARGE, detail))

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        if not self._open:
            return
        packed_end = self._unpack is None or self._unpack.eof or self._sink.size == 0
        # Without a length, and not in chunks, a body ends where the connection does: nobody can tell more.
        if reason.check(ResponseDone, PotentialDataLoss) and packed_end:
            self._end()
        else:
            detail = f"the connection ended after {self._sink.size} bytes, before the body did"
            self._fail(FetchFaultError(Reason.TRUNCATED, detail, again=True))

    def _write_unpacked(self, data: bytes) -> bool:
        """Unpack piece by piece, so that little that unpacks to much is noticed early."""
        while self._unpack is not None:
            if self._unpack.eof:
                if not data.startswith(_GZIP):
                    return True  # what follows the end is no more of it
                self._unpack = zlib.decompressobj(_GZIP_OR_ZLIB)
            piece = self._unpack.decompress(data, _CHUNK_BYTES)
            if not self._sink.write(piece):
                return False
            data = self._unpack.unused_data if self._unpack.eof else self._unpack.unconsumed_tail
            if not data and len(piece) < _CHUNK_BYTES:
                break
        return True

    def _wait(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
        self._stalled = self._reactor.callLater(self._stall_s, self._stall)

    def _stall(self) -> None:
        self._stalled = None
        detail = f"no byte came for {self._stall_s:g} s, after {self._sink.size} bytes of the body"
        self._fail(FetchFaultError(Reason.TIMED_OUT, detail, again=True))

    def _cancelled(self, _: Deferred[Body]) -> None:
        detail = f"the download took too long; {self._sink.size} bytes had come"
        self._fail(FetchFaultError(Reason.TIMED_OUT, detail))

    def _close(self) -> None:
        self._open = False
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _end(self) -> None:
        self._close()
        self.done.callback(self._sink.finish())

    def _fail(self, error: FetchFaultError) -> None:
        self._close()
        self._sink.discard()
        self.done.errback(error)
        _hang_up(self.transport)


def _hang_up(transport: Any) -> None:
    """Let go of the connection; whatever still comes is not read."""
    if transport is not None:
        transport.stopProducing()
        transport.loseConnection()
