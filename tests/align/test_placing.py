"""Members put on the reference clock: what may change, and what may not."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align import align_batch
from tasks.align.by_content.comparison import Evidence
from tasks.align.members import to_members
from tasks.align.placing import ClocksTold, Placed, place_on_reference, settle_parts
from tasks.align.result import FOUND, LEFT_OUT, Aligned
from tasks.align.texts.times import SAID
from tasks.core.clock_line import ClockLine, ClockPiece, own_span_ns, to_reference_ns
from tasks.core.schemas import CLOCKS
from tasks.core.tables import to_table
from tasks.core.times import LAST_ALIGNED_NS
from tests.align.tables import items, labels
from tests.align.test_clocks import batch

relaxed = settings(deadline=None, derandomize=True, max_examples=60)
NAMES = ("camera", "one", "two")
STREAM = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(("image", "audio", "slide")),
        st.sampled_from("xy"),
        st.integers(-2000, 2000),
        st.integers(0, 800),
    ),
    max_size=14,
)


def clocks(shift_ns: int = 0) -> pa.Table:
    """`one` drifts, `two` has jumped; all are moved by the shift."""
    pieces: dict[str, list[tuple[int, float, int | None, int | None]]] = {
        "camera": [(0, 0.0, None, None)],
        "one": [(70, 400.0, None, None)],
        "two": [(10, 0.0, None, 100), (500, 0.0, 120, None)],
    }
    rows = [
        {
            **{"batch": "b", "session": session, "clock": clock, "piece": number, "reference": "camera"},
            **{"from_ns": from_ns, "to_ns": to_ns, "anchor_ns": 0, "offset_ns": offset_ns + shift_ns},
            **{
                "drift_ppm": drift,
                "method": "given",
                "marks": 0,
                "tolerance_ns": 0,
                "within_tolerance": True,
            },
        }
        for session in "xy"
        for clock, found in pieces.items()
        for number, (offset_ns, drift, from_ns, to_ns) in enumerate(found)
    ]
    return to_table(CLOCKS, rows)


def members(stream: list[tuple[str, str, str, int, int]]) -> pa.Table:
    rows: list[dict[str, object]] = [
        {
            **{"item_id": f"m{number:02d}", "clock": clock, "role": role, "session": session},
            **{"modality": "audio" if role == "audio" else "image"},
            **{"start_ns": start_ns, "duration_ns": length_ns},
        }
        for number, (clock, role, session, start_ns, length_ns) in enumerate(stream)
    ]
    return to_members(items(*rows), labels())


def aligned(stream: pa.Table, told: pa.Table) -> Aligned:
    return align_batch(stream, batch(Path()), ClocksTold(told, {}), Evidence(), SAID.empty_table())


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def moved_back(table: pa.Table, shift_ns: int) -> list[tuple[object, ...]]:
    found = table.to_pylist()
    for row in found:
        for name in ("start_ns", "end_ns"):
            row[name] = None if row[name] is None else row[name] - shift_ns
    return sorted((tuple(row.values()) for row in found), key=repr)


@relaxed
@given(STREAM, st.integers(-(10**15), 10**15))
def test_moving_all_clocks_moves_the_times_and_nothing_else(
    stream: list[tuple[str, str, str, int, int]], shift_ns: int
) -> None:
    still, moved = aligned(members(stream), clocks()), aligned(members(stream), clocks(shift_ns))
    assert moved_back(moved.links, shift_ns) == rows(still.links)
    assert sorted(moved.samples.to_pylist()) == sorted(still.samples.to_pylist())
    assert moved_back(moved.left_out, shift_ns) == rows(still.left_out)


@relaxed
@given(STREAM, st.randoms(use_true_random=False))
def test_the_order_of_members_and_clocks_does_not_matter(
    stream: list[tuple[str, str, str, int, int]], chance: random.Random
) -> None:
    table, told = members(stream), clocks()
    shuffled = [list(range(found.num_rows)) for found in (table, told)]
    for order in shuffled:
        chance.shuffle(order)
    other = aligned(table.take(pa.array(shuffled[0], pa.int64())), told.take(pa.array(shuffled[1])))
    one = aligned(table, told)
    assert rows(other.links) == rows(one.links)
    assert rows(other.left_out) == rows(one.left_out)


@relaxed
@given(STREAM)
def test_every_member_is_linked_or_left_out_once(stream: list[tuple[str, str, str, int, int]]) -> None:
    table = members(stream)
    found = aligned(table, clocks())
    linked, left_out = set(found.links["member_id"].to_pylist()), found.left_out["member_id"].to_pylist()
    assert len(left_out) == len(set(left_out))
    assert linked.isdisjoint(left_out)
    assert linked | set(left_out) == set(table["member_id"].to_pylist())
    keys = found.links.select(["sample_id", "role", "member_id"])
    assert len(set(rows(keys))) == keys.num_rows


@relaxed
@given(STREAM)
def test_placing_is_the_line_of_the_piece_that_holds_the_member(
    stream: list[tuple[str, str, str, int, int]],
) -> None:
    table = members(stream)
    found: Placed = place_on_reference(table, clocks(), {}, "image")
    expected = {}
    for row in table.to_pylist():
        for line in clocks().to_pylist():
            key = (row["session"], row["clock"]) == (line["session"], line["clock"])
            first = -(10**9) if line["from_ns"] is None else line["from_ns"]
            last = 10**9 if line["to_ns"] is None else line["to_ns"]
            start_ns, end_ns = max(row["start_ns"], first), min(row["end_ns"], last)
            whole = (start_ns, end_ns) == (row["start_ns"], row["end_ns"])
            if key and (whole or (row["role"] == "audio" and end_ns > start_ns)):
                ends = [
                    t + line["offset_ns"] + round(t * line["drift_ppm"] / 1e6) for t in (start_ns, end_ns)
                ]
                expected[row["member_id"], line["piece"]] = tuple(ends)
    placed = sorted((row["start_ns"], row["end_ns"]) for row in found.members.to_pylist())
    assert placed == sorted(expected.values())
    assert set(found.lost["member_id"].to_pylist()) == {row["member_id"] for row in table.to_pylist()} - {
        member_id for member_id, _ in expected
    }


def test_of_two_parts_in_one_sample_the_longer_stays() -> None:
    link = dict.fromkeys(FOUND.names) | {"sample_id": "s", "session": "x", "role": "audio"}
    parts = [
        link | {"member_id": "m", "start_ns": start_ns, "end_ns": end_ns, "method": "overlap"}
        for start_ns, end_ns in ((0, 10), (20, 50))
    ]
    lost = pa.Table.from_pylist([{"member_id": "m"}], schema=LEFT_OUT)
    settled = settle_parts(Aligned(pa.array(["s"]), pa.Table.from_pylist(parts, schema=FOUND), lost))
    assert settled.links.select(["start_ns", "end_ns"]).to_pylist() == [{"start_ns": 20, "end_ns": 50}]
    assert settled.left_out.num_rows == 0


def test_a_recording_is_placed_by_the_part_in_reach_and_lost_once_where_none_is() -> None:
    recording = members([("two", "audio", "x", 0, 800)])
    told = clocks().filter(pc.and_(pc.equal(clocks()["clock"], "two"), pc.equal(clocks()["session"], "x")))

    def place(*offsets_ns: int) -> tuple[list[object], list[object]]:
        moved = told.set_column(told.schema.get_field_index("offset_ns"), "offset_ns", pa.array(offsets_ns))
        found = place_on_reference(recording, moved, {}, "slide")
        return found.members["start_ns"].to_pylist(), found.lost["member_id"].to_pylist()

    # The pieces cover 0 to 100 ns and 120 to 800 ns.
    beyond_ns = LAST_ALIGNED_NS + 10_000
    assert place(10, 500) == ([10, 620], [])
    assert place(10, beyond_ns) == ([10], [])
    assert place(beyond_ns, beyond_ns + 500) == ([], ["m00"])


def test_a_span_of_the_reference_goes_back_by_the_piece_that_it_came_by() -> None:
    pieces = [
        ClockPiece(ClockLine(0, 100, 0.0), None, 1000),
        ClockPiece(ClockLine(0, 600, 0.0), 1010, None),
    ]
    for start_ns, end_ns, piece in ((0, 1000, pieces[0]), (1010, 5000, pieces[1]), (1000, 1000, pieces[0])):
        there = to_reference_ns(pa.array([start_ns, end_ns]).to_numpy(), piece.line).tolist()
        assert own_span_ns(there[0], there[1], pieces) == (start_ns, end_ns)
