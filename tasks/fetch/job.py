"""What the downloading process is told: everything that it needs, small and able to be sent there."""

from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.times import NS_PER_S
from tasks.fetch.errand import FetchParams


@dataclass(frozen=True)
class Job:
    """One batch's downloads: `private` are the hosts whose private addresses may be asked."""

    batch: Batch
    params: FetchParams
    spool: Path
    private: frozenset[str]

    @property
    def user_agent(self) -> str:
        """Who asks, and how to reach them."""
        contact = "".join(sign for sign in self.params.contact if sign.isprintable() and sign.isascii())
        return f"Modalweave/0.1 (+{contact})" if contact else "Modalweave/0.1"


def to_seconds(duration_ns: int) -> float:
    """Seconds, as timers take them: nothing that is kept is measured with them."""
    return duration_ns / NS_PER_S
