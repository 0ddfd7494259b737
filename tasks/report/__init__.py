"""Report: one self-contained page that explains the dataset to a person.

reads   batches, items (with their media), labels, consensus, agreement, relabel, links, clocks, streams,
        coverage.json, samples, notices.json, metrics, exports/manifest.json, every verdict and every rejects
        table
writes  report/index.html
params  report.pictures_per_batch, report.timelines_per_batch

The page names no time and no machine: same dataset, same bytes.
"""

from dataclasses import dataclass
from pathlib import Path

from tasks.core.notices import read_notices
from tasks.core.stage import Stage, StageInput
from tasks.report.alignment import alignment_facts, worst_first
from tasks.report.facts import batch_facts, dataset_facts, verdict_sentences
from tasks.report.left_out import left_out_rows
from tasks.report.page import render
from tasks.report.pictures import contact_sheet

PAGE_FILE = "index.html"


MOST_DRAWN = 1000


@dataclass(frozen=True)
class ReportParams:
    """How many pictures of each batch are shown, and how many sessions as time lines, the worst ones."""

    pictures_per_batch: int
    timelines_per_batch: int

    def __post_init__(self) -> None:
        """Refuse what is no number of pictures."""
        for name in ("pictures_per_batch", "timelines_per_batch"):
            if not 0 <= getattr(self, name) <= MOST_DRAWN:
                raise ValueError(f"{name}: expected 0 to {MOST_DRAWN}, got {getattr(self, name)}")


def _build(inputs: StageInput, params: ReportParams, output: Path) -> None:
    page = render(
        dataset=dataset_facts(inputs),
        batches=[batch_facts(inputs, batch) for batch in inputs.batches],
        sheets={
            batch.name: contact_sheet(inputs, batch, params.pictures_per_batch) for batch in inputs.batches
        },
        alignments=worst_first(
            [alignment_facts(inputs, batch, params.timelines_per_batch) for batch in inputs.batches]
        ),
        refused=inputs.refused,
        notices=read_notices(inputs.folder("fused")),
        sentences=verdict_sentences(inputs),
        left_out=left_out_rows(inputs),
    )
    (output / "report" / PAGE_FILE).write_text(page, encoding="utf-8")


def _conclude(inputs: StageInput, params: ReportParams) -> str:
    return f"open {(inputs.folder('report') / PAGE_FILE).relative_to(inputs.root)}"


STAGE = Stage(
    name="report",
    params=ReportParams,
    reads=(
        "batches",
        "collected",
        "labels",
        "encoded",
        "aligned",
        "validated",
        "fused",
        "exports",
        "metrics",
    ),
    writes=("report",),
    scope="dataset",
    build=_build,
    conclude=_conclude,
)
