"""What was pooled of each role, and what was not, the worst first.

reads   the part "pooled" of coverage.json
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PooledRole:
    """One role: `spans` of which some are `empty`, such as `first_empty`; `frames` that no span met.

    `faults` are reasons with how many items, labels or frames were left out for each, most frequent first.
    """

    name: str
    how: str
    spans: int
    empty: int
    first_empty: str
    frames: int
    unmet: int
    faults: list[tuple[str, int]]
    first_fault: str
    unknown: str

    @property
    def badness(self) -> tuple[float, float, int]:
        """What is worse is greater: spans without frames, then frames without a span, then faults."""
        shares = self.empty / max(self.spans, 1), self.unmet / max(self.frames, 1)
        return (*shares, sum(count for _, count in self.faults))


def pooled_roles(coverage: dict[str, Any]) -> list[PooledRole]:
    """Every role that the batch pools; a batch that pools nothing has none."""
    roles = [_role(name, figures) for name, figures in coverage.get("pooled", {}).items()]
    return sorted(roles, key=lambda role: (*(-share for share in role.badness), role.name))


def _role(name: str, figures: dict[str, Any]) -> PooledRole:
    reasons = sorted(figures["left_out"].items(), key=lambda pair: (-pair[1], pair[0]))
    return PooledRole(
        name=name,
        how=_how(figures),
        spans=figures["samples"],
        empty=figures["samples_without"],
        first_empty=next(iter(figures["gaps"]), ""),
        frames=figures["frames"],
        unmet=figures["frames_unmet"],
        faults=reasons,
        first_fault=next(iter(figures["left_out_examples"]), ""),
        unknown=figures.get("unknown_role", ""),
    )


def _how(figures: dict[str, Any]) -> str:
    """The kinds, in how many parts of each span, of how many channels."""
    steps = f" in {figures['steps']} steps" if figures["steps"] > 1 else ""
    channels = f", {figures['channels']} channels" if figures["channels"] else ""
    return f"{', '.join(figures['kinds'])}{steps}{channels}"
