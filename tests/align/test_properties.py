"""What is true of any batch aligned by time or key: rows have no order, only differences of times count."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align import align_batch
from tasks.align.by_content.comparison import Evidence
from tasks.align.clocks.solving import find_clocks
from tasks.align.coverage.coverage import CoverageAsked, coverage
from tasks.align.followed_losses import with_items_candidates
from tasks.align.members import to_members
from tasks.align.placing import ClocksTold
from tasks.align.result import Aligned
from tasks.core.align_entry import Align, Windows
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.clock_entry import Clock
from tasks.core.schemas import CLOCKS
from tasks.core.source_entries import FilesSource
from tasks.core.tables import to_table
from tests.align.tables import items, labels

Row = dict[str, Any]
WAYS = (
    Align("timestamp", "left", tolerance=5),
    Align("timestamp", "left", tolerance=5, match="nearest"),
    Align("timestamp", "left", least_share=0.5),
    Align("timestamp", "left", tolerance=5, match="previous"),
    Align("timestamp", "left", tolerance=5, match="nearest_per_sample"),
    Align("timestamp", "left", tolerance=5, match="nearest_per_member"),
    Align("timestamp", Windows(window=7, hop=4)),
    Align("timestamp", "event"),
    Align("key", "left"),
)
ITEM = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["left", "right"]),
        "session": st.sampled_from(["one", "two"]),
        "clock": st.sampled_from(["camera", "recorder"]),
        "start_ns": st.none() | st.integers(-30, 30),
        "duration_ns": st.none() | st.integers(0, 12),
        "modality": st.sampled_from(["image", "audio"]),
    }
)
LABEL = st.tuples(st.integers(0, 50), st.none() | st.integers(-30, 30), st.integers(0, 12))
BATCHES = st.tuples(st.lists(ITEM, min_size=1, max_size=14), st.lists(LABEL, max_size=6))
relaxed = settings(deadline=None, derandomize=True, max_examples=60)


def rows_of(drawn: tuple[list[Row], list[tuple[int, int | None, int]]]) -> tuple[list[Row], list[Row]]:
    """Items and labels with ids; each label is about one of the items."""
    own = [{**row, "item_id": f"i{n:02}"} for n, row in enumerate(drawn[0])]
    told = [
        {
            **{"label_id": f"l{n}", "item_id": own[about % len(own)]["item_id"], "task": "event"},
            **({} if start_ns is None else {"start_ns": start_ns, "end_ns": start_ns + length_ns}),
        }
        for n, (about, start_ns, length_ns) in enumerate(drawn[1])
    ]
    return own, told


def aligned(own: list[Row], told: list[Row], align: Align) -> tuple[Aligned, dict[str, Any]]:
    file = BatchFile(
        about="x",
        license="CC0-1.0",
        align=align,
        sources=tuple(FilesSource("files", ".", clock=clock) for clock in ("camera", "recorder")),
        clocks={"camera": "reference", "recorder": Clock(offset=3)},
    )
    batch = Batch("b", Path(), file)
    members = to_members(items(*own), labels(*told))
    found = find_clocks(members, batch, {})
    clocks = to_table(CLOCKS, [{"batch": "b", **row} for row in found.rows])
    result = align_batch(members, batch, ClocksTold(clocks, found.unknown), Evidence(), {})
    left_out = with_items_candidates(result.left_out, members)
    said = coverage(members, result, clocks, CoverageAsked("any", "any", found.unknown))
    return Aligned(result.samples, result.links, left_out, result.spans, result.streams), said


def sorted_rows(table: pa.Table, *ignored: str) -> list[str]:
    kept = table.drop_columns([name for name in ignored if name in table.column_names])
    return sorted(json.dumps(row) for row in kept.to_pylist())


@relaxed
@given(BATCHES, st.sampled_from(WAYS), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    drawn: tuple[list[Row], list[tuple[int, int | None, int]]], align: Align, random: Any
) -> None:
    own, told = rows_of(drawn)
    found, said = aligned(own, told, align)
    other_own, other_told = random.sample(own, len(own)), random.sample(told, len(told))
    other, other_said = aligned(other_own, other_told, align)
    assert sorted(found.samples.to_pylist()) == sorted(other.samples.to_pylist())
    for name in ("links", "left_out", "spans", "streams"):
        assert sorted_rows(getattr(found, name)) == sorted_rows(getattr(other, name))
    assert json.dumps(said, sort_keys=True) == json.dumps(other_said, sort_keys=True)


@relaxed
@given(BATCHES, st.sampled_from(WAYS[:3]), st.integers(-(10**18), 10**18))
def test_moving_all_clocks_moves_the_times_and_nothing_else(
    drawn: tuple[list[Row], list[tuple[int, int | None, int]]], align: Align, shift_ns: int
) -> None:
    own, told = rows_of(drawn)
    found, said = aligned(own, told, align)
    moved, moved_said = aligned(later(own, shift_ns), later(told, shift_ns), align)
    times = ("start_ns", "end_ns")
    assert found.samples == moved.samples
    for name in ("links", "left_out", "spans", "streams"):
        still = getattr(found, name)
        back = later(getattr(moved, name).to_pylist(), -shift_ns)
        assert sorted_rows(still, *times) == sorted_rows(getattr(moved, name), *times)
        assert sorted_rows(still) == sorted(json.dumps(row) for row in back)
    for role in said["roles"]:
        for figures in (said["roles"][role], moved_said["roles"][role]):
            figures["gaps"] = [(gap["to_ns"] - gap["from_ns"], gap["samples"]) for gap in figures["gaps"]]
    assert said == moved_said


@relaxed
@given(BATCHES, st.sampled_from(WAYS))
def test_every_member_is_linked_or_left_out_once_with_a_candidate_or_the_word_that_there_is_none(
    drawn: tuple[list[Row], list[tuple[int, int | None, int]]], align: Align
) -> None:
    own, told = rows_of(drawn)
    found, said = aligned(own, told, align)
    linked, left_out = set(found.links["member_id"].to_pylist()), found.left_out["member_id"].to_pylist()
    assert len(linked) + len(left_out) == len(own) + len(told)
    assert linked.isdisjoint(left_out)
    for row in found.left_out.to_pylist():
        assert (row["candidate"] is None) == ("no candidate" in row["detail"])
    roles = said["roles"].values()
    assert sum(figures["matched"] for figures in roles) == len(linked)
    assert sum(figures["unmatched"] for figures in roles) == len(left_out)


def later(rows: list[Row], shift_ns: int) -> list[Row]:
    """The rows with every time that they have moved."""
    return [
        {
            name: value + shift_ns if name in ("start_ns", "end_ns") and value is not None else value
            for name, value in row.items()
        }
        for row in rows
    ]
