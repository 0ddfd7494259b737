import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export, write_json

EXPORT = LabelExport("coco", "coco.json")
SQUARE = [10, 10, 20, 10, 20, 20, 10, 20]


def read_annotation(folder: Path, annotation: dict[str, Any]) -> Label | LabelFault:
    write_json(
        folder / "coco.json",
        {
            "images": [
                {"id": 1, "file_name": "a.jpg"},
                {"id": 2, "file_name": "b.jpg"},
                {"id": 2, "file_name": "c.jpg"},
            ],
            "categories": [{"id": 3, "name": "cat"}, {"id": 90, "name": "dog"}],
            "annotations": [{"id": 7, "image_id": 1, "category_id": 90, **annotation}],
        },
    )
    (outcome,) = read_export(folder, EXPORT)
    return outcome


def test_a_caption_is_text_without_a_label(tmp_path: Path) -> None:
    label = read_annotation(tmp_path, {"caption": "two dogs"})
    assert label == Label("7", "a.jpg", "caption", "coco.json#7", text="two dogs")


def test_category_ids_may_have_gaps_and_numbers_stay_as_written(tmp_path: Path) -> None:
    label = read_annotation(tmp_path, {"bbox": [509.63, 345.38, 102.1, 72.32], "score": 0.7})
    expected = Label("7", "a.jpg", "detection", "coco.json#7", "dog", confidence=0.7)
    assert isinstance(label, Label)
    assert (label.x, label.y, label.width, label.height) == (509.63, 345.38, 102.1, 72.32)
    assert (label.label, label.task, label.confidence) == (expected.label, expected.task, expected.confidence)


def test_polygons_are_kept_beside_the_box(tmp_path: Path) -> None:
    label = read_annotation(tmp_path, {"bbox": [1, 2, 3, 4], "segmentation": [SQUARE, SQUARE]})
    assert isinstance(label, Label)
    assert label.polygon == [[float(value) for value in SQUARE]] * 2
    assert (label.task, label.x, label.width, label.mask) == ("segmentation", 1.0, 3.0, None)


def test_a_polygon_without_a_box_gets_the_box_around_it(tmp_path: Path) -> None:
    label = read_annotation(tmp_path, {"segmentation": [SQUARE]})
    assert isinstance(label, Label)
    assert (label.x, label.y, label.width, label.height) == (10.0, 10.0, 10.0, 10.0)


@pytest.mark.parametrize("counts", [[1, 2, 3], "b13"])
def test_a_run_length_mask_stays_what_it_is(tmp_path: Path, counts: object) -> None:
    mask = {"size": [2, 3], "counts": counts}
    label = read_annotation(tmp_path, {"bbox": [0, 0, 3, 2], "segmentation": mask, "iscrowd": 1})
    assert isinstance(label, Label)
    assert (label.task, label.polygon) == ("segmentation", None)
    assert json.loads(str(label.mask)) == mask


@pytest.mark.parametrize(
    ("annotation", "reason", "detail"),
    [
        ({"category_id": 4, "bbox": [0, 0, 1, 1]}, Reason.UNKNOWN_CATEGORY, "the category id 4 is not among"),
        ({"image_id": 9, "caption": "a"}, Reason.ITEM_NOT_FOUND, "the image id 9 is not among"),
        ({"image_id": 2, "caption": "a"}, Reason.ITEM_AMBIGUOUS, r"given to ['b.jpg', 'c.jpg']"),
        ({"caption": " "}, Reason.MALFORMED, "expected a text 'caption'"),
        ({"bbox": [0, 0, 1]}, Reason.MALFORMED, "expected a bbox of 4 numbers, got 3"),
        ({"bbox": [0, 0, 1, "1"]}, Reason.MALFORMED, "expected a number 'bbox', got str '1'"),
        ({}, Reason.MALFORMED, "expected a list 'bbox', got nothing"),
        ({"bbox": [0, 0, 1, 1], "segmentation": [[1, 2]]}, Reason.MALFORMED, "at least 3 points"),
        ({"bbox": [0, 0, 1, 1], "segmentation": "x"}, Reason.MALFORMED, "expected polygons or a mask"),
        (
            {"bbox": [0, 0, 1, 1], "segmentation": {"size": [2, 3], "counts": [5]}},
            Reason.MALFORMED,
            "expected runs of 6 pixels in a mask, got 5",
        ),
    ],
)
def test_an_annotation_that_cannot_be_one_is_a_fault(
    tmp_path: Path, annotation: dict[str, Any], reason: Reason, detail: str
) -> None:
    fault = read_annotation(tmp_path, annotation)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.origin, fault.reason) == ("7", "coco.json#7", reason)
    assert detail in fault.detail


def test_key_points_are_a_fault_of_their_own_and_the_box_is_read(tmp_path: Path) -> None:
    annotation = {"id": 7, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "num_keypoints": 1}
    content = {"images": [{"id": 1, "file_name": "a"}], "categories": [{"id": 1, "name": "p"}]}
    write_json(tmp_path / "coco.json", {**content, "annotations": [annotation]})
    box, points = read_export(tmp_path, EXPORT)
    assert isinstance(box, Label)
    assert isinstance(points, LabelFault)
    assert (points.native_id, points.reason) == ("7/keypoints", Reason.UNSUPPORTED_LABEL)


def test_an_annotation_without_an_id_is_told_by_its_place(tmp_path: Path) -> None:
    images = [{"id": 1, "file_name": "a.jpg"}]
    write_json(
        tmp_path / "coco.json", {"images": images, "annotations": [{"image_id": 1, "caption": "a"}, 5]}
    )
    first, second = read_export(tmp_path, EXPORT)
    assert (first.native_id, second.native_id) == ("annotations[0]", "annotations[1]")
    assert isinstance(second, LabelFault)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"images": [], \n "annotations": [}', r"coco\.json:2: not JSON: Expecting value, in column 18"),
        ('{"images": []}', "expected an object with a list 'annotations', got the keys"),
        ("[]", "expected an object with a list 'annotations', got a list"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ('{"a": -Infinity}', "-Infinity is no number of JSON"),
    ],
)
def test_an_export_that_is_broken_as_a_whole_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "coco.json").write_text(text, encoding="utf-8")
    with pytest.raises(LabelFormatError, match=message):
        read_export(tmp_path, EXPORT)


def test_real_captions_and_instances_are_read_without_a_fault(corpora: Path) -> None:
    captions = labels_of(corpora / "coco_cc", LabelExport("coco", "annotations/captions.json"))
    assert (len(captions), Counter(label.task for label in captions)) == (480, {"caption": 480})
    assert set(Counter(label.media for label in captions).values()) == {5}
    boxes = labels_of(corpora / "coco_cc", LabelExport("coco", "annotations/instances.json"))
    assert (len(boxes), len({label.media for label in boxes})) == (802, 73)
    written = json.loads((corpora / "coco_cc/annotations/instances.json").read_text())["annotations"]
    crowds = sum(bool(annotation["iscrowd"]) for annotation in written)
    assert sum(label.mask is not None for label in boxes) == crowds > 0
    found = [[label.x, label.y, label.width, label.height] for label in boxes]
    assert found == [annotation["bbox"] for annotation in written]
