"""The worst of a batch's alignment in words, the most serious first.

reads   coverage.json, align's rejects
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.times import NS_PER_MS, NS_PER_S

MOST_OF_A_KIND = 3
_GOOD_COVER, _GOOD_LIKENESS = 0.999, 1.0


@dataclass(frozen=True)
class Worst:
    """What is bad, of which role or clock, how bad, and where."""

    what: str
    of: str
    value: str
    where: str


def worst_cases(coverage: dict[str, Any], rejects: pa.Table) -> list[Worst]:
    """A few of each kind; where all is well there is none."""
    roles = coverage["roles"]
    return [
        *(Worst("role that is not there", "", "", why) for why in coverage.get("unknown_roles", [])),
        *_without_candidates(rejects),
        *_bad_clocks(coverage["clocks"]),
        *_least_covered(roles),
        *_longest_gaps(roles),
        *_worst_links(roles, "lag_ms", "largest lag", "{:+.3f} ms"),
        *_worst_links(roles, "similarity", "least likeness", "{:.3f}"),
        *_worst_links(roles, "margin", "least margin to the next", "{:.3f}"),
        *_near_misses(rejects),
    ]


def _without_candidates(rejects: pa.Table) -> Iterator[Worst]:
    """What no sample was near, by its reason: mostly one mistake loses very many."""
    own = rejects.filter(
        pc.and_(pc.is_null(rejects["candidate"]), pc.not_equal(rejects["reason"], "item_not_aligned"))
    ).sort_by("row_id")
    groups = own.group_by("reason", use_threads=False).aggregate(
        [("row_id", "count"), ("row_id", "first"), ("detail", "first"), ("role", "distinct")]
    )
    most_first = [("row_id_count", "descending"), ("reason", "ascending")]
    for group in groups.sort_by(most_first).slice(0, MOST_OF_A_KIND).to_pylist():
        yield Worst(
            "in no sample, and no candidate",
            ", ".join(sorted(group["role_distinct"])),
            f"{group['row_id_count']:,}",
            f"{group['reason']}, e.g. {group['row_id_first']}: {group['detail_first']}",
        )


def _bad_clocks(clocks: dict[str, Any]) -> Iterator[Worst]:
    for clock in clocks["unknown"][:MOST_OF_A_KIND]:
        yield Worst("clock not known", clock["clock"], "", f"session {clock['session']}: {clock['why']}")
    for one in clocks["unplaced"][:MOST_OF_A_KIND]:
        length = f"{(one['to_ns'] - one['from_ns']) / NS_PER_S:.3f} s"
        where = f"session {one['session']}, from {one['from_ns'] / NS_PER_S:.3f} s of its clock: {one['why']}"
        yield Worst("recorded, and in no known time", one["item_id"], length, where)
    strayed = [clock for clock in clocks["worst"] if not clock["within_tolerance"]]
    for clock in strayed[:MOST_OF_A_KIND]:
        residual_ns = max(piece["residual_ns"] or 0 for piece in clock["pieces"])
        where = f"session {clock['session']}, by {clock['method']}"
        yield Worst("clock past its tolerance", clock["clock"], f"{residual_ns / NS_PER_MS:.3f} ms", where)
    jumping = [clock for clock in clocks["worst"] if len(clock["pieces"]) > 1]
    for clock in jumping[:MOST_OF_A_KIND]:
        pieces = f"{len(clock['pieces'])} pieces"
        yield Worst("clock that jumps", clock["clock"], pieces, f"session {clock['session']}")


def _least_covered(roles: dict[str, Any]) -> Iterator[Worst]:
    found = [
        (figures["covered_share"], role)
        for role, figures in roles.items()
        if figures["covered_share"] is not None
        and figures["links"]
        and figures["covered_share"] < _GOOD_COVER
    ]
    for share, role in sorted(found)[:MOST_OF_A_KIND]:
        sessions = roles[role]["least_covered"]
        least = f"least in session {sessions[0]['session']}: {sessions[0]['covered_share']:.1%}"
        yield Worst("least of the reference covered", role, f"{share:.1%}", least)


def _longest_gaps(roles: dict[str, Any]) -> Iterator[Worst]:
    found = [
        (gap["from_ns"] - gap["to_ns"], role, gap)
        for role, figures in roles.items()
        for gap in figures["gaps"]
    ]
    # Between stamps a gap of one sample has no length: how many are without is a column of its own.
    found = [row for row in found if roles[row[1]]["links"] and row[0] < 0]
    for minus_length_ns, role, gap in sorted(found, key=lambda row: (row[0], row[1]))[:MOST_OF_A_KIND]:
        where = f"session {gap['session']}, {seconds(gap['from_ns'])} to {seconds(gap['to_ns'])}"
        yield Worst(
            "longest gap", role, seconds(-minus_length_ns), f"{where}, samples without it: {gap['samples']}"
        )


def _worst_links(roles: dict[str, Any], measure: str, what: str, form: str) -> Iterator[Worst]:
    found = [
        (abs(link[measure]) if measure == "lag_ms" else -link[measure], role, link)
        for role, figures in roles.items()
        for link in (figures[measure] or {"worst": []})["worst"]
    ]
    for badness, role, link in sorted(found, key=lambda row: (-row[0], row[1]))[:MOST_OF_A_KIND]:
        if badness not in (0, -_GOOD_LIKENESS):
            where = f"{link['member_id']} with sample {link['sample_id']}"
            yield Worst(what, role, form.format(link[measure]), where)


def _near_misses(rejects: pa.Table) -> Iterator[Worst]:
    """Of the unmatched those that came nearest to a candidate; labels that follow their item are left out."""
    own = rejects.filter(pc.not_equal(rejects["reason"], "item_not_aligned"))
    by_time = own.filter(pc.is_valid(own["candidate_distance_ns"])).sort_by(
        [("candidate_distance_ns", "ascending"), ("row_id", "ascending")]
    )
    for row in by_time.slice(0, MOST_OF_A_KIND).to_pylist():
        value = f"{row['candidate_distance_ns'] / NS_PER_MS:.3f} ms"
        yield Worst("unmatched, and near", row["role"], value, f"{row['row_id']}: {row['detail']}")
    by_likeness = own.filter(pc.is_valid(own["candidate_similarity"])).sort_by(
        [("candidate_similarity", "descending"), ("row_id", "ascending")]
    )
    for row in by_likeness.slice(0, MOST_OF_A_KIND).to_pylist():
        value = f"{row['candidate_similarity']:.3f}"
        yield Worst("unmatched, and alike", row["role"], value, f"{row['row_id']}: {row['detail']}")


def seconds(time_ns: int) -> str:
    """A time for people, to the millisecond."""
    return f"{time_ns / NS_PER_S:.3f} s"
