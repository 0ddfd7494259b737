"""Whose licence an item has, and where it says that it is from: the manifest, the file's tags, the batch."""

import io

from PIL import Image

from tests.collect.making import batch_yaml, errors, rows
from tests.conftest import Repository
from tests.media.making import photo, saved

COPYRIGHT = 0x8298


def tagged() -> bytes:
    """A photo whose own tags say a licence."""
    tags = Image.Exif()
    tags[COPYRIGHT] = "https://creativecommons.org/licenses/by-sa/4.0/"
    encoded = io.BytesIO()
    photo().save(encoded, "JPEG", exif=tags)
    return encoded.getvalue()


def test_the_licence_is_the_manifests_before_the_files_before_the_batchs(repository: Repository) -> None:
    table = "file,terms\nlisted.jpg,CC-BY-4.0\ntagged.jpg,\nbare.jpg,\n"
    files = {
        "t.csv": table.encode(),
        "listed.jpg": tagged(),
        "tagged.jpg": tagged(),
        "bare.jpg": saved(photo(), "JPEG"),
    }
    source = "kind: table, path: t.csv, media: file, license: terms"
    repository.add_batch("one", batch_yaml(source), files)
    repository.run("collect")
    assert {name: row["license"] for name, row in rows(repository, "one").items()} == {
        "bare.jpg": "CC0-1.0",
        "listed.jpg": "CC-BY-4.0",
        "tagged.jpg": "CC-BY-SA-4.0",
    }


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
