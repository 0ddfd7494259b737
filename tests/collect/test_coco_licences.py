import json
from pathlib import Path

import pytest

from tasks.collect.coco_licences import with_coco_licences
from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.candidate import Candidate
from tasks.core.label_entries import LabelExport
from tasks.core.schemas import ITEMS
from tasks.core.source_entries import FilesSource
from tasks.core.tables import read_table
from tests.conftest import Repository

BY, ZERO = "http://creativecommons.org/licenses/by/2.0/", "Public domain"
LICENCES = [{"id": 4, "url": BY, "name": "Attribution"}, {"id": 9, "name": ZERO}, {"id": 5}, 7]


def licences(
    folder: Path, images: object, *candidates: Candidate, text: str | None = None
) -> list[str | None]:
    content = {"licenses": LICENCES, "images": images, "annotations": []}
    (folder / "c.json").write_text(json.dumps(content) if text is None else text)
    exports = (LabelExport("coco", "c.json"),)
    file = BatchFile("a test", "CC0-1.0", (FilesSource("files", "."),), Align("key", "image"), exports, {})
    found = with_coco_licences(Batch("b", folder, file), list(candidates))
    return [candidate.license for candidate in found]


def test_a_picture_has_the_licence_that_its_image_names_by_url_or_name(tmp_path: Path) -> None:
    images = [
        {"file_name": "a.jpg", "license": 4},
        {"file_name": "C:\\data\\b.jpg", "license": 9},
        {"file_name": "c.jpg", "license": 5},
        {"file_name": "d.jpg", "license": 77},
        {"file_name": "e.jpg"},
        5,
    ]
    candidates = [Candidate(f"images/{name}.jpg", "x") for name in "abcdef"]
    assert licences(tmp_path, images, *candidates) == [BY, ZERO, None, None, None, None]


def test_what_the_source_says_comes_first_and_contradictions_say_nothing(tmp_path: Path) -> None:
    images = [
        {"file_name": "a.jpg", "license": 4},
        *({"file_name": "b.jpg", "license": one} for one in (4, 9)),
    ]
    own = Candidate("a.jpg", "x", license="mine")
    assert licences(tmp_path, images, own, Candidate("b.jpg", "x")) == ["mine", None]


def test_a_name_that_may_be_several_pictures_licenses_none(tmp_path: Path) -> None:
    images = [{"file_name": "a.jpg", "license": 4}]
    assert licences(tmp_path, images, Candidate("x/a.jpg", "x"), Candidate("y/a.jpg", "x")) == [None, None]


@pytest.mark.parametrize("text", ["", "[1]", '{"images": 5, "licenses": {}}', '{"images": [', "[" * 100_000])
def test_an_export_that_is_broken_says_nothing(tmp_path: Path, text: str) -> None:
    assert licences(tmp_path, [], Candidate("a.jpg", "x"), text=text) == [None]


def test_real_pictures_get_the_licences_of_coco(repository: Repository, corpora: Path) -> None:
    batch = f"""
about: photos
license: none given
sources: [{{kind: files, path: {corpora}/coco_cc/images}}]
labels: [{{format: coco, path: {corpora}/coco_cc/annotations/captions.json}}]
align: {{method: key, reference: image}}
"""
    repository.add_batch("monday", batch)
    repository.run("collect")
    items = read_table(ITEMS, repository.data / "collected" / "monday", ("item_id", "license")).to_pylist()
    written = json.loads((corpora / "coco_cc/annotations/captions.json").read_text())
    urls = {licence["id"]: licence["url"] for licence in written["licenses"]}
    assert {item["item_id"].rpartition("/")[2]: item["license"] for item in items} == {
        image["file_name"]: urls[image["license"]] for image in written["images"]
    }
