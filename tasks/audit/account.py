"""What a stage took in and gave out: counts for the line, and everything that does not add up, by id."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

_MOST_NAMED = 20


@dataclass(frozen=True)
class Account:
    """One stage and one batch (or the whole dataset); `faults` is empty where all adds up."""

    stage: str
    subject: str
    counts: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    note: str = ""

    def line(self) -> str:
        """The account in one line, the faults in one each below it."""
        counted = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        state = "LOST " if self.faults else "ok   "
        head = f"{state}{self.stage:<9} {self.subject}: {self.note or counted}"
        return "\n".join([head, *(f"     {fault}" for fault in self.faults)])


def unaccounted(what: str, came: Collection[str], went: Collection[str]) -> list[str]:
    """A fault that names what came in and is nowhere, and one that names what came from nowhere."""
    arrived, left = set(came), set(went)
    return [
        *missing(f"{what} came in and are nowhere", arrived - left),
        *missing(f"{what} are there and never came in", left - arrived),
    ]


def missing(what: str, names: Collection[str]) -> list[str]:
    """A fault that names these, the first of them where they are many; none where there are none."""
    if not names:
        return []
    shown = sorted(names)[:_MOST_NAMED]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return [f"{len(names)} {what}: {', '.join(shown)}{more}"]
