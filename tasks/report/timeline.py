"""Time lines: sessions on the reference clock, a lane per role, those that came off worst first.

reads   links, streams, clocks, align's rejects, coverage.json, labels

A lane shows from when to when its recorders ran and where their clocks jump, what is linked (a colour per
sample, the same in every lane; very many links as merged stretches), where the reference has nothing of the
role, and what found no place.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, LABELS, LINKS, STREAMS
from tasks.core.stage import StageInput
from tasks.report.lanes import Known, Lane, SessionRows, lane_of, timed
from tasks.report.scale import Scale

COLOURS = 6


@dataclass(frozen=True)
class Timeline:
    """A session on the reference clock."""

    session: str
    lanes: list[Lane]
    ticks: list[tuple[float, str]]
    merged: bool
    summary: str


def timelines(
    inputs: StageInput, batch: Batch, coverage: dict[str, Any], most: int
) -> tuple[list[Timeline], int]:
    """The sessions that came off worst, and how many there are."""
    streams = inputs.table(STREAMS, batch)
    if not streams.num_rows:
        return [], 0
    rejects, links = inputs.table(ALIGN_REJECTS, batch), inputs.table(LINKS, batch)
    labels = inputs.table(LABELS, batch, ("label_id", "text"))
    clocks = inputs.table(CLOCKS, batch)
    sessions = _worst_sessions(streams, rejects, coverage)
    drawn = []
    for session in sessions[:most]:
        own_links, own_streams, own_rejects, own_clocks = (
            table.filter(pc.equal(table["session"], session)) for table in (links, streams, rejects, clocks)
        )
        gaps = {
            role: [gap for gap in figures["gaps"] if gap["session"] == session]
            for role, figures in coverage["roles"].items()
        }
        rows = SessionRows(own_links, own_streams, own_rejects, own_clocks.to_pylist(), gaps)
        drawn.append(draw(session, rows, _texts(own_links, labels), str(coverage["reference"])))
    return drawn, len(sessions)


def draw(session: str, rows: SessionRows, texts: dict[str, str], reference: str) -> Timeline:
    """The time line of one session."""
    scale = Scale(
        pc.min(rows.streams["start_ns"]).as_py(),
        max(pc.max(rows.streams["end_ns"]).as_py(), pc.min(rows.streams["start_ns"]).as_py() + 1),
    )
    samples = pc.unique(timed(rows.links).sort_by([("start_ns", "ascending")])["sample_id"]).to_pylist()
    colours = {name: number % COLOURS for number, name in enumerate(samples)}
    roles = sorted(pc.unique(rows.streams["role"]).to_pylist(), key=lambda role: (role != reference, role))
    known = Known(colours, texts)
    lanes = [lane_of(role, rows, scale, known) for role in roles]
    merged = any(lane.links and lane.links[0].count > 1 for lane in lanes)
    summary = "; ".join(f"{lane.role}: {lane.summary}" for lane in lanes)
    return Timeline(session, lanes, scale.ticks(), merged, summary)


def _worst_sessions(streams: pa.Table, rejects: pa.Table, coverage: dict[str, Any]) -> list[str]:
    """Sessions by how much less of the reference is covered there than elsewhere, then by the unmatched."""
    lack: dict[str, float] = {}
    for figures in coverage["roles"].values():
        for row in figures["least_covered"] if figures["links"] else []:
            less = max(figures["covered_share"] - row["covered_share"], 0.0)
            lack[row["session"]] = lack.get(row["session"], 0.0) + less
    counted = pc.value_counts(rejects["session"].combine_chunks()).to_pylist()
    unmatched = {pair["values"]: pair["counts"] for pair in counted}
    sessions = pc.unique(streams["session"]).to_pylist()
    return sorted(sessions, key=lambda name: (-lack.get(name, 0.0), -unmatched.get(name, 0), name))


def _texts(links: pa.Table, labels: pa.Table) -> dict[str, str]:
    own = labels.filter(pc.is_in(labels["label_id"], pc.unique(links["label_id"])))
    pairs = zip(own["label_id"].to_pylist(), own["text"].to_pylist(), strict=True)
    return {name: text for name, text in pairs if text}
