"""Votes in, one answer out: whole items, boxes and spans."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.core import sorted_runs
from tasks.core.schemas import LABELS
from tasks.core.tables import to_table
from tasks.label.agreement import agree
from tasks.label.agreement.voices import VotedLabels
from tasks.label.agreement.voting import Ballot

SECOND = 10**9
MAJORITY = Ballot("majority", {}, 0.5, 0.5)
Row = dict[str, Any]


def spoken(annotator: str | None, label: str | None, **fields: Any) -> Row:
    return {"annotator": annotator, "label": label, **fields}


def box(annotator: str, label: str, x: float, width: float = 10, **fields: Any) -> Row:
    place = {"x": x, "y": 0, "width": width, "height": 10}
    return {"task": "detection", "question": None, "annotator": annotator, "label": label, **place, **fields}


def span(annotator: str, label: str, start_ns: int, end_ns: int) -> Row:
    times = {"start_ns": start_ns, "end_ns": end_ns}
    return {"task": "event", "question": None, "annotator": annotator, "label": label, **times}


def to_labels(rows: Sequence[Row]) -> pa.Table:
    given = {"batch": "b", "item_id": "b/a", "task": "vqa", "question": "?", "format": "x", "origin": "x"}
    return to_table(LABELS, [given | {"label_id": f"b/{n}"} | row for n, row in enumerate(rows)])


def agreed(labels: pa.Table, ballot: Ballot = MAJORITY, portion: int = 1000) -> tuple[pa.Table, pa.Table]:
    """The consensus and agreement tables of the labels, taken by portions."""
    with TemporaryDirectory() as scratch:
        voted = VotedLabels(Path(scratch) / "voted")
        for start in range(0, labels.num_rows, portion):
            voted.extend(labels.slice(start, portion))
        return agree("b", voted, ballot)


def voted(rows: Sequence[Row], ballot: Ballot = MAJORITY) -> list[Row]:
    found: list[Row] = agreed(to_labels(rows), ballot)[0].to_pylist()
    return found


def only(rows: Sequence[Row], *names: str, ballot: Ballot = MAJORITY) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in voted(rows, ballot)]


def test_the_majority_decides_and_the_soft_label_keeps_the_rest() -> None:
    rows = [spoken("1", "noon"), spoken("2", "11:43"), spoken("3", "11:43"), spoken("4", "8:20")]
    nowhere = dict.fromkeys(("x", "y", "width", "height", "start_ns", "end_ns"))
    assert voted(rows) == [
        {
            **{"batch": "b", "item_id": "b/a", "task": "vqa", "question": "?", "region": 0},
            "label": "11:43",
            "votes": 4,
            "agreement": 0.5,
            "tie": False,
            "soft_label": [
                {"label": "11:43", "share": 0.5},
                {"label": "8:20", "share": 0.25},
                {"label": "noon", "share": 0.25},
            ],
            **nowhere,
            "members": ["b/0", "b/1", "b/2", "b/3"],
        }
    ]


def test_of_equals_the_first_by_the_alphabet_wins_and_the_tie_is_named() -> None:
    for votes in ((("1", "b"), ("2", "a")), (("1", "a"), ("2", "b"))):
        rows = [spoken(*vote, task="sentiment", question=None) for vote in votes]
        assert only(rows, "label", "tie", "agreement", "question") == [("a", True, 0.5, "")]


def test_one_voice_is_no_consensus() -> None:
    assert voted([spoken("1", "a"), spoken("1", "b")]) == []
    assert voted([spoken(None, "a"), spoken(None, "a")]) == []


def test_captions_are_not_voted_on_and_labels_without_a_word_do_not_count() -> None:
    assert voted([spoken("1", "a", task="caption"), spoken("2", "a", task="caption")]) == []
    assert voted([spoken("1", "a"), spoken("2", None)]) == []


def test_a_skilled_annotator_outweighs_two_others_and_weights_tie_exactly() -> None:
    skilled = Ballot("weighted", {"ann": 0.9, "bob": 0.1, "eve": 0.2, "dan": 0.3}, 0.5, 0.5)
    rows = [spoken("ann", "cat"), spoken("bob", "dog"), spoken("zoe", "dog")]
    assert only(rows, "label", "agreement", ballot=skilled) == [("cat", 0.6)]
    # 0.1 + 0.2 is 0.3, whatever floats say.
    rows = [spoken("bob", "b"), spoken("eve", "b"), spoken("dan", "a")]
    assert only(rows, "label", "tie", ballot=skilled) == [("a", True)]


def test_where_all_are_kept_nothing_is_decided_and_the_shares_are_told() -> None:
    rows = [spoken("1", "a"), spoken("2", "b"), spoken("3", "b")]
    (row,) = voted(rows, Ballot("keep_all", {}, 0.5, 0.5))
    assert (row["label"], row["votes"], row["agreement"]) == (None, 3, 2 / 3)
    assert [share["label"] for share in row["soft_label"]] == ["b", "a"]


def test_ground_truth_is_the_only_voice_where_there_is_one() -> None:
    rows = [spoken("1", "a"), spoken("2", "a"), spoken("3", "b", ground_truth=True)]
    assert only(rows, "label", "votes", "tie", "members") == [("b", 1, False, ["b/2"])]


def test_boxes_are_matched_before_their_class_is_voted_and_their_mean_is_the_box() -> None:
    rows = [
        *(box("ann", "cat", 0), box("ann", "dog", 100)),
        *(box("bob", "dog", 103), box("bob", "cat", 3)),
        *(box("eve", "dog", 0),),
    ]
    assert only(rows, "region", "label", "votes", "x", "width", "members") == [
        (1, "cat", 3, 1.0, 10.0, ["b/0", "b/3", "b/4"]),
        (2, "dog", 2, 101.5, 10.0, ["b/1", "b/2"]),
    ]
    assert [row["soft_label"] for row in voted(rows)] == [
        [{"label": "cat", "share": 2 / 3}, {"label": "dog", "share": 1 / 3}],
        [{"label": "dog", "share": 2 / 3}, {"label": None, "share": 1 / 3}],
    ]


def test_who_marked_nothing_there_votes_for_nothing_and_something_wins_a_tie() -> None:
    two = [box("ann", "cat", 0), box("ann", "dog", 100), box("bob", "cat", 0)]
    assert only(two, "label", "tie") == [("cat", False), ("dog", True)]
    three = [*two, box("eve", "cat", 0)]
    assert only(three, "label", "agreement", "tie") == [("cat", 1.0, False), (None, 2 / 3, False)]


def test_a_consensus_box_leans_to_the_skilled() -> None:
    skilled = Ballot("weighted", {"ann": 0.75, "bob": 0.25}, 0.5, 0.5)
    rows = [box("ann", "cat", 0), box("bob", "cat", 4, 8)]
    assert only(rows, "x", "width", ballot=skilled) == [(1.0, 9.5)]


def test_boxes_of_different_frames_are_different_things() -> None:
    rows = [box("ann", "cat", 0, start_ns=0), box("bob", "cat", 0, start_ns=SECOND)]
    assert only(rows, "region", "start_ns", "votes", "tie") == [(1, 0, 1, True), (2, SECOND, 1, True)]


def test_a_turned_box_counts_by_the_upright_box_around_it() -> None:
    # Turned by 90 degrees about its top left corner at (10, 0) it covers what the upright box does.
    rows = [box("ann", "cat", 0), box("bob", "cat", 10, rotation=90)]
    ((x, width, votes),) = only(rows, "x", "width", "votes")
    assert (round(x, 9), round(width, 9), votes) == (0, 10, 2)


def test_spans_are_matched_by_overlap_and_their_mean_is_exact() -> None:
    # The mean of two starts that are one apart is half a nanosecond off: it is rounded to the even one.
    late = 3_000_000_000_000_000_001
    rows = [
        *(span("ann", "bark", late, late + 10), span("ann", "meow", late + 20, late + 30)),
        *(span("bob", "bark", late + 1, late + 12), span("bob", "meow", late + 50, late + 60)),
    ]
    assert only(rows, "label", "votes", "start_ns", "end_ns") == [
        ("bark", 2, late + 1, late + 11),
        ("meow", 1, late + 20, late + 30),
        ("meow", 1, late + 50, late + 60),
    ]


def test_points_in_time_match_where_they_are_equal() -> None:
    rows = [span("ann", "clap", 5, 5), span("bob", "clap", 5, 5), span("eve", "clap", 6, 6)]
    assert only(rows, "start_ns", "votes") == [(5, 2), (6, 1)]


VOICE = st.one_of(
    st.builds(spoken, st.sampled_from(["ann", "bob", None]), st.sampled_from(["a", "b"])),
    st.builds(box, st.sampled_from(["ann", "bob", "eve"]), st.sampled_from("ab"), st.integers(0, 9)),
    st.builds(
        span, st.sampled_from(["ann", "bob", "eve"]), st.just("a"), st.integers(0, 9), st.integers(9, 15)
    ),
)


@settings(deadline=None)
@given(st.lists(VOICE, max_size=12), st.randoms())
def test_the_order_of_the_labels_does_not_matter(rows: list[Row], random: Any) -> None:
    named = [{"label_id": f"b/{number:02}", **row} for number, row in enumerate(rows)]
    tables = agreed(to_labels(named))
    shuffled = to_labels(named).take(pa.array(random.sample(range(len(named)), len(named)), pa.int64()))
    assert all(one.equals(other) for one, other in zip(tables, agreed(shuffled, portion=3), strict=True))


@settings(deadline=None)
@given(st.lists(VOICE, max_size=12))
def test_every_voice_on_a_shared_topic_is_a_member_of_one_thing(rows: list[Row]) -> None:
    labels = to_labels(rows)
    members = [name for row in agreed(labels)[0].to_pylist() for name in row["members"]]
    by_task: dict[str, set[str | None]] = {}
    for label in labels.to_pylist():
        by_task.setdefault(label["task"], set()).add(label["annotator"])
    shared = [row["label_id"] for row in labels.to_pylist() if len(by_task[row["task"]]) > 1]
    assert sorted(members) == sorted(shared)


def test_topics_that_lie_across_sorted_runs_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [spoken(f"{n % 7}", "xyz"[n % 3], item_id=f"b/{n % 11:02}") for n in range(400)]
    whole = agreed(to_labels(rows))
    monkeypatch.setattr(sorted_runs, "RUN_BYTES", 2_000)
    monkeypatch.setattr(sorted_runs, "BLOCK_BYTES", 300)
    assert agreed(to_labels(rows), portion=5)[0].equals(whole[0])
    assert whole[0].num_rows == 11
