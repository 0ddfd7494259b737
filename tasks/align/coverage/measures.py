"""What is measured of links, over fixed bins, and the links that come off worst.

reads   links
writes  for each measure: least, median, p95, most, counts per bin, the worst links; None without a value
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tasks.core.times import NS_PER_MS

MOST_WORST = 5

Float64s = NDArray[np.float64]

_LAG_STEPS_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_SHARES = tuple(round(0.05 * step, 2) for step in range(21))
# Most pairs that are found are very alike: where they lie there is what tells a threshold.
_LIKENESS = (*_SHARES[:18], *(round(0.9 + 0.01 * step, 2) for step in range(11)))


@dataclass(frozen=True)
class Measure:
    """A column of links in bins [edge, next edge), the last with its upper edge; the worst is most bad.

    A histogram has a count below the first edge, one for each bin, and one above the last edge.
    """

    name: str
    column: str
    unit: int
    edges: tuple[float, ...]
    badness: Callable[[Float64s], Float64s]
    between_stamps: bool = False
    of_lengths: bool = False


MEASURES = (
    # Between spans a lag only says where one starts in the other; between stamps it is the match's error.
    Measure(
        "lag_ms",
        "lag_ns",
        NS_PER_MS,
        (*(-step for step in reversed(_LAG_STEPS_MS)), *_LAG_STEPS_MS),
        np.abs,
        between_stamps=True,
    ),
    Measure("similarity", "similarity", 1, _LIKENESS, np.negative),
    Measure("margin", "margin", 1, _SHARES, np.negative),
    # A point has no length to share.
    Measure("overlap", "overlap", 1, _SHARES, np.negative, of_lengths=True),
)


def report_measure(links: pa.Table, measure: Measure) -> dict[str, Any] | None:
    """The measure of these links."""
    if measure.column not in links.column_names:
        return None
    own = links.filter(pc.is_valid(links[measure.column]))
    if measure.of_lengths:
        own = own.filter(pc.greater(own["end_ns"], own["start_ns"]))
    if measure.between_stamps:
        own = own.filter(pc.is_null(own["overlap"]))
    if not own.num_rows:
        return None
    values = np.asarray(own[measure.column].to_numpy(), np.float64) / measure.unit
    quantiles = np.quantile(values, [0, 0.5, 0.95, 1])
    names = ("least", "median", "p95", "most")
    return {
        **{name: round(float(value), 6) for name, value in zip(names, quantiles, strict=True)},
        "histogram": _histogram(values, measure.edges),
        "worst": _worst(own, values, measure),
    }


def _histogram(values: Float64s, edges: tuple[float, ...]) -> list[int]:
    bins = np.searchsorted(np.array(edges), values, side="right")
    bins[values == edges[-1]] = len(edges) - 1
    counts: list[int] = np.bincount(bins, minlength=len(edges) + 1).tolist()
    return counts


def _worst(links: pa.Table, values: Float64s, measure: Measure) -> list[dict[str, Any]]:
    """The worst few, of equals the first by sample and member."""
    badness = measure.badness(values)
    count = min(MOST_WORST, len(values))
    least_bad = np.partition(badness, len(values) - count)[len(values) - count]
    near = np.flatnonzero(badness >= least_bad)
    rows = links.take(pa.array(near)).select(["sample_id", "member_id"])
    rows = rows.append_column("value", pa.array(values[near])).append_column("bad", pa.array(badness[near]))
    order = [("bad", "descending"), ("sample_id", "ascending"), ("member_id", "ascending")]
    return [
        {"sample_id": row["sample_id"], "member_id": row["member_id"], measure.name: round(row["value"], 6)}
        for row in rows.sort_by(order).slice(0, count).to_pylist()
    ]
