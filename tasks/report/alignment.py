"""How each batch's alignment came out: the worst of it, its roles, clocks, what was pooled and time lines.

reads   coverage.json, links, streams, clocks, align's rejects, labels
"""

import json
from dataclasses import dataclass
from typing import Any

from tasks.core.batch import Batch
from tasks.core.schemas import ALIGN_REJECTS
from tasks.core.stage import StageInput
from tasks.core.times import NS_PER_MS, ns_to_seconds_text
from tasks.report.histogram import Histogram, draw_histogram
from tasks.report.pooled import PooledRole, pooled_roles
from tasks.report.timeline import Timeline, timelines
from tasks.report.worst import Worst, seconds, worst_cases

SHOWN_CLOCKS = 12

_REJECT_COLUMNS = (
    *("row_id", "role", "reason", "detail"),
    *("candidate", "candidate_distance_ns", "candidate_similarity"),
)


@dataclass(frozen=True)
class RoleFacts:
    """One role in figures; `covered` and `gaps` are empty where samples are not laid by time."""

    name: str
    figures: dict[str, Any]
    covered: str
    gaps: str
    histograms: list[Histogram]


@dataclass(frozen=True)
class AlignmentFacts:
    """One batch; `sessions` is how many there are, of which `timelines` shows some.

    `companions` are the other batches of its round.
    """

    batch: str
    method: str
    reference: str
    companions: list[str]
    samples: int
    members: int
    unmatched: int
    worst: list[Worst]
    texts: list[dict[str, Any]]
    pooled: list[PooledRole]
    roles: list[RoleFacts]
    clocks: list[dict[str, str]]
    clock_count: int
    timelines: list[Timeline]
    sessions: int


def alignment_facts(inputs: StageInput, batch: Batch, most_timelines: int) -> AlignmentFacts:
    """What the page says of the batch's alignment."""
    path = inputs.folder("aligned", batch) / "coverage.json"
    coverage = json.loads(path.read_text(encoding="utf-8"))
    drawn, sessions = timelines(inputs, batch, coverage, most_timelines)
    roles, clocks = coverage["roles"], coverage["clocks"]
    return AlignmentFacts(
        batch=batch.name,
        method=coverage["method"],
        reference=coverage["reference"],
        companions=coverage["companions"],
        samples=coverage["samples"],
        members=sum(figures["members"] for figures in roles.values()),
        unmatched=sum(figures["unmatched"] for figures in roles.values()),
        worst=worst_cases(coverage, inputs.table(ALIGN_REJECTS, batch, _REJECT_COLUMNS)),
        texts=coverage["texts"],
        pooled=pooled_roles(coverage),
        roles=[_role(name, figures, coverage) for name, figures in roles.items()],
        clocks=[row for clock in clocks["worst"] for row in _clock_rows(clock)][:SHOWN_CLOCKS],
        clock_count=clocks["count"],
        timelines=drawn,
        sessions=sessions,
    )


def worst_first(facts: list[AlignmentFacts]) -> list[AlignmentFacts]:
    """Batches by the share of their members that found no place, then those with other bad cases."""
    return sorted(facts, key=lambda own: (-own.unmatched / max(own.members, 1), -len(own.worst), own.batch))


def _role(name: str, figures: dict[str, Any], coverage: dict[str, Any]) -> RoleFacts:
    share = figures["covered_share"]
    count, longest = figures["gap_count"], figures["gaps"][:1]
    length = "".join(f" ({seconds(gap['to_ns'] - gap['from_ns'])})" for gap in longest)
    return RoleFacts(
        name,
        figures,
        "" if share is None else f"{share:.1%}",
        f"{count}{length}" if count else "",
        [
            draw_histogram(measure, coverage["bins"][measure], figures[measure])
            for measure in ("lag_ms", "similarity", "overlap", "margin")
            if figures[measure]
        ],
    )


def _residual(residual_ns: int | None, method: str) -> str:
    """What is known of the error; a clock that is given is not measured."""
    if residual_ns is None:
        return "" if method in ("reference", "given") else "not known"
    return f"{residual_ns / NS_PER_MS:.3f} ms"


def _rejected(marks: int | None) -> str:
    return f", {marks} on no line" if marks else ""


def _clock_rows(clock: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "session": clock["session"],
            "clock": clock["clock"],
            "piece": f"{number} of {len(clock['pieces'])}" if len(clock["pieces"]) > 1 else "",
            "method": clock["method"],
            "offset": f"{ns_to_seconds_text(piece['offset_ns'])} s",
            "drift": f"{piece['drift_ppm']:+.2f} ppm",
            "residual": _residual(piece["residual_ns"], clock["method"]),
            "marks": f"{piece['marks']}{_rejected(piece.get('marks_rejected'))}",
            "within": "" if clock["within_tolerance"] else "past its tolerance",
        }
        for number, piece in enumerate(clock["pieces"], start=1)
    ]
