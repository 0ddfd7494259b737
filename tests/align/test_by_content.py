import numpy as np

from tasks.align.by_content import align_by_content
from tasks.align.comparison import Evidence
from tasks.align.members import to_members
from tasks.core.batch_file import Align
from tasks.core.vectors import Vectors
from tests.align.tables import items, labels

VECTORS = {
    "image": Vectors(
        ["p1", "p2", "t1", "t2", "t3"],
        np.array([[1, 0, 0], [0, 1, 0], [0.9, 0.1, 0], [0.8, 0.3, 0], [0, 0, 1]], np.float32),
    )
}


def test_the_most_alike_meet_and_each_of_the_others_is_told_why_not() -> None:
    members = to_members(
        items(
            {"item_id": "p1", "role": "picture"},
            {"item_id": "p2", "role": "picture"},
            {"item_id": "t1", "role": "thumbnail"},
            {"item_id": "t2", "role": "thumbnail"},
            {"item_id": "t3", "role": "thumbnail"},
            {"item_id": "t4", "role": "thumbnail"},
        ),
        labels({"label_id": "cat", "item_id": "t1", "task": "classification"}),
    )
    aligned = align_by_content(members, Evidence(VECTORS), Align("content", "picture", threshold=0.9))
    rows = aligned.links.select(["sample_id", "role", "member_id", "method"]).to_pylist()
    assert {tuple(row.values()) for row in rows} == {
        ("p1", "picture", "p1", "reference"),
        ("p2", "picture", "p2", "reference"),
        ("p1", "thumbnail", "t1", "content"),
        ("p1", "classification", "cat", "item"),
    }
    reasons = {row["member_id"]: (row["reason"], row["detail"]) for row in aligned.left_out.to_pylist()}
    lost = "its best candidate, p1, is 0.936 alike, but that is more like t1 (0.994)"
    assert reasons["t2"] == ("not_mutual", lost)
    assert reasons["t3"][0] == "below_threshold"
    assert reasons["t4"] == ("no_vector", "it could not be encoded: no candidate")


def test_what_has_nothing_of_its_kind_to_be_compared_with_is_left_out() -> None:
    members = to_members(items({"item_id": "p1"}, {"item_id": "s", "modality": "audio"}), labels())
    aligned = align_by_content(members, Evidence(VECTORS), Align("content", "image"))
    assert aligned.left_out.select(["member_id", "reason"]).to_pylist() == [
        {"member_id": "s", "reason": "no_vector"}
    ]
