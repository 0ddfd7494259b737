"""Coverage: what was matched and what was not, so that alignment explains itself.

reads   members, links, left out, the samples' spans, clocks
writes  coverage.json, of bounded size: examples are the worst `MOST_EXAMPLES`, the rest is counted

Of each role: members matched, unmatched (by reason) and ambiguous; `guests`, which are links of other batches
to these samples; samples without it; by time also the share of the reference that it covers, the `gaps` where
it does not, longest first, and the sessions it covers least. Of each measure (lag_ms, similarity, margin,
overlap): least, median, 95th percentile and most, a histogram over the bins that `bins` states, and the worst
links. Of each clock: method, offset, drift, residual and pieces.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.clocks.figures import report_clocks
from tasks.align.coverage.measures import MEASURES, report_measure
from tasks.align.coverage.reference_time import covered_time, reference_length_ns, reference_time
from tasks.align.members import roles_of
from tasks.align.result import Aligned
from tasks.core.rejects import Reason

MOST_EXAMPLES = 20


@dataclass(frozen=True)
class CoverageAsked:
    """How the batch was aligned, why some (session, clock) are not known, and the others of its round."""

    method: str
    reference: str
    unknown: dict[tuple[str, str], str] = field(default_factory=dict)
    companions: tuple[str, ...] = ()


def coverage(members: pa.Table, aligned: Aligned, clocks: pa.Table, asked: CoverageAsked) -> dict[str, Any]:
    """The whole of coverage.json."""
    wholes = reference_time(aligned.spans)
    samples = pa.array(sorted(aligned.samples), pa.string())
    found: dict[str, Any] = {
        "method": asked.method,
        "reference": asked.reference,
        "companions": list(asked.companions),
        "samples": len(aligned.samples),
        "texts": list(aligned.texts),
        "reference_ns": reference_length_ns(wholes),
        "bins": {measure.name: list(measure.edges) for measure in MEASURES},
        "roles": {},
        "clocks": report_clocks(clocks, asked.unknown),
    }
    for role in sorted({*roles_of(members), *roles_of(aligned.guests)}):
        links, left_out, guests = (
            table.filter(pc.equal(table["role"], role))
            for table in (aligned.links, aligned.left_out, aligned.guests)
        )
        found["roles"][role] = {
            "members": pc.sum(pc.equal(members["role"], role)).as_py(),
            "guests": guests.num_rows,
            **_matching(links, left_out),
            **_without(samples, links, guests),
            **{measure.name: report_measure(links, measure) for measure in MEASURES},
            **covered_time(wholes, links),
        }
    return found


def _matching(links: pa.Table, left_out: pa.Table) -> dict[str, Any]:
    """How many members of a role found a place."""
    reasons = left_out.group_by("reason").aggregate([("member_id", "count")]).sort_by("reason")
    counted = dict(zip(reasons["reason"].to_pylist(), reasons["member_id_count"].to_pylist(), strict=True))
    return {
        "matched": pc.count_distinct(links["member_id"]).as_py(),
        "unmatched": left_out.num_rows,
        "ambiguous": counted.get(Reason.AMBIGUOUS.value, 0),
        "reasons": counted,
        "links": links.num_rows,
    }


def _without(samples: pa.Array, *links: pa.Table) -> dict[str, Any]:
    """How many samples have no member of a role."""
    taken = pc.unique(pa.concat_tables(links)["sample_id"])
    without = samples.filter(pc.invert(pc.is_in(samples, taken)))
    return {
        "samples_without": len(without),
        "samples_without_examples": without.slice(0, MOST_EXAMPLES).to_pylist(),
    }
