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

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.clocks.figures import report_clocks
from tasks.align.coverage.measures import MEASURES, report_measure
from tasks.align.coverage.reference_time import covered_time, reference_length_ns, reference_time
from tasks.align.members import Int64s, roles_of, rows_where
from tasks.align.result import Aligned
from tasks.align.sound.chapters import Unplaced
from tasks.core.rejects import Reason

MOST_EXAMPLES = 20


@dataclass(frozen=True)
class CoverageAsked:
    """How the batch was aligned, why some (session, clock) are not known, and the others of its round.

    `unplaced` are stretches of recordings whose clock is known elsewhere.
    """

    method: str
    reference: str
    unknown: dict[tuple[str, str], str] = field(default_factory=dict)
    companions: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()


def coverage(members: pa.Table, aligned: Aligned, clocks: pa.Table, asked: CoverageAsked) -> dict[str, Any]:
    """The whole of coverage.json."""
    wholes = reference_time(aligned.spans)
    found: dict[str, Any] = {
        "method": asked.method,
        "reference": asked.reference,
        "companions": list(asked.companions),
        "samples": len(aligned.samples),
        "texts": list(aligned.texts),
        "reference_ns": reference_length_ns(wholes),
        "bins": {measure.name: list(measure.edges) for measure in MEASURES},
        "roles": {},
        "clocks": report_clocks(clocks, asked.unknown, asked.unplaced),
    }
    linked, guests = (_linked(table, aligned.samples) for table in (aligned.links, aligned.guests))
    for role in sorted({*roles_of(members), *roles_of(aligned.guests)}):
        own, others = linked.of_role(role), guests.of_role(role)
        left_out = aligned.left_out.filter(pc.equal(aligned.left_out["role"], role))
        found["roles"][role] = {
            "members": pc.sum(pc.equal(members["role"], role)).as_py(),
            "guests": others.links.num_rows,
            **_matching(own.links, left_out),
            **_without(aligned.samples, own, others),
            **{measure.name: report_measure(own.links, measure) for measure in MEASURES},
            **covered_time(wholes, own.links, own.sample_rows),
        }
    return found


@dataclass(frozen=True)
class _Linked:
    """Links, and which row of the samples each goes to; -1 for a sample of another batch."""

    links: pa.Table
    sample_rows: Int64s

    def of_role(self, role: str) -> "_Linked":
        chosen = np.asarray(pc.equal(self.links["role"], role))
        return _Linked(rows_where(self.links, chosen), self.sample_rows[chosen])


def _linked(links: pa.Table, samples: pa.Array) -> _Linked:
    rows = pc.index_in(links["sample_id"], samples).fill_null(-1)
    return _Linked(links, np.asarray(rows, np.int64))


def _matching(links: pa.Table, left_out: pa.Table) -> dict[str, Any]:
    """How many members of a role found a place."""
    reasons = left_out.group_by("reason").aggregate([("member_id", "count")]).sort_by("reason")
    counted = dict(zip(reasons["reason"].to_pylist(), reasons["member_id_count"].to_pylist(), strict=True))
    return {
        # Not `count_distinct`, which takes three times as long.
        "matched": len(pc.unique(links["member_id"])),
        "unmatched": left_out.num_rows,
        "ambiguous": counted.get(Reason.AMBIGUOUS.value, 0),
        "reasons": counted,
        "links": links.num_rows,
    }


def _without(samples: pa.Array, *linked: _Linked) -> dict[str, Any]:
    """How many samples have no member of a role, and the first of them."""
    rows = np.concatenate([one.sample_rows for one in linked])
    taken = np.zeros(len(samples), np.bool_)
    taken[rows[rows >= 0]] = True
    without = samples.filter(pa.array(~taken))
    first = pc.select_k_unstable(without, MOST_EXAMPLES, [("", "ascending")])
    return {
        "samples_without": len(without),
        "samples_without_examples": without.take(first).to_pylist(),
    }
