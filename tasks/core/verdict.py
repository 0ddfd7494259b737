"""What a gate says: every expectation with its outcome, and accepted or rejected with reasons.

writes  verdict.json   in data/validated/<batch>/ and, for the whole dataset, in data/fused/
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tasks.core.errors import MissingInputError
from tasks.core.strict_json import write_json

VERDICT_FILE = "verdict.json"


@dataclass(frozen=True)
class Waiver:
    """A person overrules one expectation: why, who, and until which day (ISO date)."""

    expectation: str
    reason: str
    who: str
    until: str


@dataclass(frozen=True)
class Outcome:
    """One expectation and what came of it. `checked` rows, of which `unexpected` failed."""

    suite: str
    expectation: str
    column: str | None
    severity: str
    why: str
    success: bool
    observed: str
    checked: int
    unexpected: int
    waiver: Waiver | None = None


@dataclass(frozen=True)
class Verdict:
    """Accepted or rejected; `reasons` is empty when accepted. `rows` and `quarantined` count per table.

    `reasons` and `warnings` are sentences: what failed, by how much, why that matters and what is behind it.
    """

    subject: str
    accepted: bool
    reasons: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    rows: dict[str, int]
    quarantined: dict[str, int]
    warnings: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """What a person should read of it, a line each; none where all is well."""
        rejected = [f"{self.subject} is rejected: {reason}" for reason in self.reasons]
        return [*rejected, *(f"{self.subject}, a warning: {warning}" for warning in self.warnings)]


def write_verdict(verdict: Verdict, folder: Path) -> None:
    """Write verdict.json in the folder."""
    write_json(asdict(verdict), folder / VERDICT_FILE)


def read_verdict(folder: Path) -> Verdict:
    """The verdict in that folder."""
    path = folder / VERDICT_FILE
    if not path.is_file():
        raise MissingInputError(f"{path} is not there: run the stage that writes it first")
    try:
        return _to_verdict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, LookupError, TypeError) as error:
        raise MissingInputError(
            f"{path} was written by another version, or damaged: run the stage that writes it again"
        ) from error


def _to_verdict(written: dict[str, Any]) -> Verdict:
    outcomes = []
    for outcome in written["outcomes"]:
        waiver = Waiver(**outcome["waiver"]) if outcome["waiver"] else None
        outcomes.append(Outcome(**{**outcome, "waiver": waiver}))
    told = {name: tuple(written[name]) for name in ("reasons", "warnings")}
    return Verdict(**{**written, **told, "outcomes": tuple(outcomes)})
