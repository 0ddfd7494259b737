"""One row per batch: how much of what was delivered came through."""

import pyarrow as pa

from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import ITEMS, LABEL_REJECTS, LABELS, LINKS
from tasks.core.tables import to_table
from tasks.validate.facts import BatchTables, to_facts
from tests.validate.delivered import Delivered, delivered, faulty_label, unreadable


def facts(batch: Delivered) -> dict[str, object]:
    tables = BatchTables(
        to_table(ITEMS, batch.items),
        to_table(LABELS, batch.labels),
        to_table(LABEL_REJECTS, [reject.row() for reject in batch.label_rejects]),
        *[to_table(LINKS, batch.links)] * 2,
    )
    (row,) = to_facts(batch.name, tables).to_pylist()
    return dict(row)


def test_a_batch_where_everything_came_through() -> None:
    assert facts(delivered("cats", 4)) == {
        "batch": "cats",
        "items": 4,
        "labels": 4,
        "links": 8,
        "exports_broken": 0,
        "share_labels_faulty": 0.0,
        "share_labels_without_class": 0.0,
        "share_labels_left_out": 0.0,
        "share_items_repeated": 0.0,
        "share_items_linked": 1.0,
        "share_samples_alone": 0.0,
    }


def test_labels_that_nobody_is_to_blame_for_are_left_out_but_not_faulty() -> None:
    batch = delivered("cats", 3)
    skipped: Reject = faulty_label("cats", 1, Reason.CANCELLED)
    batch.label_rejects = [
        faulty_label("cats", 0),
        skipped,
        faulty_label("cats", 2, Reason.UNSUPPORTED_LABEL),
    ]
    found = facts(batch)
    assert (found["share_labels_faulty"], found["share_labels_left_out"]) == (1 / 4, 3 / 6)


def test_labels_that_name_nothing_are_counted_among_those_that_could_be_judged() -> None:
    batch = delivered("cats", 3)
    batch.label_rejects = [
        faulty_label("cats", 0, Reason.NO_CLASS),
        faulty_label("cats", 1, Reason.CANCELLED),
    ]
    found = facts(batch)
    assert (found["share_labels_without_class"], found["share_labels_faulty"]) == (1 / 4, 1 / 4)


def test_copies_loners_and_the_unlinked_are_counted_among_what_can_be_read() -> None:
    batch = delivered("cats", 3)
    batch.items[1]["sha256"] = batch.items[0]["sha256"]
    batch.items.append(unreadable("cats", 3))
    batch.links = batch.links[:3]
    found = facts(batch)
    assert found["share_items_repeated"] == 1 / 3
    assert found["share_items_linked"] == 2 / 3
    assert found["share_samples_alone"] == 1 / 2


def test_nothing_has_no_shares() -> None:
    found = facts(Delivered("nothing", [], [], []))
    assert [value for value in found.values() if value] == ["nothing"]


def test_the_tables_are_left_as_they_were() -> None:
    items = to_table(ITEMS, delivered("cats", 2).items)
    before = pa.table(items)
    to_facts(
        "cats",
        BatchTables(items, *(spec.schema.empty_table() for spec in (LABELS, LABEL_REJECTS, LINKS, LINKS))),
    )
    assert items.equals(before)
