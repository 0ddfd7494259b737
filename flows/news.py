"""What the gates say that they did not say of the last recorded version: what stands must not hide it.

reads   data/validated/<batch>/verdict.json, data/fused/verdict.json, as they are and as HEAD records them;
        data/fused/notices.json (sentences about groups and splits)
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.output import Output
from dvc.repo import Repo

from flows.errors import CommandError
from flows.git import git
from tasks.core.verdict import VERDICT_FILE, Verdict

_JUDGED = ("data/validated", "data/fused")
_NOTICES = Path("data", "fused", "notices.json")

# What is wrong with each batch (and the dataset), by its name; None where nothing is.
Troubles = Mapping[str, str | None]


@dataclass(frozen=True)
class News:
    """What is wrong since the last recorded version, what was wrong then too, and what else changed."""

    new: tuple[str, ...]
    standing: tuple[str, ...]
    mended: tuple[str, ...]
    accepted: tuple[str, ...]

    def __str__(self) -> str:
        """One line for a run's state: all that is new, and a count of what stands."""
        parts = [*self.new]
        if self.accepted:
            parts.append(f"new and accepted: {', '.join(self.accepted)}")
        if self.mended:
            parts.append(f"nothing is wrong any more with {', '.join(self.mended)}")
        if self.standing:
            parts.append(f"as in the last version, {len(self.standing)} rejected or with lost rows")
        return "; ".join(parts) or "every batch was accepted"


def troubles_of(verdicts: Sequence[Verdict]) -> Troubles:
    """What is wrong by each verdict's subject."""
    return {
        verdict.subject: _trouble(verdict.subject, verdict.accepted, verdict.reasons, verdict.quarantined)
        for verdict in verdicts
    }


def read_recorded(root: Path) -> Troubles:
    """What the last commit's verdicts say; nothing where none is recorded, or its data are not here."""
    try:
        git(root, "rev-parse", "--verify", "HEAD:./dvc.lock")
        with Repo(str(root), rev="HEAD") as repo:
            outs = [out for out in repo.index.outs if f"{out}" in _JUDGED]
            verdicts = [verdict for out in outs for verdict in _verdicts(out)]
    except (CommandError, DvcException):
        return {}
    return {
        verdict["subject"]: _trouble(
            verdict["subject"], verdict["accepted"], verdict["reasons"], verdict["quarantined"]
        )
        for verdict in verdicts
    }


def compare(now: Troubles, before: Troubles) -> News:
    """Sort what is wrong now by whether it was wrong then, in the same words."""
    wrong = {name: trouble for name, trouble in now.items() if trouble}
    right = [name for name, trouble in now.items() if not trouble]
    return News(
        new=tuple(trouble for name, trouble in wrong.items() if before.get(name) != trouble),
        standing=tuple(trouble for name, trouble in wrong.items() if before.get(name) == trouble),
        mended=tuple(name for name in right if before.get(name)),
        accepted=tuple(name for name in right if before and name not in before),
    )


def read_notices(root: Path) -> list[str]:
    """What the fused dataset says of its groups and splits; nothing where the stage wrote no such file."""
    try:
        notices = json.loads((root / _NOTICES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [f"{notice}" for notice in notices] if isinstance(notices, list) else [f"{notices}"]


def counts(rows: Mapping[str, int]) -> str:
    """The counts that are not 0, such as: 1 items, 2 labels."""
    return ", ".join(f"{count} {table}" for table, count in sorted(rows.items()) if count)


def _trouble(subject: str, accepted: bool, reasons: Sequence[str], lost: Mapping[str, int]) -> str | None:
    if not accepted:
        return f"{subject} was rejected ({'; '.join(reasons)})"
    return f"{subject} lost rows ({counts(lost)})" if counts(lost) else None


def _verdicts(out: Output) -> list[dict[str, Any]]:
    """The verdicts in a folder that DVC recorded, from its cache alone: no remote is asked."""
    tree = out.get_obj()
    found = [digest for key, _, digest in tree or () if key[-1] == VERDICT_FILE]
    places = [Path(out.cache.oid_to_path(digest.value)) for digest in found]
    return [json.loads(place.read_text(encoding="utf-8")) for place in places if place.is_file()]
