"""Waivers: a person overrules an expectation for one batch, and the verdict shows it.

reads   data/batches/<batch>/waiver.yaml   a list of {expectation, reason, who, until (a date)}

`expectation` is written `items.expect_column_values_to_be_in_set(readable)`; the columns may be left out
where only one expectation of the suite has the type. A waiver lets the batch pass; rows that fail stay
quarantined. `until` is the last day on which a build may rely on it: see `validate`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import yaml

from tasks.core.config import read_node, to_config
from tasks.core.errors import ConfigError
from tasks.core.registry import nearest_word
from tasks.core.verdict import Waiver
from tasks.gate.suites import Expectation, Suite


@dataclass(frozen=True)
class _Entry(Waiver):
    """A waiver as it is written."""

    def __post_init__(self) -> None:
        """Refuse one that does not say why, who, or until which day."""
        for name in ("reason", "who"):
            if not getattr(self, name).strip():
                raise ValueError(f"expected {name} to say something, got nothing")
        try:
            date.fromisoformat(self.until)
        except ValueError as error:
            raise ValueError(f"expected until to be a date such as 2026-05-31, got '{self.until}'") from error


def is_about(waiver: Waiver, suite: str, expectation: Expectation) -> bool:
    """Whether the waiver names this expectation."""
    return waiver.expectation in (f"{suite}.{expectation.name}", f"{suite}.{expectation.type}")


def has_expired(waiver: Waiver, today: date) -> bool:
    """Whether the last day of the waiver is over."""
    return date.fromisoformat(waiver.until) < today


def read_waivers(path: Path, suites: Mapping[str, Suite]) -> tuple[Waiver, ...]:
    """The waivers of that file, none where there is none; each names just one expectation of the suites."""
    if not path.is_file():
        return ()
    node = read_node(path)
    if not isinstance(node, yaml.SequenceNode):
        raise ConfigError(path, 1, "expected a list of waivers: - {expectation, reason, who, until}")
    waivers: dict[str, Waiver] = {}
    for number, entry in enumerate(node.value, 1):
        line = entry.start_mark.line + 1
        waiver = Waiver(**asdict(to_config(path, entry, _Entry, name=f"waiver {number}")))
        meant = _meant(path, line, waiver, suites)
        if meant in waivers:
            raise ConfigError(path, line, f"'{meant}' is waived twice")
        waivers[meant] = waiver
    return tuple(waivers.values())


def _meant(path: Path, line: int, waiver: Waiver, suites: Mapping[str, Suite]) -> str:
    """The one expectation that the waiver names, in full; ConfigError when it is none or one of several."""
    judged = [(suite.name, one) for suite in suites.values() for one in suite.expectations]
    meant = sorted({f"{suite}.{one.name}" for suite, one in judged if is_about(waiver, suite, one)})
    if not meant:
        hint = nearest_word(waiver.expectation, sorted(f"{suite}.{one.name}" for suite, one in judged))
        raise ConfigError(path, line, f"'{waiver.expectation}' is not judged for this batch.{hint}")
    if len(meant) > 1:
        raise ConfigError(
            path, line, f"'{waiver.expectation}' may mean any of {meant}; write the one with its column"
        )
    return meant[0]
