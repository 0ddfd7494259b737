import numpy as np
import pyarrow.compute as pc
import pytest

from tasks.align.by_content.aligning import align_by_content
from tasks.align.by_content.comparison import Evidence
from tasks.align.members import to_members
from tasks.core.align_entry import Align
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


def across_modalities(spaces: dict[str, str]) -> tuple[set[tuple[str, str]], dict[str, tuple[str, str]]]:
    members = to_members(
        items({"item_id": "p1"}, {"item_id": "p2"}, {"item_id": "w", "modality": "text"}),
        labels({"label_id": "p2:1", "item_id": "p2", "task": "caption", "text": "a boat"}),
    )
    vectors = {
        "image": Vectors(["p1", "p2"], np.eye(2, dtype=np.float32)),
        "text": Vectors(["p2:1", "w"], np.array([[0.1, 1], [0.9, 0.2]], np.float32)),
    }
    aligned = align_by_content(members, Evidence(vectors, spaces), Align("content", "image"))
    links = aligned.links.select(["sample_id", "member_id"]).to_pylist()
    left_out = aligned.left_out.select(["member_id", "reason", "detail"]).to_pylist()
    return (
        {(row["sample_id"], row["member_id"]) for row in links},
        {row["member_id"]: (row["reason"], row["detail"]) for row in left_out},
    )


def test_modalities_whose_encoders_share_a_space_meet_across_it() -> None:
    links, left_out = across_modalities({"image": "clip ViT-B-32", "text": "clip ViT-B-32"})
    assert links == {("p1", "p1"), ("p2", "p2"), ("p1", "w"), ("p2", "p2:1")}
    assert left_out == {}


@pytest.mark.parametrize("spaces", [{}, {"image": "clip"}, {"image": "clip", "text": "clap"}])
def test_vectors_of_other_spaces_are_not_compared_and_the_way_out_is_told(spaces: dict[str, str]) -> None:
    links, left_out = across_modalities(spaces)
    assert links == {("p1", "p1"), ("p2", "p2"), ("p2", "p2:1")}
    reason, detail = left_out["w"]
    assert reason == "not_comparable"
    assert "choose encoders that share a space in params.yaml, or `by: coordinated`" in detail


def test_the_words_of_labels_can_be_what_samples_are_made_of() -> None:
    members = to_members(
        items({"item_id": "p1"}, {"item_id": "w", "modality": "text", "role": "title"}),
        labels({"label_id": "c", "item_id": "p1", "task": "caption", "text": "a boat"}),
    )
    vectors = {"text": Vectors(["c", "w"], np.array([[1, 0], [0.9, 0.1]], np.float32))}
    aligned = align_by_content(members, Evidence(vectors), Align("content", "caption"))
    found = {(row["sample_id"], row["member_id"], row["margin"]) for row in aligned.links.to_pylist()}
    assert found == {("c", "c", None), ("c", "w", None)}
    assert aligned.left_out["member_id"].to_pylist() == ["p1"]


def test_the_margin_is_kept_and_who_is_in_doubt_is_left_out_with_both_candidates() -> None:
    members = to_members(
        items(
            {"item_id": "p1", "role": "picture"},
            {"item_id": "p2", "role": "picture"},
            {"item_id": "t2", "role": "x"},
        ),
        labels(),
    )
    clear = align_by_content(members, Evidence(VECTORS), Align("content", "picture"))
    (margin,) = clear.links.filter(pc.equal(clear.links["role"], "x"))["margin"].to_pylist()
    assert margin == pytest.approx(0.5 / np.hypot(0.8, 0.3), abs=1e-6)
    doubtful = align_by_content(members, Evidence(VECTORS), Align("content", "picture", margin=0.6))
    (row,) = doubtful.left_out.to_pylist()
    assert (row["reason"], row["candidate"]) == ("ambiguous", "p1")
    assert row["candidate_similarity"] == pytest.approx(0.936, abs=1e-3)
    assert row["detail"] == (
        "its best candidate, p1, is 0.936 alike, and p2 is 0.351 alike: 0.5852 apart, expected more than 0.6"
    )
