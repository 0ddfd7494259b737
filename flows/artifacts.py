"""What the Prefect UI shows of a build: deliveries, batches and verdicts, metrics, the report, progress.

reads   data/validated/<batch>/verdict.json, data/fused/verdict.json, data/metrics/*.json
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.intake import Intake
from flows.news import Troubles, counts, troubles_of
from tasks.core.verdict import VERDICT_FILE, Verdict, read_verdict


def read_batch_verdicts(root: Path) -> list[Verdict]:
    """The verdict on every batch, by name."""
    return [
        read_verdict(path.parent) for path in sorted((root / "data" / "validated").glob(f"*/{VERDICT_FILE}"))
    ]


def read_dataset_verdict(root: Path) -> Verdict:
    """The verdict on the whole dataset."""
    return read_verdict(root / "data" / "fused")


def publish_verdicts(verdicts: Sequence[Verdict], before: Troubles, refused: Mapping[str, str]) -> None:
    """One row per verdict, and one per delivery that stayed in the inbox."""
    troubles = troubles_of(verdicts)
    rows = [
        {
            "batch": verdict.subject,
            "verdict": "accepted" if verdict.accepted else "rejected",
            "since": _since(troubles[verdict.subject], before.get(verdict.subject, "")),
            "rows": counts(verdict.rows),
            "quarantined": counts(verdict.quarantined),
            "reasons": "; ".join(verdict.reasons),
        }
        for verdict in verdicts
    ]
    for name, fault in refused.items():
        stays = {"batch": name, "verdict": "refused", "since": "stays in the inbox", "reasons": fault}
        rows.append({**dict.fromkeys(("rows", "quarantined"), ""), **stays})
    create_table_artifact(table=rows, key="batches", description="What the gates say of every batch")


def publish_deliveries(intake: Intake) -> None:
    """One row per delivery that was taken in or refused, with what a correction changed."""
    taken = [{"delivery": name, "outcome": "taken in", "what": ""} for name in intake.taken]
    told = {"corrected": intake.corrected, "refused": intake.refused}
    rows = [
        {"delivery": name, "outcome": outcome, "what": what}
        for outcome, by_name in told.items()
        for name, what in by_name.items()
    ]
    create_table_artifact(table=[*taken, *rows], key="deliveries", description="What came from the inbox")


def publish_metrics(root: Path) -> None:
    """One row per number of every metrics file."""
    lines = ["| file | metric | value |", "|---|---|---|"]
    for path in sorted((root / "data" / "metrics").glob("*.json")):
        metrics = json.loads(path.read_text(encoding="utf-8"))
        lines += [f"| {path.stem} | {name} | {value} |" for name, value in _flat(metrics)]
    create_markdown_artifact(markdown="\n".join(lines), key="metrics", description="data/metrics")


def publish_report(address: str) -> None:
    """A link to where `python -m flows.serve` serves the report."""
    create_link_artifact(link=address, link_text="Open the report", key="report", description="data/report")


def _since(trouble: str | None, before: str | None) -> str:
    return "as in the last version" if trouble == before else "new"


def _flat(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", f"{value:.4g}" if isinstance(value, float) else f"{value}"
