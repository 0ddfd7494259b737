"""Why members that have a time on their own clock have none on the reference.

reads   the members, the table `clocks`, why others are not known
writes  the members as left out, each with its reason and a sentence: its clock is not known, nor the
        recording that it meets, or not at its time
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import without_times
from tasks.align.result import to_left_out
from tasks.core.rejects import Reason
from tasks.core.times import ns_to_seconds_text


def explain_untold(lost: pa.Table, clocks: pa.Table, unknown: Mapping[tuple[str, str], str]) -> pa.Table:
    """The lost members as left out: their clock, or recording, is not known, or not at their time."""
    rows = lost.select(["session", "clock", "start_ns", "end_ns"]).to_pylist()
    refused = _refused_recordings(clocks) if rows else {}
    why = [_why_untold(row, unknown, refused) for row in rows]
    lost = without_times(lost)
    untold = pa.array([one is not None for one in why], pa.bool_())
    clockless, jumped = lost.filter(untold), lost.filter(pc.invert(untold))
    sentences = _sentences(clocks) if jumped.num_rows else {}
    why_jumped = [
        f"{sentences[row['session'], row['clock']]}: no candidate"
        for row, one in zip(rows, why, strict=True)
        if one is None
    ]
    why_clockless = [f"{one}: no candidate" for one in why if one is not None]
    return pa.concat_tables(
        [
            to_left_out(clockless, Reason.CLOCK_UNKNOWN, why_clockless),
            to_left_out(jumped, Reason.CLOCK_JUMPS, why_jumped),
        ]
    )


def _refused_recordings(clocks: pa.Table) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The rows of recordings that have no place, by session and clock."""
    refused: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in clocks.filter(pc.is_valid(clocks["item_id"])).to_pylist():
        refused.setdefault((row["session"], row["clock"]), []).append(row)
    return refused


def _why_untold(
    member: Mapping[str, Any],
    unknown: Mapping[tuple[str, str], str],
    refused: Mapping[tuple[str, str], list[dict[str, Any]]],
) -> str | None:
    """Why the clock of a member is not known, or the recording that it meets; None where both are."""
    key = member["session"], member["clock"]
    if key in unknown:
        return unknown[key]
    for row in refused.get(key, ()):
        if member["start_ns"] <= row["to_ns"] and member["end_ns"] >= row["from_ns"]:
            return f"{row['item_id']} has no place on the reference: {row['why']}"
    return None


def _sentences(clocks: pa.Table) -> dict[tuple[str, str], str]:
    """What is known of each clock, for members that lie elsewhere."""
    spans: dict[tuple[str, str], list[str]] = {}
    told = clocks.filter(pc.is_valid(clocks["offset_ns"]))
    for row in told.sort_by([(name, "ascending") for name in ("session", "clock", "piece")]).to_pylist():
        first, last = (_seconds(row[name]) for name in ("from_ns", "to_ns"))
        spans.setdefault((row["session"], row["clock"]), []).append(f"{first} to {last}")
    return {
        key: f"the clock '{key[1]}' is known only from {' and from '.join(found)}: it jumps, or nothing"
        " bears it out elsewhere; cut the member there, or give it a clock of its own"
        for key, found in spans.items()
    }


def _seconds(time_ns: int | None) -> str:
    return "its beginning or end" if time_ns is None else f"{ns_to_seconds_text(time_ns)} s"
