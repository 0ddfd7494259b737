"""What the Prefect UI shows of a build: batches and verdicts, metrics, the report, progress.

reads   data/validated/<batch>/verdict.json, data/fused/verdict.json, data/metrics/*.json
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from tasks.core.verdict import VERDICT_FILE, Verdict, read_verdict


def read_batch_verdicts(root: Path) -> list[Verdict]:
    """The verdict on every batch, by name."""
    return [
        read_verdict(path.parent) for path in sorted((root / "data" / "validated").glob(f"*/{VERDICT_FILE}"))
    ]


def read_dataset_verdict(root: Path) -> Verdict:
    """The verdict on the whole dataset."""
    return read_verdict(root / "data" / "fused")


def publish_verdicts(verdicts: Sequence[Verdict]) -> None:
    """One row per verdict."""
    rows = [
        {
            "batch": verdict.subject,
            "verdict": "accepted" if verdict.accepted else "rejected",
            "rows": _counts(verdict.rows),
            "quarantined": _counts(verdict.quarantined),
            "reasons": "; ".join(verdict.reasons),
        }
        for verdict in verdicts
    ]
    create_table_artifact(table=rows, key="batches", description="What the gates say of every batch")


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


def quarantined(verdicts: Sequence[Verdict]) -> list[str]:
    """What was rejected or lost rows, each by name with its reasons or its rows."""
    named = []
    for verdict in verdicts:
        rows = _counts(verdict.quarantined)
        if not verdict.accepted:
            named.append(f"{verdict.subject} was rejected ({'; '.join(verdict.reasons)})")
        elif rows:
            named.append(f"{verdict.subject} lost rows ({rows})")
    return named


def _counts(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {table}" for table, count in sorted(rows.items()) if count)


def _flat(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", f"{value:.4g}" if isinstance(value, float) else f"{value}"
