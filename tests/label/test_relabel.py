"""Who is asked again, and why."""

from typing import Any

import pyarrow as pa

from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import ITEMS
from tasks.core.tables import to_table
from tasks.label.relabel import Said, relabel_queue
from tests.label.test_stage import an_item
from tests.label.test_voting import Row, agreed, box, spoken, to_labels

PICTURES = tuple(an_item(f"{name}.jpg", batch="b", item_id=f"b/{name}") for name in "abc")
KIND = {"task": "classification", "question": "kind"}


def rejected(item: str | None, reason: Reason, row: str, task: str | None = "detection") -> Reject:
    return Reject("b", "x", row, reason, "x.json: so", item_id=item, task=task)


def queue(
    labels: list[Row],
    rejects: tuple[Reject, ...] = (),
    items: tuple[Row, ...] = PICTURES,
    below: float | None = 0.5,
) -> list[tuple[Any, ...]]:
    table, said = to_labels(labels), Said()
    said.take(table, rejects)
    asked: pa.Table = relabel_queue("b", to_table(ITEMS, items), said, agreed(table)[0], below)
    return [(row["item_id"], row["task"], row["why"], row["detail"]) for row in asked.to_pylist()]


def everyone_labelled() -> list[Row]:
    return [spoken("1", "x", item_id=item["item_id"], **KIND) for item in PICTURES]


def test_ties_and_low_agreement_are_asked_again_and_agreement_is_not() -> None:
    votes = {"a": "xy", "b": "xxyzw", "c": "xxy"}
    labels = [
        spoken(f"{n}", kind, item_id=f"b/{item}", **KIND)
        for item, said in votes.items()
        for n, kind in enumerate(said)
    ]
    assert queue(labels) == [
        ("b/a", "classification", "tie", "x 0.50, y 0.50"),
        ("b/b", "classification", "low_agreement", "x 0.40, w 0.20, y 0.20, and 1 more"),
    ]
    assert queue(labels, below=None) == []


def test_disputed_boxes_of_one_picture_are_one_row() -> None:
    labels = [*everyone_labelled(), *(box("ann", "cat", 30 * n) for n in range(5)), box("bob", "cat", 0)]
    ((item, task, why, detail),) = queue(labels)
    assert (item, task, why) == ("b/a", "detection", "tie")
    assert detail == (
        "region 2: cat 0.50, nothing 0.50; region 3: cat 0.50, nothing 0.50;"
        " region 4: cat 0.50, nothing 0.50; and 1 more"
    )


def test_an_item_without_a_label_is_asked_about_where_others_of_its_role_have_one() -> None:
    labels = [spoken("1", "x", item_id="b/a", **KIND), box("1", "cat", 0), spoken("1", "x", item_id="b/a")]
    others = (
        an_item("t", "text", batch="b", item_id="b/t"),
        an_item("u", batch="b", item_id="b/u", readable=False),
    )
    detail = "others of the role 'image' have labels"
    assert queue(labels, items=(*PICTURES[:2], *others)) == [
        ("b/b", "classification", "unlabelled", detail),
        ("b/b", "detection", "unlabelled", detail),
    ]
    assert queue([]) == []


def test_rejects_that_a_person_can_mend_are_asked_about_until_ground_truth_settles_them() -> None:
    rejects = (
        rejected("b/a", Reason.ZERO_AREA, "b/x:1"),
        rejected("b/a", Reason.BOX_OUTSIDE_IMAGE, "b/x:2"),
        rejected(None, Reason.ITEM_NOT_FOUND, "b/x:3", None),
        rejected("b/b", Reason.REPEATED, "b/x:4"),
    )
    detail = "zero_area: x.json: so; box_outside_image: x.json: so"
    assert queue(everyone_labelled(), rejects) == [("b/a", "detection", "rejected", detail)]
    assert queue([*everyone_labelled(), box("1", "cat", 0)], rejects) != []
    assert queue([*everyone_labelled(), box("1", "cat", 0, ground_truth=True)], rejects) == []
