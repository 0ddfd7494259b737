"""Every unmatched row says which sample was nearest and why that was lost, or that there is none."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.align.by_content.aligning import align_by_content
from tasks.align.by_content.comparison import Evidence
from tasks.align.by_key.aligning import align_by_key
from tasks.align.by_key.alike_keys import most_alike
from tasks.align.by_time.aligning import align_by_time
from tasks.align.followed_losses import with_items_candidates
from tasks.align.members import to_members
from tasks.core.align_entry import Align, Windows
from tasks.core.vectors import Vectors
from tests.align.tables import items, labels

NEAREST = Align("timestamp", "rgb", tolerance=20_000_000)
MS = 1_000_000


def frame(role: str, name: str, start_ms: int, **more: object) -> dict[str, object]:
    return {"item_id": name, "role": role, "start_ns": start_ms * MS, **more}


def lost(align: Align, *rows: dict[str, object]) -> dict[str, dict[str, object]]:
    left_out = align_by_time(to_members(items(*rows), labels()), align, "b").left_out
    return {row["member_id"]: row for row in left_out.to_pylist()}


def told(row: dict[str, object]) -> tuple[object, ...]:
    return row["candidate"], row["candidate_distance_ns"], row["taken_by"], row["detail"]


def test_a_stamp_too_far_away_says_by_how_much_it_missed_the_tolerance() -> None:
    rows = lost(NEAREST, frame("rgb", "r0", 0), frame("depth", "d0", 50), frame("depth", "d1", -25))
    assert told(rows["d0"]) == (
        *("r0", 50 * MS, None),
        "the nearest sample, r0, starts 50.000 ms before it: past the tolerance by 30.000 ms",
    )
    assert rows["d1"]["detail"] == (
        "the nearest sample, r0, starts 25.000 ms after it: past the tolerance by 5.000 ms"
    )


def test_a_stamp_in_reach_says_which_closer_member_took_its_sample() -> None:
    rows = lost(NEAREST, frame("rgb", "r0", 0), frame("depth", "d0", 12), frame("depth", "d1", 3))
    assert told(rows["d0"]) == (
        *("r0", 12 * MS, "d1"),
        "the nearest sample, r0, starts 12.000 ms away, but d1, 3.000 ms away from it, took it",
    )


def test_the_nearest_sample_is_of_the_own_session_however_near_another_session_lies() -> None:
    rows = lost(
        NEAREST,
        frame("rgb", "r0", 0, session="one"),
        frame("rgb", "r1", 0, session="two"),
        frame("depth", "d0", 1000, session="one"),
        frame("depth", "d1", 0, session="three"),
    )
    assert told(rows["d0"])[:2] == ("r0", 1000 * MS)
    assert told(rows["d1"]) == (None, None, None, "its session 'three' has no sample: no candidate")


def test_a_span_that_meets_none_names_the_span_that_ends_or_begins_nearest() -> None:
    rows = lost(
        Align("timestamp", "word"),
        frame("word", "long", 0, duration_ns=100 * MS),
        frame("word", "short", 10, duration_ns=5 * MS),
        frame("word", "late", 200, duration_ns=5 * MS),
        frame("slide", "s0", 130, duration_ns=10 * MS),
        frame("slide", "s1", 180, duration_ns=10 * MS),
    )
    assert told(rows["s0"]) == (
        *("long", 30 * MS, None),
        "it meets no sample; the nearest, long, ends 30.000 ms before it starts",
    )
    assert told(rows["s1"]) == (
        *("late", 10 * MS, None),
        "it meets no sample; the nearest, late, starts 10.000 ms after it ends",
    )


STREAM = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 40), st.integers(0, 6)), max_size=10)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(STREAM, STREAM, st.sampled_from(["nearest", "overlap"]), st.integers(0, 3))
def test_the_candidate_is_the_nearest_sample_of_the_session_as_an_obvious_search_finds_it(
    rgb: list[tuple[str, int, int]], depth: list[tuple[str, int, int]], match: str, tolerance: int
) -> None:
    rows = [
        {
            "item_id": f"{role}{n:02}",
            "role": role,
            "start_ns": start,
            "session": session,
            "duration_ns": length,
        }
        for role, stream in (("rgb", rgb), ("depth", depth))
        for n, (session, start, length) in enumerate(stream)
    ]
    align = Align("timestamp", "rgb", tolerance=tolerance, match=match)  # type: ignore[arg-type] # one of two
    left_out = align_by_time(to_members(items(*rows), labels()), align, "b").left_out.to_pylist()
    for row in left_out:
        session, start, length = depth[int(row["member_id"][5:])]
        distances = [
            abs(own - start) if match == "nearest" else max(own - start - length, start - own - size, 0)
            for name, own, size in rgb
            if name == session
        ]
        assert row["candidate_distance_ns"] == min(distances, default=None)
        assert (row["candidate"] is None) == ("no candidate" in row["detail"])
        if match == "nearest" and distances:
            assert (row["taken_by"] is not None) == (min(distances) <= tolerance)


def test_a_key_that_no_sample_has_names_the_key_most_like_it() -> None:
    members = to_members(
        items(
            {"item_id": "p1", "session": "Scene-0042"},
            {"item_id": "p2", "session": "Scene-0077"},
            {"item_id": "t1", "session": "scene-042", "modality": "text"},
            {"item_id": "t2", "session": "xyz", "modality": "text"},
        ),
        labels({"label_id": "mood", "item_id": "t1", "task": "sentiment"}),
    )
    left_out = with_items_candidates(align_by_key(members, "image").left_out, members)
    rows = {row["member_id"]: row for row in left_out.to_pylist()}
    assert (rows["t1"]["candidate"], rows["t1"]["candidate_similarity"]) == ("p1", 0.9)
    assert rows["t1"]["detail"] == (
        "no sample has the session 'scene-042'; "
        "the most alike with samples is 'Scene-0042' (0.90 alike), e.g. p1"
    )
    assert rows["t2"]["detail"] == "no sample has the session 'xyz', nor one like it: no candidate"
    assert rows["mood"]["candidate"] == "p1"
    assert rows["mood"]["detail"] == "its item t1 is in no sample (no_such_key): its candidate was p1"


def test_an_item_whose_session_is_about_another_item_says_about_which() -> None:
    members = to_members(
        items({"item_id": "p1"}, {"item_id": "p2"}),
        labels({"label_id": "q1", "item_id": "p1", "task": "vqa"}),
    )
    (row,) = align_by_key(members, "vqa").left_out.to_pylist()
    assert (row["member_id"], row["candidate"], row["taken_by"]) == ("p2", "q1", "p1")
    assert row["detail"] == "the samples of its session 'all' are about other items, such as q1 about p1"


@pytest.mark.parametrize(
    ("name", "likely", "likeness"),
    [
        ("take07", "take_07", 6 / 7),
        ("TAKE_07", "take_07", 1.0),
        ("9take_08", "take_08", 7 / 8),
        ("q", None, 0.0),
        ("x" * 200 + "1", "x" * 200, 64 / 201),
    ],
)
def test_keys_are_alike_by_what_they_share_at_the_beginning_and_the_end(
    name: str, likely: str | None, likeness: float
) -> None:
    keys = ["take_07", "take_08", "x" * 200]
    place, found = most_alike([name], keys)
    assert (keys[place[0]] if place[0] >= 0 else None) == likely
    assert found[0] == pytest.approx(likeness)


def test_nothing_is_like_anything_where_there_are_no_keys() -> None:
    place, found = most_alike(["a", "b"], [])
    assert (place.tolist(), found.tolist()) == ([-1, -1], [0.0, 0.0])


@pytest.mark.parametrize("align", [NEAREST, Align("timestamp", Windows(MS, MS)), Align("key", "rgb")])
def test_every_row_that_is_left_out_has_a_candidate_or_says_that_there_is_none(align: Align) -> None:
    members = to_members(
        items(
            frame("rgb", "r0", 0, session="one"),
            frame("depth", "d0", 1, session="one"),
            frame("depth", "d1", 2, session="one"),
            frame("depth", "d2", 99, session="two"),
            {"item_id": "note", "role": "text", "modality": "text", "session": "onto"},
        ),
        labels(
            {"label_id": "l0", "item_id": "d1", "task": "classification"},
            {"label_id": "l1", "item_id": "note", "task": "sentiment"},
        ),
    )
    aligned = align_by_key(members, "rgb") if align.method == "key" else align_by_time(members, align, "b")
    left_out = with_items_candidates(aligned.left_out, members)
    assert left_out.num_rows
    assert_explained(left_out)


def test_by_content_the_best_candidate_is_named_and_what_has_no_vector_has_none() -> None:
    members = to_members(
        items(
            {"item_id": "p1", "role": "picture"},
            {"item_id": "t1", "role": "thumbnail"},
            {"item_id": "t2", "role": "thumbnail"},
        ),
        labels({"label_id": "cat", "item_id": "t1", "task": "classification"}),
    )
    vectors = {"image": Vectors(["p1", "t1"], np.array([[1, 0], [0.6, 0.8]], np.float32))}
    aligned = align_by_content(members, Evidence(vectors), Align("content", "picture", threshold=0.9))
    left_out = with_items_candidates(aligned.left_out, members)
    rows = {row["member_id"]: row for row in left_out.to_pylist()}
    assert rows["t1"]["candidate"] == rows["cat"]["candidate"] == "p1"
    assert rows["t1"]["candidate_similarity"] == pytest.approx(0.6)
    assert_explained(left_out)


def assert_explained(left_out: pa.Table) -> None:
    for row in left_out.to_pylist():
        assert (row["candidate"] is None) == ("no candidate" in row["detail"]), row
