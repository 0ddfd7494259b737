import pyarrow as pa

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
    assert aligned.samples == ["p1", "p2"]
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
