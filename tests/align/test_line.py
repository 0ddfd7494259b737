"""Sessions on a line of int64: what one line cannot hold is laid on several, and nothing else changes."""

import numpy as np

from tasks.align.by_time.aligning import align_by_time
from tasks.align.coverage.reference_time import covered_time, reference_length_ns, reference_time
from tasks.align.members import to_members
from tasks.align.result import Aligned
from tasks.core.align_entry import Align
from tests.align.tables import items, labels

EPOCH_NS = 1_705_031_453_000_000_000
NEAREST = Align("timestamp", "left", tolerance=20)


def sessions_that_last_half_a_century(count: int) -> Aligned:
    """Each has a sample at 0 and one in 2024, near a member each; five and a half fill a line of int64."""
    rows = []
    for n in range(count):
        for role, times in (("left", (0, EPOCH_NS)), ("right", (7, EPOCH_NS + 7, EPOCH_NS + 900))):
            rows += [
                {"item_id": f"{role}{n:02}.{m}", "role": role, "session": f"s{n:02}", "start_ns": time_ns}
                for m, time_ns in enumerate(times)
            ]
    return align_by_time(to_members(items(*rows), labels()), NEAREST, "b")


def test_sessions_that_last_decades_never_meet_however_many_they_are() -> None:
    found = sessions_that_last_half_a_century(14)
    right = [row for row in found.links.to_pylist() if row["role"] == "right"]
    assert [(row["member_id"], row["sample_id"], row["lag_ns"]) for row in right] == [
        (f"right{n:02}.{m}", f"left{n:02}.{m}", 7) for n in range(14) for m in (0, 1)
    ]
    assert [
        (row["member_id"], row["candidate"], row["candidate_distance_ns"])
        for row in found.left_out.to_pylist()
    ] == [(f"right{n:02}.2", f"left{n:02}.1", 900) for n in range(14)]


def test_their_coverage_is_that_of_all_lines_together() -> None:
    found = sessions_that_last_half_a_century(14)
    wholes = reference_time(found.spans)
    assert len(wholes) > 1
    assert reference_length_ns(wholes) == 28
    links = found.links.filter(
        [row["role"] == "right" and row["lag_ns"] is not None for row in found.links.to_pylist()]
    )
    assert covered_time(wholes, links, np.arange(28))["covered_share"] == 1.0
    nothing = covered_time(wholes, links.slice(0, 0), np.arange(0))
    gap = {"session": "s00", "from_ns": 0, "to_ns": EPOCH_NS, "samples": 2}
    assert (nothing["covered_share"], nothing["gap_count"], nothing["gaps"][0]) == (0.0, 14, gap)
    assert [row["session"] for row in nothing["least_covered"]] == [f"s{n:02}" for n in range(10)]


def test_the_nearest_sample_is_of_the_own_session_however_long_that_is_beside_the_next() -> None:
    rows = [("left", "a", 0), ("right", "a", 1000), ("left", "b", 0), ("right", "c", 5), ("left", "d", 0)]
    members = items(
        *(
            {"item_id": f"{role}-{session}", "role": role, "session": session, "start_ns": start_ns}
            for role, session, start_ns in rows
        )
    )
    left_out = align_by_time(to_members(members, labels()), NEAREST, "x").left_out.to_pylist()
    assert [(row["member_id"], row["candidate"], row["candidate_distance_ns"]) for row in left_out] == [
        ("right-c", None, None),
        ("right-a", "left-a", 1000),
    ]
