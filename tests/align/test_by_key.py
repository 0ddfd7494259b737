import pyarrow as pa
import pytest

from tasks.align.by_key import aligning
from tasks.align.by_key.aligning import align_by_key
from tasks.align.members import to_members
from tests.align.tables import items, labels


def pairs(links: pa.Table) -> set[tuple[str, str, str, str]]:
    rows = links.select(["sample_id", "role", "member_id", "method"]).to_pylist()
    return {(row["sample_id"], row["role"], row["member_id"], row["method"]) for row in rows}


def test_items_of_one_session_meet_and_labels_go_with_their_item() -> None:
    members = to_members(
        items(
            {"item_id": "p1", "session": "1"},
            {"item_id": "t1", "session": "1", "modality": "text"},
            {"item_id": "p2", "session": "2"},
        ),
        labels(
            {"label_id": "good", "item_id": "t1", "task": "sentiment"},
            {"label_id": "cat", "item_id": "p2", "task": "classification"},
        ),
    )
    aligned = align_by_key(members, "image")
    assert aligned.samples.to_pylist() == ["p1", "p2"]
    assert pairs(aligned.links) == {
        ("p1", "image", "p1", "reference"),
        ("p1", "text", "t1", "key"),
        ("p1", "sentiment", "good", "item"),
        ("p2", "image", "p2", "reference"),
        ("p2", "classification", "cat", "item"),
    }
    assert aligned.left_out.num_rows == 0


def test_what_shares_no_session_with_a_sample_is_left_out_with_its_labels() -> None:
    members = to_members(
        items({"item_id": "p1", "session": "1"}, {"item_id": "t2", "session": "2", "modality": "text"}),
        labels({"label_id": "l", "item_id": "t2", "task": "sentiment"}),
    )
    left_out = align_by_key(members, "image").left_out.to_pylist()
    assert [(row["member_id"], row["reason"]) for row in left_out] == [
        ("t2", "no_such_key"),
        ("l", "item_not_aligned"),
    ]


def test_a_sample_may_be_a_label_and_then_takes_its_own_item_and_no_other_of_that_role() -> None:
    members = to_members(
        items(
            {"item_id": "p1"},
            {"item_id": "p2"},
            {"item_id": "sound", "modality": "audio"},
        ),
        labels(
            {"label_id": "q1", "item_id": "p1", "task": "vqa"},
            {"label_id": "c1", "item_id": "p1", "task": "caption"},
        ),
    )
    aligned = align_by_key(members, "vqa")
    assert pairs(aligned.links) == {
        ("q1", "vqa", "q1", "reference"),
        ("q1", "image", "p1", "key"),
        ("q1", "audio", "sound", "key"),
        ("q1", "caption", "c1", "item"),
    }
    assert [row["member_id"] for row in aligned.left_out.to_pylist()] == ["p2"]


def test_a_session_that_nobody_gave_is_not_put_each_to_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aligning, "MOST_PAIRS", 3)
    members = to_members(
        items(
            {"item_id": "p0"},
            {"item_id": "p1"},
            {"item_id": "t0", "modality": "text"},
            {"item_id": "t1", "modality": "text"},
            {"item_id": "sound", "modality": "audio"},
        ),
        labels({"label_id": "good", "item_id": "t1", "task": "sentiment"}),
    )
    aligned = align_by_key(members, "image")
    assert [row for row in sorted(pairs(aligned.links)) if row[1] != "image"] == [
        ("p0", "audio", "sound", "key"),
        ("p1", "audio", "sound", "key"),
    ]
    reasons = {row["member_id"]: (row["reason"], row["detail"]) for row in aligned.left_out.to_pylist()}
    assert reasons["t0"] == (
        "too_many_candidates",
        "its session 'all' has 2 items of role 'text' and 2 samples, and each would be put to each; say in"
        ' batch.yaml which belong together, such as session: "{stem}": no candidate',
    )
    assert sorted(reasons) == ["good", "t0", "t1"]


def test_labels_as_samples_take_their_own_item_at_a_cost_of_one_link_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aligning, "MOST_PAIRS", 3)
    told: list[dict[str, object]] = [
        {"label_id": f"q{n}", "item_id": f"p{n % 2 + 1}", "task": "vqa"} for n in range(4)
    ]
    members = to_members(items({"item_id": "p1"}, {"item_id": "p2"}), labels(*told))
    aligned = align_by_key(members, "vqa")
    assert {row for row in pairs(aligned.links) if row[1] == "image"} == {
        (f"q{n}", "image", f"p{n % 2 + 1}", "key") for n in range(4)
    }
    assert aligned.left_out.num_rows == 0
