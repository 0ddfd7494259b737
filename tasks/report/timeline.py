"""Time lines: sessions on the reference clock, a lane per role, those that came off worst first.

reads   links, streams, clocks, align's rejects, coverage.json, labels

A lane shows from when to when its recorders ran and where their clocks jump, what is linked (a colour per sample,
the same in every lane; very many links as merged stretches), where the reference has nothing of the role, and what
found no place.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.clock_line import pieces_by_clock, to_reference_ns
from tasks.core.schemas import ALIGN_REJECTS, CLOCKS, LABELS, LINKS, STREAMS
from tasks.core.stage import StageInput
from tasks.core.times import NS_PER_MS, NS_PER_S, ns_to_seconds_text
from tasks.report.scale import Bar, Scale, merged_bars

MOST_BARS = 150
MOST_MARKS = 60
COLOURS = 6


@dataclass(frozen=True)
class Lane:
    """One role: `clocks` in words, and what is drawn of it."""

    role: str
    clocks: str
    extents: list[Bar]
    jumps: list[Bar]
    gaps: list[Bar]
    links: list[Bar]
    missed: list[Bar]
    summary: str


@dataclass(frozen=True)
class Timeline:
    """A session on the reference clock."""

    session: str
    lanes: list[Lane]
    ticks: list[tuple[float, str]]
    merged: bool
    summary: str


@dataclass(frozen=True)
class SessionRows:
    """What is known of one session."""

    links: pa.Table
    streams: pa.Table
    rejects: pa.Table
    clocks: list[dict[str, Any]]
    gaps: dict[str, list[dict[str, Any]]]


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
    samples = pc.unique(_timed(rows.links).sort_by([("start_ns", "ascending")])["sample_id"]).to_pylist()
    colours = {name: number % COLOURS for number, name in enumerate(samples)}
    roles = sorted(pc.unique(rows.streams["role"]).to_pylist(), key=lambda role: (role != reference, role))
    lanes = [_lane(role, rows, scale, (colours, texts)) for role in roles]
    merged = any(lane.links and lane.links[0].count > 1 for lane in lanes)
    summary = "; ".join(f"{lane.role}: {lane.summary}" for lane in lanes)
    return Timeline(session, lanes, scale.ticks(), merged, summary)


def _worst_sessions(streams: pa.Table, rejects: pa.Table, coverage: dict[str, Any]) -> list[str]:
    """Sessions by how little of the reference their least covered role covers, then by what is unmatched."""
    least: dict[str, float] = {}
    for figures in coverage["roles"].values():
        for row in figures["least_covered"] if figures["links"] else []:
            least[row["session"]] = min(least.get(row["session"], 1.0), row["covered_share"])
    counted = pc.value_counts(rejects["session"].combine_chunks()).to_pylist()
    unmatched = {pair["values"]: pair["counts"] for pair in counted}
    sessions = pc.unique(streams["session"]).to_pylist()
    return sorted(sessions, key=lambda name: (least.get(name, 1.0), -unmatched.get(name, 0), name))


def _lane(role: str, rows: SessionRows, scale: Scale, known: tuple[dict[str, int], dict[str, str]]) -> Lane:
    streams = rows.streams.filter(pc.equal(rows.streams["role"], role)).to_pylist()
    links = _timed(rows.links.filter(pc.equal(rows.links["role"], role)))
    rejects = rows.rejects.filter(pc.equal(rows.rejects["role"], role))
    used = {stream["clock"] for stream in streams}
    clocks = [clock for clock in rows.clocks if clock["clock"] in used]
    gaps = rows.gaps.get(role, [])
    return Lane(
        role,
        "; ".join(_clock_words(clock) for clock in clocks[:2]) + (", ..." if len(clocks) > 2 else ""),
        [_extent(stream, scale) for stream in streams],
        _jumps(clocks, scale),
        [_gap(gap, scale) for gap in gaps] if links.num_rows else [],
        _link_bars(links, scale, known),
        _missed_bars(_timed(rejects), scale),
        f"{pc.count_distinct(links['member_id']).as_py()} linked, {rejects.num_rows} without a place",
    )


def _extent(stream: dict[str, Any], scale: Scale) -> Bar:
    span = f"{_seconds(stream['start_ns'])} to {_seconds(stream['end_ns'])}"
    return scale.bar(
        stream["start_ns"], stream["end_ns"], f"clock {stream['clock']}, {stream['members']} from {span}"
    )


def _gap(gap: dict[str, Any], scale: Scale) -> Bar:
    words = f"nothing from {_seconds(gap['from_ns'])} to {_seconds(gap['to_ns'])}, {gap['samples']} samples without"
    return scale.bar(gap["from_ns"], gap["to_ns"], words)


def _jumps(clocks: list[dict[str, Any]], scale: Scale) -> list[Bar]:
    """Where one piece of a clock ends and the next begins: what lies between was not recorded."""
    bars = []
    for (_, name), pieces in pieces_by_clock(clocks).items():
        for number in range(1, len(pieces)):
            before, after = pieces[number - 1], pieces[number]
            if before.to_ns is not None and after.from_ns is not None:
                from_ns = _placed(before.to_ns, before.line)
                to_ns = _placed(after.from_ns, after.line)
                jump_ns = (to_ns - from_ns) - (after.from_ns - before.to_ns)
                bars.append(scale.bar(from_ns, to_ns, f"clock {name} jumps by {jump_ns / NS_PER_MS:+.3f} ms"))
    return bars


def _placed(time_ns: int, line: Any) -> int:
    import numpy as np

    return int(to_reference_ns(np.array([time_ns], np.int64), line)[0])


def _link_bars(links: pa.Table, scale: Scale, known: tuple[dict[str, int], dict[str, str]]) -> list[Bar]:
    if links.num_rows > MOST_BARS:
        return merged_bars(links, scale, "links")
    colours, texts = known
    ordered = links.sort_by(
        [("start_ns", "ascending"), ("sample_id", "ascending"), ("member_id", "ascending")]
    )
    return [
        scale.bar(
            row["start_ns"],
            row["end_ns"],
            texts.get(row["label_id"]) or row["member_id"],
            colours[row["sample_id"]],
        )
        for row in ordered.to_pylist()
    ]


def _missed_bars(rejects: pa.Table, scale: Scale) -> list[Bar]:
    if rejects.num_rows > MOST_MARKS:
        return merged_bars(rejects, scale, "without a place")
    ordered = rejects.sort_by([("start_ns", "ascending"), ("row_id", "ascending")])
    return [
        scale.bar(row["start_ns"], row["end_ns"], f"{row['row_id']}: {row['detail']}")
        for row in ordered.to_pylist()
    ]


def _clock_words(clock: dict[str, Any]) -> str:
    if clock["method"] == "reference":
        return f"clock {clock['clock']}: the reference"
    residual_ns = clock["residual_ns"]
    residual = "" if residual_ns is None else f", residual {residual_ns / NS_PER_MS:.3f} ms"
    piece = (
        f" (piece {clock['piece'] + 1})" if clock["from_ns"] is not None or clock["to_ns"] is not None else ""
    )
    offset = f"{clock['offset_ns'] / NS_PER_S:+.6f} s"
    strays = "" if clock["within_tolerance"] else ", past its tolerance"
    return (
        f"clock {clock['clock']}{piece} by {clock['method']}: {offset}, {clock['drift_ppm']:+.1f} ppm"
        f"{residual}{strays}"
    )


def _timed(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.is_valid(rows["start_ns"]))


def _texts(links: pa.Table, labels: pa.Table) -> dict[str, str]:
    own = labels.filter(pc.is_in(labels["label_id"], pc.unique(links["label_id"])))
    pairs = zip(own["label_id"].to_pylist(), own["text"].to_pylist(), strict=True)
    return {name: text for name, text in pairs if text}


def _seconds(time_ns: int) -> str:
    return f"{ns_to_seconds_text(round(time_ns, -6))} s"
