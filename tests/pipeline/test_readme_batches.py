"""The five commonest batch files of the README, each run from its media to its verdict."""

import io
import json
import zipfile

import pytest

from tasks.core.schemas import ITEMS, LABEL_REJECTS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.media.making import photo, saved, sound
from tests.test_readme import BATCH_FILES

STAGES = ("fetch", "collect", "label", "encode", "align", "validate")
CASES = {block.splitlines()[3].split("format: ")[1].split(",")[0]: block for block in BATCH_FILES[:5]}
# As photo() makes them, 120 x 80 pixels.
CAT, DOG = (saved(photo(seed=seed), "JPEG") for seed in (1, 2))


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, payload in files.items():
            archive.writestr(name, payload)
    return buffer.getvalue()


COCO = {
    "licenses": [
        {"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"}
    ],
    "images": [
        {"id": 1, "file_name": "000000000001.jpg", "license": 4},
        {"id": 2, "file_name": "000000000002.jpg"},
    ],
    "categories": [{"id": 17, "name": "cat"}, {"id": 90, "name": "dog"}],
    "annotations": [
        {"id": 10, "image_id": 1, "category_id": 17, "bbox": [12, 8, 60, 40]},
        {"id": 11, "image_id": 2, "category_id": 90, "bbox": [24, 16, 30, 20]},
    ],
}
CONFIG = """\
<View><Image name="image" value="$image"/>
<RectangleLabels name="thing" toName="image"><Label value="cat"/><Label value="dog"/></RectangleLabels></View>
"""
RECTANGLE = {
    "id": "r1",
    "type": "rectanglelabels",
    "from_name": "thing",
    "to_name": "image",
    "original_width": 120,
    "original_height": 80,
    "value": {"x": 10, "y": 10, "width": 50, "height": 50, "rotation": 0, "rectanglelabels": ["cat"]},
}
TASKS = [
    {
        "id": 1,
        "data": {"image": "/data/upload/8/1a2b3c4d-cat.jpg"},
        "annotations": [{"id": who, "completed_by": who, "result": [RECTANGLE]} for who in (5, 6)],
    },
    {"id": 2, "data": {"image": "/data/upload/8/1a2b3c4d-dog.jpg"}, "annotations": []},
]
EAF = """\
<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/interview.wav"/>
</HEADER><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="1" TIME_VALUE="100"/>
<TIME_SLOT TIME_SLOT_ID="2" TIME_VALUE="450"/><TIME_SLOT TIME_SLOT_ID="3" TIME_VALUE="900"/></TIME_ORDER>
<TIER TIER_ID="ann" LINGUISTIC_TYPE_REF="said">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="1" TIME_SLOT_REF2="2">
<ANNOTATION_VALUE>Good morning</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="2" TIME_SLOT_REF2="3">
<ANNOTATION_VALUE>and welcome</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="said" TIME_ALIGNABLE="true"/></ANNOTATION_DOCUMENT>
"""
DELIVERED: dict[str, dict[str, bytes]] = {
    "imagenet": {"pictures/cat/1.jpg": CAT, "pictures/dog/1.jpg": DOG},
    "coco": {
        "val2017.zip": zipped({"val2017/000000000001.jpg": CAT, "val2017/000000000002.jpg": DOG}),
        "instances_val2017.json": json.dumps(COCO).encode(),
    },
    "yolo": {
        "images/1.jpg": CAT,
        "images/2.jpg": DOG,
        "labels/1.txt": b"0 0.1 0.1 0.6 0.1 0.6 0.6 0.1 0.6\n",
        "labels/2.txt": b"",
        "data.yaml": b"names: [cat, dog]\n",
    },
    "label_studio": {
        "photos/cat.jpg": CAT,
        "photos/dog.jpg": DOG,
        "project-8.json": json.dumps(TASKS).encode(),
        "config.xml": CONFIG.encode(),
    },
    "elan": {"interview.ogg": sound("OGG", "VORBIS"), "interview.eaf": EAF.encode()},
}
# Per case: what each label says (its class or its text), and how many samples there are.
FOUND = {
    "imagenet": (["cat", "dog"], 2),
    "coco": (["cat", "dog"], 2),
    "yolo": (["cat", None], 2),
    "label_studio": (["cat", "cat"], 2),
    "elan": (["Good morning", "and welcome"], 2),
}


def test_the_readme_shows_five_cases_of_five_lines() -> None:
    assert CASES.keys() == DELIVERED.keys()
    assert {len(block.splitlines()) for block in CASES.values()} == {5}


@pytest.mark.parametrize("name", DELIVERED)
def test_each_case_is_taken_in_whole_and_accepted(repository: Repository, name: str) -> None:
    repository.add_batch("one", CASES[name], DELIVERED[name])
    assert repository.run(*STAGES).startswith("validate: 1 built")
    labels, links = (read_table(spec, repository.data / spec.folder / "one") for spec in (LABELS, LINKS))
    said = zip(labels["label"].to_pylist(), labels["text"].to_pylist(), strict=True)
    samples = set(links["sample_id"].to_pylist())
    assert ([text or label for label, text in said], len(samples)) == FOUND[name]
    assert read_table(LABEL_REJECTS, repository.data / "labels" / "one").num_rows == 0
    assert json.loads((repository.data / "validated/one/verdict.json").read_text())["accepted"] is True


def test_a_picture_of_coco_has_the_licence_that_cocos_table_gives_it(repository: Repository) -> None:
    repository.add_batch("one", CASES["coco"], DELIVERED["coco"])
    repository.run("fetch", "collect")
    items = read_table(ITEMS, repository.data / "collected" / "one")
    assert items["license"].to_pylist() == ["http://creativecommons.org/licenses/by/2.0/", "CC-BY-4.0"]
