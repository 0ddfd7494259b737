"""The clocks of a batch in figures: how each was told, and how well, the worst first.

reads   clocks, and why others are not known
writes  counts by method, the worst clocks with their pieces, and the clocks that are not known
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

MOST_CLOCKS = 50
_CLOCK = ["session", "clock"]
_FIGURES = (
    *("piece", "from_ns", "to_ns", "anchor_ns", "offset_ns", "drift_ppm", "residual_ns", "marks"),
    "marks_rejected",
)


def report_clocks(clocks: pa.Table, unknown: dict[tuple[str, str], str]) -> dict[str, Any]:
    """Those out of tolerance first, then by residual; one that is the reference comes last."""
    told = clocks.group_by(_CLOCK, use_threads=False).aggregate(
        [("method", "first"), ("within_tolerance", "min"), ("residual_ns", "max")]
    )
    methods = told["method_first"].value_counts()
    lost = [{"session": session, "clock": clock, "why": why} for (session, clock), why in unknown.items()]
    return {
        "count": told.num_rows,
        "methods": {count["values"]: count["counts"] for count in methods.to_pylist()},
        "worst": [_report(clocks, clock) for clock in _worst(told)],
        "unknown_count": len(lost),
        "unknown": sorted(lost, key=lambda row: (row["session"], row["clock"]))[:MOST_CLOCKS],
    }


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
