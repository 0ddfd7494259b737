"""Coverage: what was matched and what was not, per role, so that alignment explains itself.

reads   members, links, left out
writes  coverage.json
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.members import roles_of
from tasks.align.result import Aligned
from tasks.core.times import NS_PER_MS

MOST_EXAMPLES = 20


def coverage(members: pa.Table, aligned: Aligned, method: str, reference: str) -> dict[str, Any]:
    """Samples, and per role: members matched and not (with reasons), samples without one, lags, likeness."""
    return {
        "method": method,
        "reference": reference,
        "samples": len(aligned.samples),
        "texts": list(aligned.texts),
        "roles": {role: _role_coverage(role, members, aligned) for role in roles_of(members)},
    }


def _role_coverage(role: str, members: pa.Table, aligned: Aligned) -> dict[str, Any]:
    links = aligned.links.filter(pc.equal(aligned.links["role"], role))
    left_out = aligned.left_out.filter(pc.equal(aligned.left_out["role"], role))
    without = sorted(set(aligned.samples) - set(links["sample_id"].to_pylist()))
    reasons = left_out.group_by("reason").aggregate([("member_id", "count")]).sort_by("reason")
    return {
        "members": pc.sum(pc.equal(members["role"], role)).as_py(),
        "matched": pc.count_distinct(links["member_id"]).as_py(),
        "unmatched": left_out.num_rows,
        "reasons": dict(
            zip(reasons["reason"].to_pylist(), reasons["member_id_count"].to_pylist(), strict=True)
        ),
        "links": links.num_rows,
        "samples_without": len(without),
        "gaps": without[:MOST_EXAMPLES],
        # Between spans a lag only says where one starts in the other; between stamps it is the match's error.
        "lag_ms": _spread(links.filter(pc.equal(links["method"], "nearest"))["lag_ns"], NS_PER_MS),
        "similarity": _spread(links["similarity"], 1),
    }


def _spread(column: pa.ChunkedArray, unit: int) -> dict[str, float] | None:
    """Least, median, 95th percentile and most of a measure; None where nothing was measured."""
    values = np.asarray(column.drop_null().to_numpy(), np.float64) / unit
    if not len(values):
        return None
    found = np.quantile(values, [0, 0.5, 0.95, 1])
    return {
        name: round(float(value), 6)
        for name, value in zip(("least", "median", "p95", "most"), found, strict=True)
    }
