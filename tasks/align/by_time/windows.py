"""Samples that are windows: every session cut from its first start to its last end.

reads   members, with their times on the reference clock
writes  Spans, and the members whose session is too long to be cut, left out
rules   A window begins every `hop` from the session's first start on, until one reaches its last end; a point
        lasts 1 ns. There is always one; the last may end later, so that the end of a recording is not lost.
        Where the hop is longer than a window, what lies between two is in none.
        A session that would have more than MOST_WINDOWS is not cut: times that are years apart are mostly
        those of two clocks, one that counts from 0 and one from 1970.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_time.spans import Spans
from tasks.align.members import Flags, Int64s, rows_where, times_ns
from tasks.align.result import LEFT_OUT, joined, left_out_rows
from tasks.core.align_entry import Windows
from tasks.core.rejects import Reason
from tasks.core.times import NS_PER_S, ns_to_seconds_text

MOST_WINDOWS = 10_000_000


def cut_windows(timed: pa.Table, windows: Windows, batch_name: str) -> tuple[Spans, pa.Table]:
    """The windows of every session; they are named after the batch, the session and their start."""
    stop_ns = np.maximum(times_ns(timed, "end_ns"), times_ns(timed, "start_ns") + 1)
    extents = (
        timed.select(["session", "start_ns"])
        .append_column("stop_ns", pa.array(stop_ns))
        .group_by("session", use_threads=False)
        .aggregate([("start_ns", "min"), ("stop_ns", "max")])
        .sort_by("session")
    )
    first_ns, last_ns = times_ns(extents, "start_ns_min"), times_ns(extents, "stop_ns_max")
    counts = window_counts(last_ns - first_ns, windows.window, windows.hop)
    fits = counts <= MOST_WINDOWS
    sessions = pa.array(np.flatnonzero(fits)).take(pa.array(np.repeat(np.arange(fits.sum()), counts[fits])))
    start_ns = window_starts(first_ns[fits], counts[fits], windows.hop)
    names = extents["session"].take(sessions)
    seconds = pa.array([ns_to_seconds_text(time_ns) for time_ns in start_ns.tolist()], pa.string())
    rows = pa.table(
        {
            "sample_id": joined(f"{batch_name}/", names, "@", seconds, "s"),
            "session": names,
            "start_ns": pa.array(start_ns),
            "end_ns": pa.array(start_ns + windows.window),
        }
    )
    return Spans(rows), _uncut(timed, extents, fits, windows)


def window_counts(length_ns: Int64s, window_ns: int, hop_ns: int) -> Int64s:
    """How many windows cut each length: at least one, and none that begins at its end or later."""
    hops_to_cover = -(-np.maximum(length_ns - window_ns, 0) // hop_ns)
    hops_before_end = np.maximum(-(-length_ns // hop_ns) - 1, 0)
    counts: Int64s = np.minimum(hops_to_cover, hops_before_end) + 1
    return counts


def window_starts(first_ns: Int64s, counts: Int64s, hop_ns: int) -> Int64s:
    """The starts of that many windows from each first time on, one session after the other."""
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts_ns: Int64s = np.repeat(first_ns, counts) + hop_ns * place
    return starts_ns


def _uncut(timed: pa.Table, extents: pa.Table, fits: Flags, windows: Windows) -> pa.Table:
    """Everything in a session that would have too many windows."""
    if fits.all():
        return LEFT_OUT.empty_table()
    long = rows_where(extents, ~fits)
    place = pc.index_in(timed["session"], long["session"].combine_chunks())
    members = rows_where(timed, np.asarray(pc.is_valid(place)))
    length_s = (times_ns(long, "stop_ns_max") - times_ns(long, "start_ns_min")) // NS_PER_S
    details = joined(
        *("its session '", members["session"], "' lasts "),
        *(pa.array(length_s).cast(pa.string()).take(place.drop_null()), " s, more than "),
        f"{MOST_WINDOWS} windows every {ns_to_seconds_text(windows.hop)} s: ",
        "are all of its times on one clock? no candidate",
    )
    return left_out_rows(members, Reason.TIME_OUT_OF_REACH, details)
