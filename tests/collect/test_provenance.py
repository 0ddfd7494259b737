"""Whose licence an item has, and where it says that it is from: the manifest, the file's tags, the batch."""

import pytest

from tasks.collect.reading import Reading, _to_row
from tasks.core.candidate import Candidate, MediaFacts
from tasks.media.reader import Limits
from tests.collect.making import batch_yaml, errors, rows
from tests.conftest import Repository


@pytest.mark.parametrize(
    ("listed", "tagged", "meant"),
    [
        ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-4.0"),
        ("CC-BY-4.0", None, "CC-BY-4.0"),
        (None, "CC-BY-SA-4.0", "CC-BY-SA-4.0"),
        (None, None, "CC0-1.0"),
    ],
)
def test_the_licence_is_the_manifests_before_the_files_before_the_batchs(
    listed: str | None, tagged: str | None, meant: str
) -> None:
    reading = Reading("one", "CC0-1.0", Limits(1, 1))
    row = _to_row(
        reading,
        Candidate("a.jpg", "a.jpg", license=listed),
        MediaFacts("image", "image/jpeg", license=tagged),
    )
    assert row["license"] == meant


def test_a_table_says_the_licence_and_the_source_of_each_row(repository: Repository) -> None:
    table = "file,terms,from\na.txt,CC-BY-4.0,https://example.org/a\nb.txt,,\nc.txt,CC-BY-4.0,https://example.org/c\n"
    files = {"t.csv": table.encode(), "a.txt": b"one", "b.txt": b"two"}
    source = "kind: table, path: t.csv, media: file, license: terms, source: from"
    repository.add_batch("one", batch_yaml(source), files)
    repository.run("collect")
    found = rows(repository, "one")
    assert {name: (row["license"], row["source"]) for name, row in found.items()} == {
        "a.txt": ("CC-BY-4.0", "https://example.org/a"),
        "b.txt": ("CC0-1.0", "t.csv:3"),
        "c.txt": ("CC-BY-4.0", "https://example.org/c"),
    }
    assert found["c.txt"]["error"] == "file_missing: there is no such file"


def test_a_column_of_licences_that_is_not_there_is_told(repository: Repository) -> None:
    files = {"t.csv": b"said,terms\nHello,CC0-1.0\n"}
    source = "kind: table, path: t.csv, text: said, license: term"
    repository.add_batch("one", batch_yaml(source), files)
    repository.run("collect")
    error = "malformed: expected a column 'term', there are ['said', 'terms']. Did you mean 'terms'?"
    assert errors(repository, "one") == {"t.csv#table": error}
