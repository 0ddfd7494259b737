"""The clocks of a batch in figures: how each was told, and how well, the worst first.

reads   clocks, and why others are not known
writes  counts by method, the worst clocks with their pieces, the clocks and recordings that are not
        known, and the stretches of known ones that have no place
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.sound.chapters import Unplaced

MOST_CLOCKS = 50
_CLOCK = ["session", "clock"]
_FIGURES = (
    *("piece", "from_ns", "to_ns", "anchor_ns", "offset_ns", "drift_ppm", "residual_ns", "marks"),
    "marks_rejected",
)


def report_clocks(
    clocks: pa.Table, unknown: dict[tuple[str, str], str], unplaced: Sequence[Unplaced] = ()
) -> dict[str, Any]:
    """Those out of tolerance first, then by residual; one that is the reference comes last."""
    known = clocks.filter(pc.is_valid(clocks["offset_ns"]))
    told = known.group_by(_CLOCK, use_threads=False).aggregate(
        [("method", "first"), ("within_tolerance", "min"), ("residual_ns", "max")]
    )
    methods = told["method_first"].value_counts()
    lost = [{"session": session, "clock": clock, "why": why} for (session, clock), why in unknown.items()]
    lost += clocks.filter(pc.is_valid(clocks["item_id"])).select(["session", "clock", "why"]).to_pylist()
    return {
        "count": told.num_rows,
        "methods": {count["values"]: count["counts"] for count in methods.to_pylist()},
        "worst": [_report(known, clock) for clock in _worst(told)],
        "unknown_count": len(lost),
        "unplaced_ns": sum(one.to_ns - one.from_ns for one in unplaced),
        "unplaced": [asdict(one) for one in sorted(unplaced, key=_longest_first)[:MOST_CLOCKS]],
        "unknown": sorted(lost, key=lambda row: (row["session"], row["clock"]))[:MOST_CLOCKS],
    }


def _longest_first(one: Unplaced) -> tuple[int, str, int]:
    return one.from_ns - one.to_ns, one.item_id, one.from_ns


def _worst(told: pa.Table) -> list[dict[str, Any]]:
    """The worst few of the clocks, with no row for a piece but one for a clock."""
    badness = pa.table(
        {
            "within": told["within_tolerance_min"],
            "is_reference": pc.equal(told["method_first"], "reference"),
            "residual_ns": pc.fill_null(told["residual_ns_max"], 0),
            **{name: told[name] for name in _CLOCK},
        }
    )
    order = [(name, "descending" if name == "residual_ns" else "ascending") for name in badness.column_names]
    worst: list[dict[str, Any]] = told.take(pc.sort_indices(badness, order)[:MOST_CLOCKS]).to_pylist()
    return worst


def _report(clocks: pa.Table, clock: dict[str, Any]) -> dict[str, Any]:
    """One clock with its pieces."""
    own = pc.and_(*(pc.equal(clocks[name], clock[name]) for name in _CLOCK))
    return {
        **{name: clock[name] for name in _CLOCK},
        "method": clock["method_first"],
        "pieces": clocks.filter(own).sort_by("piece").select(_FIGURES).to_pylist(),
        "within_tolerance": clock["within_tolerance_min"],
    }
