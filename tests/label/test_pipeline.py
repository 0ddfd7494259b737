"""The stage behind collect, as `python -m tasks.label` runs it."""

from tasks.core.schemas import LABEL_REJECTS, LABELS
from tasks.core.tables import read_table
from tests.conftest import Repository

BATCH = """
about: two reviews
license: CC0-1.0
sources:
  - {kind: table, path: reviews.csv, text: words, id: id}
labels:
  - {format: table, path: reviews.csv, item: id, label: mood, task: sentiment}
align: {method: key, reference: text}
"""
TABLE = b"id,words,mood\nr1,fine,glad\nr2,awful,sad\nr3,nothing,\n"


def test_labels_of_a_table_find_the_rows_that_were_collected(repository: Repository) -> None:
    repository.add_batch("monday", BATCH, {"reviews.csv": TABLE})
    found = "2 labels, 1 rejected, 1 to relabel"
    assert repository.run("collect", "label") == f"label: 1 built, 0 unchanged; {found}"
    assert repository.run("label") == f"label: 0 built, 1 unchanged; {found}"
    labels = read_table(LABELS, repository.data / "labels" / "monday")
    assert labels["item_id"].to_pylist() == ["monday/reviews.csv#r1", "monday/reviews.csv#r2"]
    rejects = read_table(LABEL_REJECTS, repository.data / "labels" / "monday")
    assert rejects["row_id"].to_pylist() == ["monday/reviews.csv:4"]
