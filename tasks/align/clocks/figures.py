"""The clocks of a batch in figures: how each was told, and how well, the worst first.

reads   clocks, and why others are not known
writes  counts by method, the worst clocks with their pieces, and the clocks that are not known
"""

from typing import Any

import pyarrow as pa

MOST_CLOCKS = 50
_FIGURES = ("piece", "from_ns", "to_ns", "anchor_ns", "offset_ns", "drift_ppm", "residual_ns", "marks")


def report_clocks(clocks: pa.Table, unknown: dict[tuple[str, str], str]) -> dict[str, Any]:
    """Those out of tolerance first, then by residual; one that is the reference comes last."""
    told = _by_clock(clocks)
    methods: dict[str, int] = {}
    for clock in told:
        methods[clock["method"]] = methods.get(clock["method"], 0) + 1
    lost = [{"session": session, "clock": clock, "why": why} for (session, clock), why in unknown.items()]
    return {
        "count": len(told),
        "methods": methods,
        "worst": sorted(told, key=_badness)[:MOST_CLOCKS],
        "unknown_count": len(lost),
        "unknown": sorted(lost, key=lambda row: (row["session"], row["clock"]))[:MOST_CLOCKS],
    }


def _by_clock(clocks: pa.Table) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    order = [("session", "ascending"), ("clock", "ascending"), ("anchor_ns", "ascending")]
    if "piece" in clocks.column_names:
        order[-1] = ("piece", "ascending")
    for row in clocks.sort_by(order).to_pylist():
        clock = found.setdefault(
            (row["session"], row["clock"]),
            {"session": row["session"], "clock": row["clock"], "method": row["method"], "pieces": []},
        )
        clock["pieces"].append({name: row[name] for name in _FIGURES if name in row})
        clock["within_tolerance"] = clock.get("within_tolerance", True) and row.get("within_tolerance", True)
    return list(found.values())


def _badness(clock: dict[str, Any]) -> tuple[bool, bool, int, str, str]:
    residual_ns = max(piece["residual_ns"] or 0 for piece in clock["pieces"])
    is_reference = clock["method"] == "reference"
    return clock["within_tolerance"], is_reference, -residual_ns, clock["session"], clock["clock"]
