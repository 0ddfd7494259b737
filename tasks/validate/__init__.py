"""Validate: judge every batch; rejected rows and batches are quarantined, the other batches go on.

reads   batches (batch.yaml, waiver.yaml), items, labels and their rejects, links and the rejects of align,
        clocks, expectations/*.json
writes  validated: verdict.json, rejects.parquet (the rows that failed, and why)
params  validate.on_rejected

A batch that an earlier stage refused has a verdict too, with what was said of it as the reason; so has one
whose waiver.yaml is at fault, which overrules nothing.

The labels of a batch are judged only where its batch.yaml declares an export, its clocks only where it is
aligned by time. How many members its samples have counts those of other batches of its round too; whether
these are accepted does not matter to it. The verdict holds a waiver as
it was given, and no date of judging: same input, same bytes. Whether a waiver that is needed has expired is
asked at the end of every run of the stage (in UTC), and ends it with an error.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import WAIVER_FILE, Batch
from tasks.core.errors import ConfigError, GateStoppedError
from tasks.core.refusal import Refusal, to_refusal
from tasks.core.rounds import companions, looks_everywhere, whole_round
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, GATE_REJECTS, ITEMS, LABEL_REJECTS, LABELS, LINKS
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import to_table, write_table
from tasks.core.verdict import Verdict, read_verdict, write_verdict
from tasks.gate import judge, read_suites, read_waivers
from tasks.gate.waivers import has_expired
from tasks.validate.causes import causes_of
from tasks.validate.facts import BatchTables, to_facts

EXPECTATIONS_FOLDER = "expectations"
SUMMARY_SUITE = "batches"

LOG = logging.getLogger("modalweave")


@dataclass(frozen=True)
class ValidateParams:
    """What a rejected batch means for the run: it goes on without it, or ends with an error."""

    on_rejected: Literal["quarantine", "stop"]


def _build(inputs: StageInput, params: ValidateParams, output: Path) -> None:
    """Judge one batch and write its verdict and its rejects."""
    batch = inputs.batch
    facts, judged = _judged_tables(inputs, batch)
    suites = read_suites(inputs.root / EXPECTATIONS_FOLDER, tuple(judged))
    causes = causes_of(facts, inputs.table(ALIGN_REJECTS, batch))
    try:
        waivers = read_waivers(batch.folder / WAIVER_FILE, suites)
    except ConfigError as fault:
        judgement = judge(batch.name, judged, suites, (), causes)
        refusal = to_refusal(batch.name, "validate", fault, inputs.root)
        verdict = _also_refused(judgement.verdict, refusal)
    else:
        judgement = judge(batch.name, judged, suites, waivers, causes)
        verdict = judgement.verdict
    write_verdict(verdict, output)
    write_table(GATE_REJECTS, to_table(GATE_REJECTS, (one.row() for one in judgement.rejects)), output)


def _refuse(refusal: Refusal, output: Path) -> None:
    """Write the verdict on a batch that an earlier stage refused."""
    write_verdict(_also_refused(Verdict(refusal.batch, False, (), (), {}, {}), refusal), output)


def _also_refused(verdict: Verdict, refusal: Refusal) -> Verdict:
    reason = f"refused at {refusal.stage}: {refusal.message}"
    return replace(verdict, accepted=False, reasons=(reason, *verdict.reasons))


def _conclude(inputs: StageInput, params: ValidateParams) -> str:
    """Who was rejected, by name; GateStoppedError when that is to end the run, with every verdict written."""
    names = sorted([*(batch.name for batch in inputs.batches), *(one.batch for one in inputs.refused)])
    verdicts = {name: read_verdict(inputs.folder("validated") / name) for name in names}
    refuse_expired_waivers(inputs.batches, verdicts, datetime.now(UTC).date())
    rejected = [name for name, verdict in verdicts.items() if not verdict.accepted]
    summary = f"{len(rejected) or 'none'} of {len(verdicts)} batches rejected"
    if rejected:
        summary += f": {', '.join(rejected)}"
    if rejected and params.on_rejected == "stop":
        raise GateStoppedError(_stopping(summary, [verdicts[name] for name in rejected]))
    for verdict in verdicts.values():
        for sentence in verdict.sentences():
            LOG.info("validate: %s", sentence)
    return "; ".join([summary, *_quarantined(verdicts.values()), *_idle_waivers(verdicts.values())])


def refuse_expired_waivers(batches: Sequence[Batch], verdicts: Mapping[str, Verdict], today: date) -> None:
    """ConfigError when a batch is let through by a waiver whose last day is over."""
    for batch in batches:
        for outcome in verdicts[batch.name].outcomes:
            waiver = outcome.waiver
            if waiver and not outcome.success and has_expired(waiver, today):
                raise ConfigError(
                    batch.folder / WAIVER_FILE,
                    None,
                    f"the waiver of '{waiver.expectation}' by {waiver.who} was good until {waiver.until};"
                    " renew it, or remove it and the batch is rejected",
                )


def _judged_tables(inputs: StageInput, batch: Batch) -> tuple[BatchTables, dict[str, pa.Table]]:
    """What is known of the batch, and its tables by the suites that judge them."""
    items, labels = inputs.table(ITEMS, batch), inputs.table(LABELS, batch)
    links, label_rejects = inputs.table(LINKS, batch), inputs.table(LABEL_REJECTS, batch)
    samples = _links_to_samples(inputs, links)
    known = BatchTables(items, labels, label_rejects, links, samples)
    facts = to_facts(batch.name, known)
    judged = {SUMMARY_SUITE: facts, ITEMS.name: items, LABELS.name: labels, LINKS.name: links}
    if batch.file.align.method == "timestamp":
        judged[CLOCKS.name] = inputs.table(CLOCKS, batch)
    if not batch.file.labels:
        del judged[LABELS.name]
    return known, judged


def _links_to_samples(inputs: StageInput, own: pa.Table) -> pa.Table:
    """The links to the batch's samples: its own, and where it is of a round those of the others in it."""
    if not looks_everywhere(inputs.batch):
        return own
    together = whole_round(inputs.batch, inputs.companions)
    links = inputs.once.made(
        tuple(batch.name for batch in together),
        lambda: pa.concat_tables(inputs.table(LINKS, batch, ("sample_id",)) for batch in together),
    )
    return links.filter(pc.starts_with(links["sample_id"], f"{inputs.batch.name}/"))


def _quarantined(verdicts: Iterable[Verdict]) -> list[str]:
    rows = sum(sum(verdict.quarantined.values()) for verdict in verdicts)
    return [f"{rows} rows quarantined"] if rows else []


def _idle_waivers(verdicts: Iterable[Verdict]) -> list[str]:
    return [
        f"{verdict.subject} does not need its waiver of {outcome.waiver.expectation}"
        for verdict in verdicts
        for outcome in verdict.outcomes
        if outcome.waiver and outcome.success
    ]


def _stopping(summary: str, rejected: Sequence[Verdict]) -> str:
    reasons = [f"\n  {verdict.subject}: {reason}" for verdict in rejected for reason in verdict.reasons]
    return (
        f"{summary}, and validate.on_rejected is stop; mend the batch, or overrule with {WAIVER_FILE} in its"
        f" folder:{''.join(reasons)}"
    )


STAGE = Stage(
    name="validate",
    params=ValidateParams,
    reads=("batches", "collected", "labels", "aligned"),
    writes=("validated",),
    scope="batch",
    build=_build,
    conclude=_conclude,
    companions=companions,
    refuse=_refuse,
)
