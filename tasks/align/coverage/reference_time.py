"""How much of the reference time a role covers, and where it does not.

reads   the samples' spans, the links of one role
writes  covered share, gaps (from..to on the reference clock, longest first), the least covered sessions
rules   A link that overlaps covers the part that the two share; any other link, and that of a point, covers
        its whole sample. A sample without a length counts as 1 ns. A gap goes on over time between samples,
        as long as nothing of the role lies there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_time.spans import Line, has_length, lay_apart, sessions_by_line
from tasks.align.coverage.stretches import Stretches, merged, stops_ns
from tasks.align.members import Int64s, rows_where

MOST_GAPS = 20
MOST_SESSIONS = 10
_LONGEST_FIRST = [("length", "descending"), ("session", "ascending"), ("from_ns", "ascending")]


@dataclass(frozen=True)
class ReferenceTime:
    """The samples on one line; less the `shift_ns` of its session, a time is on the reference clock again."""

    spans: pa.Table
    line: Line
    stretches: Stretches
    sessions: list[str]
    shift_ns: Int64s

    @property
    def length_ns(self) -> int:
        return int((self.stretches.end_ns - self.stretches.start_ns).sum())


def reference_time(spans: pa.Table) -> tuple[ReferenceTime, ...]:
    """The time of these samples, on as few lines as hold it; mostly it is one."""
    return tuple(_on_a_line(own) for own, _ in sessions_by_line(spans, spans.slice(0, 0), 0))


def reference_length_ns(wholes: Sequence[ReferenceTime]) -> int:
    """How long the samples last together."""
    return sum(whole.length_ns for whole in wholes)


def covered_time(wholes: Sequence[ReferenceTime], links: pa.Table) -> dict[str, Any]:
    """The figures of one role; none where samples have no time."""
    parts = [_covered_part(whole, links) for whole in wholes if whole.spans.num_rows]
    if not parts:
        return {"covered_share": None, "gap_count": 0, "gap_ns": 0, "gaps": [], "least_covered": []}
    gaps = pa.concat_tables([part.gaps for part in parts]).sort_by(_LONGEST_FIRST)
    missing_ns = sum(part.missing_ns for part in parts)
    least = sorted(
        (row for part in parts for row in part.least_covered),
        key=lambda row: (row["covered_share"], row["session"]),
    )
    return {
        "covered_share": _share(missing_ns, reference_length_ns(wholes)),
        "gap_count": gaps.num_rows,
        "gap_ns": missing_ns,
        "gaps": gaps.drop_columns(["length"]).slice(0, MOST_GAPS).to_pylist(),
        "least_covered": sorted(least, key=lambda row: (row["covered_share"], row["session"]))[
            :MOST_SESSIONS
        ],
    }


def _on_a_line(spans: pa.Table) -> ReferenceTime:
    line = lay_apart(spans, spans, 0)
    own_ns = np.asarray(spans["start_ns"].to_numpy(), np.int64)
    count = int(line.sample_session.max()) + 1 if len(own_ns) else 0
    shift_ns = np.zeros(count, np.int64)
    shift_ns[line.sample_session] = line.sample_start_ns - own_ns
    sessions = spans["session"].combine_chunks().dictionary_encode().dictionary.to_pylist()
    stretches = merged(line.sample_start_ns, stops_ns(line.sample_start_ns, line.sample_end_ns))
    return ReferenceTime(spans, line, stretches, sessions, shift_ns)


@dataclass(frozen=True)
class _Part:
    """What one line tells of a role: `gaps` with their `length`, and the sessions that lack something."""

    gaps: pa.Table
    missing_ns: int
    least_covered: list[dict[str, Any]]


def _covered_part(whole: ReferenceTime, links: pa.Table) -> _Part:
    links = rows_where(
        links, np.asarray(pc.is_in(links["sample_id"], whole.spans["sample_id"].combine_chunks()))
    )
    covered = _covered(whole, links)
    pieces = _uncovered_pieces(whole, covered)
    missing_ns = np.zeros(len(whole.sessions), np.int64)
    np.add.at(missing_ns, pieces.session, pieces.end_ns - pieces.start_ns)
    gaps = _gaps(whole, covered, pieces, links)
    return _Part(gaps, int(missing_ns.sum()), _least_covered(whole, missing_ns))


@dataclass(frozen=True)
class _Pieces:
    start_ns: Int64s
    end_ns: Int64s
    session: Int64s


def _covered(whole: ReferenceTime, links: pa.Table) -> Stretches:
    """What the links cover, on the line."""
    sample = pc.index_in(links["sample_id"], whole.spans["sample_id"].combine_chunks())
    row = np.asarray(sample.to_numpy(), np.int64)
    start_ns, end_ns = whole.line.sample_start_ns[row], whole.line.sample_end_ns[row]
    shift_ns = whole.shift_ns[whole.line.sample_session[row]]
    overlaps = np.asarray(pc.is_valid(links["overlap"]))
    own_start_ns, own_end_ns = (
        np.asarray(pc.fill_null(links[name], 0).to_numpy(), np.int64) + shift_ns
        for name in ("start_ns", "end_ns")
    )
    part = overlaps & (own_end_ns > own_start_ns)
    first_ns = np.where(part, np.maximum(own_start_ns, start_ns), start_ns)
    last_ns = np.where(part, np.minimum(own_end_ns, end_ns), end_ns)
    return merged(first_ns, stops_ns(first_ns, last_ns))


def _uncovered_pieces(whole: ReferenceTime, covered: Stretches) -> _Pieces:
    """The parts of the samples' time that are not covered, cut at every border of either."""
    own = whole.stretches
    # Sorted, with repetitions: pieces of no length are dropped below. numpy's `unique` is ten times slower.
    borders = np.sort(np.concatenate([own.start_ns, own.end_ns, covered.start_ns, covered.end_ns]))
    start_ns, end_ns = borders[:-1], borders[1:]
    missing = (end_ns > start_ns) & own.holds(start_ns) & ~covered.holds(start_ns)
    start_ns, end_ns = start_ns[missing], end_ns[missing]
    order = np.argsort(whole.line.sample_start_ns, kind="stable")
    place = np.searchsorted(whole.line.sample_start_ns[order], start_ns, side="right") - 1
    return _Pieces(start_ns, end_ns, whole.line.sample_session[order][place])


def _gaps(whole: ReferenceTime, covered: Stretches, pieces: _Pieces, links: pa.Table) -> pa.Table:
    """Pieces of one session with nothing covered between them are one gap."""
    between = np.searchsorted(covered.start_ns, pieces.start_ns, side="right")
    begins = np.ones(len(between), np.bool_)
    begins[1:] = (np.diff(between) > 0) | (np.diff(pieces.session) > 0)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(between)) - 1 if len(first) else first
    session = pieces.session[first]
    from_ns, to_ns = pieces.start_ns[first], pieces.end_ns[last]
    without = _starts_without(whole, links)
    samples = np.searchsorted(without, to_ns) - np.searchsorted(without, from_ns)
    names = pa.array(whole.sessions, pa.string()).take(pa.array(session))
    are_points = not has_length(whole.spans)
    return pa.table(
        {
            "session": names,
            "from_ns": pa.array(from_ns - whole.shift_ns[session]),
            "to_ns": pa.array(to_ns - whole.shift_ns[session] - are_points),
            "samples": pa.array(samples),
            "length": pa.array(to_ns - from_ns),
        }
    )


def _starts_without(whole: ReferenceTime, links: pa.Table) -> Int64s:
    """The sorted starts of the samples that no link goes to."""
    linked = np.asarray(pc.is_in(whole.spans["sample_id"], pc.unique(links["sample_id"])))
    return np.sort(whole.line.sample_start_ns[~linked])


def _least_covered(whole: ReferenceTime, missing_ns: Int64s) -> list[dict[str, Any]]:
    lengths_ns = np.zeros(len(whole.sessions), np.int64)
    order = np.argsort(whole.line.sample_start_ns, kind="stable")
    place = np.searchsorted(whole.line.sample_start_ns[order], whole.stretches.start_ns)
    own = whole.line.sample_session[order][place]
    np.add.at(lengths_ns, own, whole.stretches.end_ns - whole.stretches.start_ns)
    return [
        {"session": session, "covered_share": _share(int(missing), int(length))}
        for session, missing, length in zip(whole.sessions, missing_ns, lengths_ns, strict=True)
        if missing
    ]


def _share(missing_ns: int, length_ns: int) -> float:
    return round(1 - missing_ns / length_ns, 6)
