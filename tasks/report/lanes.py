"""One role of a session as a lane of its time line: everything that is drawn, with what it says.

reads   links, streams, clocks, align's rejects and the gaps of one session
writes  Lane: bars on the scale of the drawing
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.clock_line import ClockLine, pieces_by_clock, to_reference_ns
from tasks.core.times import NS_PER_MS, NS_PER_S, ns_to_seconds_text
from tasks.report.scale import Bar, Scale, merged_bars

MOST_BARS = 150
MOST_MARKS = 60
# An outline around less would look like a mark.
LEAST_GAP = 4.0


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
class SessionRows:
    """What is known of one session."""

    links: pa.Table
    streams: pa.Table
    rejects: pa.Table
    clocks: list[dict[str, Any]]
    gaps: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Known:
    """The colour of each sample, and the texts of labels."""

    colours: dict[str, int]
    texts: dict[str, str]


def lane_of(role: str, rows: SessionRows, scale: Scale, known: Known) -> Lane:
    """The lane of that role."""
    streams = rows.streams.filter(pc.equal(rows.streams["role"], role)).to_pylist()
    links = timed(rows.links.filter(pc.equal(rows.links["role"], role)))
    rejects = rows.rejects.filter(pc.equal(rows.rejects["role"], role))
    used = {stream["clock"] for stream in streams}
    clocks = [clock for clock in rows.clocks if clock["clock"] in used]
    # Where everything is on the reference, that is no news in any lane.
    told = [_clock_words(clock) for clock in clocks] if len(rows.clocks) > 1 else []
    gaps = rows.gaps.get(role, [])
    return Lane(
        role,
        "; ".join(told[:2]) + (", ..." if len(told) > 2 else ""),
        [_extent(stream, scale) for stream in streams],
        _jumps(clocks, scale),
        [bar for gap in gaps if (bar := _gap(gap, scale)).width >= LEAST_GAP] if links.num_rows else [],
        _link_bars(links, scale, known),
        _missed_bars(timed(rejects), scale),
        f"{pc.count_distinct(links['member_id']).as_py()} linked, {rejects.num_rows} without a place",
    )


def _extent(stream: dict[str, Any], scale: Scale) -> Bar:
    span = f"{_seconds(stream['start_ns'])} to {_seconds(stream['end_ns'])}"
    return scale.bar(
        stream["start_ns"], stream["end_ns"], f"clock {stream['clock']}, {stream['members']} from {span}"
    )


def _gap(gap: dict[str, Any], scale: Scale) -> Bar:
    span = f"{_seconds(gap['from_ns'])} to {_seconds(gap['to_ns'])}"
    return scale.bar(
        gap["from_ns"], gap["to_ns"], f"nothing from {span}, samples without it: {gap['samples']}"
    )


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


def _placed(time_ns: int, line: ClockLine) -> int:
    return int(to_reference_ns(np.array([time_ns], np.int64), line)[0])


def _link_bars(links: pa.Table, scale: Scale, known: Known) -> list[Bar]:
    if links.num_rows > MOST_BARS:
        return merged_bars(links, scale, "links")
    ordered = links.sort_by(
        [("start_ns", "ascending"), ("sample_id", "ascending"), ("member_id", "ascending")]
    )
    return [
        scale.bar(
            row["start_ns"],
            row["end_ns"],
            known.texts.get(row["label_id"]) or row["member_id"],
            known.colours[row["sample_id"]],
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
    if clock["offset_ns"] is None:
        return f"clock {clock['clock']}: {clock['item_id'] or 'it'} has no place: {clock['why']}"
    if clock["method"] == "reference":
        return f"clock {clock['clock']}: the reference"
    residual_ns = clock["residual_ns"]
    known = "not known" if residual_ns is None else f"{residual_ns / NS_PER_MS:.3f} ms"
    residual = "" if clock["method"] == "given" else f", residual {known}"
    piece = (
        f" (piece {clock['piece'] + 1})" if clock["from_ns"] is not None or clock["to_ns"] is not None else ""
    )
    offset = f"{clock['offset_ns'] / NS_PER_S:+.6f} s"
    strays = "" if clock["within_tolerance"] else ", past its tolerance"
    return (
        f"clock {clock['clock']}{piece} by {clock['method']}: {offset}, {clock['drift_ppm']:+.1f} ppm"
        f"{residual}{strays}"
    )


def timed(rows: pa.Table) -> pa.Table:
    """The rows that have a time."""
    return rows.filter(pc.is_valid(rows["start_ns"]))


def _seconds(time_ns: int) -> str:
    return f"{ns_to_seconds_text(round(time_ns, -6))} s"
