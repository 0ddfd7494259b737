"""How much of the reference time a role covers, and where it does not.

reads   the samples' spans, the links of one role and the rows of their samples
writes  covered share, gaps (from..to on the reference clock, longest first), the least covered sessions
rules   A link that overlaps covers the part that the two share; any other link, and that of a point, covers
        its whole sample. A sample without a length counts as 1 ns. A gap goes on over time between samples,
        as long as nothing of the role lies there.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_time.matching import stops_ns
from tasks.align.by_time.spans import Line, has_length, lay_apart, sessions_by_line
from tasks.align.coverage.stretches import Stretches, merged
from tasks.align.members import Int64s, rows_where, times_ns

MOST_GAPS = 20
MOST_SESSIONS = 10
_LONGEST_FIRST = [("length", "descending"), ("session", "ascending"), ("from_ns", "ascending")]


@dataclass(frozen=True)
class ReferenceTime:
    """The samples on one line; less the `shift_ns` of its session, a time is on the reference clock again.

    `place`: by the row of a sample its place on the line, -1 where it is on another one. Session by session:
    `session_start_ns`, where it begins on the line, and `session_ns`, how long its samples last.
    """

    spans: pa.Table
    line: Line
    stretches: Stretches
    place: Int64s
    sessions: list[str]
    shift_ns: Int64s
    session_start_ns: Int64s
    session_ns: Int64s

    def sessions_at(self, moments_ns: Int64s) -> Int64s:
        """The number of the session at each moment of the line."""
        return np.searchsorted(self.session_start_ns, moments_ns, side="right") - 1


def reference_time(spans: pa.Table) -> tuple[ReferenceTime, ...]:
    """The time of these samples, on as few lines as hold it; mostly it is one."""
    numbered = spans.append_column("row", pa.array(np.arange(spans.num_rows)))
    lines = sessions_by_line(numbered, numbered.slice(0, 0), 0)
    return tuple(_on_a_line(own, spans.num_rows) for own, _ in lines)


def reference_length_ns(wholes: Sequence[ReferenceTime]) -> int:
    """How long the samples last together."""
    return sum(int(whole.session_ns.sum()) for whole in wholes)


def covered_time(wholes: Sequence[ReferenceTime], links: pa.Table, sample_rows: Int64s) -> dict[str, Any]:
    """The figures of one role, whose links go to the samples of those rows; none where they have no time."""
    parts = [_covered_part(whole, links, sample_rows) for whole in wholes if whole.spans.num_rows]
    if not parts:
        return {"covered_share": None, "gap_count": 0, "gap_ns": 0, "gaps": [], "least_covered": []}
    gaps = pa.concat_tables([part.gaps for part in parts])
    missing_ns = sum(part.missing_ns for part in parts)
    least = heapq.nsmallest(MOST_SESSIONS, (session for part in parts for session in part.least_covered))
    return {
        "covered_share": _share(missing_ns, reference_length_ns(wholes)),
        "gap_count": gaps.num_rows,
        "gap_ns": missing_ns,
        "gaps": gaps.take(pc.select_k_unstable(gaps, MOST_GAPS, _LONGEST_FIRST))
        .drop_columns(["length"])
        .to_pylist(),
        "least_covered": [{"session": session, "covered_share": share} for share, session in least],
    }


def _on_a_line(spans: pa.Table, count: int) -> ReferenceTime:
    """The line of these of so many samples."""
    line = lay_apart(spans.slice(0, 0), spans, 0)
    place = np.full(count, -1, np.int64)
    place[times_ns(spans, "row")] = np.arange(spans.num_rows)
    sessions = spans["session"].combine_chunks().dictionary_encode().dictionary.to_pylist()
    shift_ns = np.zeros(len(sessions), np.int64)
    shift_ns[line.sample_session] = line.sample_start_ns - times_ns(spans, "start_ns")
    stretches = merged(line.sample_start_ns, stops_ns(line.sample_start_ns, line.sample_end_ns))
    session_start_ns = np.full(len(sessions), np.iinfo(np.int64).max)
    np.minimum.at(session_start_ns, line.sample_session, line.sample_start_ns)
    of_stretch = np.searchsorted(session_start_ns, stretches.start_ns, side="right") - 1
    session_ns = _length_by_session(stretches, of_stretch, len(sessions))
    return ReferenceTime(spans, line, stretches, place, sessions, shift_ns, session_start_ns, session_ns)


@dataclass(frozen=True)
class _Part:
    """What one line tells of a role: `gaps` with their `length`, and (share, session) of those with gaps."""

    gaps: pa.Table
    missing_ns: int
    least_covered: list[tuple[float, str]]


def _covered_part(whole: ReferenceTime, links: pa.Table, sample_rows: Int64s) -> _Part:
    place = np.where(sample_rows >= 0, whole.place[sample_rows], -1)
    links, place = rows_where(links, place >= 0), place[place >= 0]
    covered = _covered(whole, links, place)
    missing = whole.stretches.less(covered)
    missing_ns = _length_by_session(missing, whole.sessions_at(missing.start_ns), len(whole.sessions))
    gaps = _gaps(whole, covered, missing, place)
    return _Part(gaps, int(missing_ns.sum()), _least_covered(whole, missing_ns))


def _length_by_session(stretches: Stretches, session: Int64s, count: int) -> Int64s:
    """How long the stretches of each of so many sessions last together."""
    lengths_ns = np.zeros(count, np.int64)
    np.add.at(lengths_ns, session, stretches.end_ns - stretches.start_ns)
    return lengths_ns


def _covered(whole: ReferenceTime, links: pa.Table, place: Int64s) -> Stretches:
    """What the links to the samples in these places cover, on the line: never more than the samples."""
    start_ns, end_ns = whole.line.sample_start_ns[place], whole.line.sample_end_ns[place]
    shift_ns = whole.shift_ns[whole.line.sample_session[place]]
    overlaps = np.asarray(pc.is_valid(links["overlap"]))
    own_start_ns, own_end_ns = (
        np.asarray(pc.fill_null(links[name], 0).to_numpy(), np.int64) + shift_ns
        for name in ("start_ns", "end_ns")
    )
    part = overlaps & (own_end_ns > own_start_ns)
    first_ns = np.where(part, np.maximum(own_start_ns, start_ns), start_ns)
    last_ns = np.where(part, np.minimum(own_end_ns, end_ns), end_ns)
    return merged(first_ns, stops_ns(first_ns, last_ns))


def _gaps(whole: ReferenceTime, covered: Stretches, missing: Stretches, place: Int64s) -> pa.Table:
    """What is missing in one session, with nothing covered between, is one gap."""
    between = np.searchsorted(covered.start_ns, missing.start_ns, side="right")
    sessions = whole.sessions_at(missing.start_ns)
    begins = np.ones(len(between), np.bool_)
    begins[1:] = (np.diff(between) > 0) | (np.diff(sessions) > 0)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(between)) - 1 if len(first) else first
    session = sessions[first]
    from_ns, to_ns = missing.start_ns[first], missing.end_ns[last]
    without = _starts_without(whole, place)
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


def _starts_without(whole: ReferenceTime, place: Int64s) -> Int64s:
    """The sorted starts of the samples that no link goes to; those in these places have one."""
    linked = np.zeros(whole.spans.num_rows, np.bool_)
    linked[place] = True
    return np.sort(whole.line.sample_start_ns[~linked], kind="stable")


def _least_covered(whole: ReferenceTime, missing_ns: Int64s) -> list[tuple[float, str]]:
    figures = zip(whole.sessions, missing_ns.tolist(), whole.session_ns.tolist(), strict=True)
    return [(_share(missing, length), session) for session, missing, length in figures if missing]


def _share(missing_ns: int, length_ns: int) -> float:
    return round(1 - missing_ns / length_ns, 6)
