"""A verdict over tables: accepted, or rejected with reasons; and the rows that are quarantined either way.

A critical expectation that fails rejects, unless a waiver overrules it; a warning or an info only shows. A
row that fails an expectation is quarantined whatever the severity, the verdict and the waivers say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tasks.core.errors import SuiteError
from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import TABLES
from tasks.core.verdict import Outcome, Verdict, Waiver
from tasks.gate.evaluation import Finding, evaluate
from tasks.gate.suites import Suite
from tasks.gate.waivers import is_about

_ROW_KEYS = {spec.name: spec.key for spec in TABLES}
_LONGEST_VALUE = 120


# What is behind a failed expectation, in words, by its suite and its columns ("" for one about the table).
Causes = Mapping[tuple[str, str], str]
NO_CAUSES: Causes = {}


@dataclass(frozen=True)
class Judgement:
    """The verdict, and the rejected rows sorted by table, row and expectation, each named once."""

    verdict: Verdict
    rejects: tuple[Reject, ...]


def judge(
    subject: str,
    tables: Mapping[str, pa.Table],
    suites: Mapping[str, Suite],
    waivers: Sequence[Waiver],
    causes: Causes = NO_CAUSES,
) -> Judgement:
    """Judge each table by the suite of its name; SuiteError when one has no partner."""
    if tables.keys() != suites.keys():
        raise SuiteError(f"tables {sorted(tables)} and suites {sorted(suites)} do not belong together")
    findings = evaluate(tables, suites)
    outcomes = tuple(_to_outcome(finding, waivers) for finding in findings)
    rejects = _to_rejects(subject, tables, findings)
    sentences = [_sentence(finding, rejects, causes) for finding in findings]
    told = list(zip(sentences, outcomes, strict=True))
    reasons = tuple(sentence for sentence, outcome in told if _rejects(outcome))
    verdict = Verdict(
        subject=subject,
        accepted=not reasons,
        reasons=reasons,
        warnings=tuple(sentence for sentence, outcome in told if _warns(outcome)),
        outcomes=outcomes,
        rows={name: table.num_rows for name, table in tables.items()},
        quarantined={name: len({r.row_id for r in rejects if r.table == name}) for name in tables},
    )
    return Judgement(verdict, rejects)


def _rejects(outcome: Outcome) -> bool:
    return not outcome.success and outcome.severity == "critical" and outcome.waiver is None


def _warns(outcome: Outcome) -> bool:
    return not outcome.success and outcome.severity == "warning" and outcome.waiver is None


def _to_outcome(finding: Finding, waivers: Sequence[Waiver]) -> Outcome:
    expectation = finding.expectation
    return Outcome(
        suite=finding.suite,
        expectation=expectation.type,
        column=", ".join(expectation.columns) or None,
        severity=expectation.severity,
        why=expectation.why,
        success=finding.success,
        observed=_observed(finding),
        checked=finding.checked,
        unexpected=len(finding.failing),
        waiver=next((one for one in waivers if is_about(one, finding.suite, expectation)), None),
    )


def _observed(finding: Finding) -> str:
    if finding.fault:
        return f"could not be judged: {finding.fault}"
    return finding.observed or f"{len(finding.failing)} of {finding.checked} rows fail"


def _sentence(finding: Finding, rejects: Sequence[Reject], causes: Causes) -> str:
    """What failed, by how much, why that matters, and what is behind it."""
    expectation = finding.expectation
    on = f" on {', '.join(expectation.columns)}" if expectation.columns else ""
    what = f"{expectation.type}{on}"
    if finding.fault:
        told = f"{what} {_observed(finding)}"
    elif finding.failing:
        told = f"{_observed(finding)} {what} (at most {(1 - expectation.mostly) * 100:.6g} % may)"
    else:
        told = f"{what} found {_observed(finding)}, expected {_bounds(expectation.kwargs)}"
    cause = causes.get((finding.suite, ", ".join(expectation.columns))) or _example(finding, rejects)
    return f"{finding.suite}: {told}: {expectation.why}{f'; {cause}' if cause else ''}"


def _example(finding: Finding, rejects: Sequence[Reject]) -> str:
    """The first row that fails, with what it says."""
    wanted = (finding.suite, finding.expectation.name)
    first = next((one for one in rejects if (one.table, one.expectation) == wanted), None)
    return f"for example {first.row_id}: {first.detail}" if first else ""


def _bounds(kwargs: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in kwargs.items() if not key.startswith("column"))


def _to_rejects(
    subject: str, tables: Mapping[str, pa.Table], findings: Sequence[Finding]
) -> tuple[Reject, ...]:
    # Two thresholds of one expectation find the same row: it is named once.
    found = {
        (reject.table, reject.row_id, reject.expectation): reject
        for finding in findings
        for reject in _rejects_of(subject, tables[finding.suite], finding)
    }
    return tuple(found[key] for key in sorted(found))


def _rejects_of(subject: str, table: pa.Table, finding: Finding) -> list[Reject]:
    """The rows that fail; a table without a key of its own (a summary) has no rows to quarantine."""
    key = _ROW_KEYS.get(finding.suite)
    if key is None or not finding.failing:
        return []
    columns = (*finding.expectation.columns, *finding.expectation.show)
    shown = [name for name in dict.fromkeys(columns) if name in table.column_names]
    named = table.select([name for name in table.column_names if name in ("batch", *key, *shown)])
    return [
        Reject(
            batch=row.get("batch", subject),
            table=finding.suite,
            row_id="|".join(str(row[name]) for name in key),
            reason=Reason.EXPECTATION_FAILED,
            detail=", ".join(f"{name} is {row[name]!r:.{_LONGEST_VALUE}}" for name in shown),
            expectation=finding.expectation.name,
        )
        for row in named.take(list(finding.failing)).to_pylist()
    ]
