"""The agreement table: which measures a task gets, and what is said where there is no value."""

from typing import Any

from tests.label.test_voting import Row, agreed, box, span, spoken, to_labels


def measured(rows: list[Row]) -> dict[str, Any]:
    """The value, or why there is none, by measure and pair."""
    found = agreed(to_labels(rows))[1].to_pylist()
    return {
        " ".join(filter(None, (row["measure"], row["annotator"], row["other"]))): row["undefined"]
        or round(row["value"], 3)
        for row in found
    }


def kinds(said: str, item: str) -> list[Row]:
    """One letter per annotator, a point for none."""
    names = ("ann", "bob", "eve")
    fields = {"task": "classification", "question": "kind", "item_id": item}
    return [
        spoken(name, letter, **fields) for name, letter in zip(names, said, strict=False) if letter != "."
    ]


def test_names_have_alpha_fleiss_and_each_two_annotators_their_kappa() -> None:
    rows = [row for n, said in enumerate(("xx", "xx", "xy", "yy", "yx")) for row in kinds(said, f"b/{n}")]
    assert measured(rows) == {
        "cohen_kappa ann bob": 0.167,
        "fleiss_kappa": 0.167,
        "krippendorff_alpha": 0.25,
    }


def test_a_missing_answer_leaves_alpha_and_the_kappas_of_those_who_answered() -> None:
    rows = [row for n, said in enumerate(("xxx", "yy.", "xy.")) for row in kinds(said, f"b/{n}")]
    found = measured(rows)
    assert found["fleiss_kappa"] == "numbers_of_votes_differ"
    assert found["cohen_kappa ann eve"] == "one_category"
    assert isinstance(found["krippendorff_alpha"], float)


def test_numbers_have_alpha_by_their_distance_too() -> None:
    near = [*kinds("12", "b/0"), *kinds("98", "b/1"), *kinds("55", "b/2")]
    far = [*kinds("19", "b/0"), *kinds("91", "b/1"), *kinds("55", "b/2")]
    assert measured(near)["krippendorff_alpha_interval"] == round(1 - 4 * 5 / 600, 3)
    assert measured(far)["krippendorff_alpha_interval"] < 0


def test_one_annotator_is_named_and_nothing_shared_too() -> None:
    assert measured(kinds("x", "b/0")) == {"krippendorff_alpha": "one_annotator"}
    apart = measured([*kinds("x", "b/0"), *kinds(".y", "b/1")])
    assert set(apart.values()) == {"nothing_shared"}


def test_boxes_have_their_mean_iou_and_the_share_that_was_matched() -> None:
    found = measured([box("ann", "cat", 0), box("ann", "cat", 50), box("bob", "dog", 0, 8)])
    assert (found["mean_iou"], found["matched_share"]) == (0.8, 0.667)
    assert found["krippendorff_alpha"] == 0.0


def test_spans_have_their_mean_temporal_iou() -> None:
    found = measured([span("ann", "bark", 0, 10), span("bob", "bark", 0, 9)])
    assert (found["mean_temporal_iou"], found["matched_share"]) == (0.9, 1.0)
    assert found["krippendorff_alpha"] == "one_category"


def test_questions_in_free_text_are_measured_together() -> None:
    rows = [spoken(f"{n}", "yes", question=question) for n in range(10) for question in ("who?", "what?")]
    found = agreed(to_labels(rows))[1].to_pylist()
    assert {(row["task"], row["question"], row["items"], row["annotators"]) for row in found} == {
        ("vqa", "", 1, 10)
    }
    assert [row["undefined"] for row in found if row["measure"] == "cohen_kappa"] == ["too_many_annotators"]
