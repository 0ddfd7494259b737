"""Which exports declare that somebody looked and nothing is there, and which say nothing of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.core.label import Label
from tasks.core.label_entries import CvatExport, LabelExport, LabelStudioExport, TimedExport, ViaExport
from tests.conftest import Repository
from tests.label_formats.exports import labels_of, write_json

COCO = LabelExport("coco", "coco.json", "ann")
STUDIO = LabelStudioExport("label_studio", "ls.json", config="config.xml")


def coco(*annotations: dict[str, Any]) -> dict[str, Any]:
    images = [{"id": number, "file_name": f"{number}.jpg"} for number in (1, 2, 3)]
    return {"images": images, "annotations": [*annotations], "categories": [{"id": 5, "name": "dog"}]}


def negatives_in(labels: list[Label]) -> list[tuple[str, str, str]]:
    assert all(label.label is None for label in labels if label.attributes == {"negative": "true"})
    return [
        (label.native_id, label.media, label.task)
        for label in labels
        if label.attributes == {"negative": "true"}
    ]


@pytest.mark.parametrize(
    ("annotations", "task"),
    [
        ([], "detection"),
        ([{"bbox": [1, 1, 2, 2]}], "detection"),
        ([{"bbox": [1, 1, 2, 2], "segmentation": [[1, 1, 3, 1, 3, 3]]}], "segmentation"),
        ([{"bbox": [1, 1, 2, 2], "keypoints": [1, 1, 2], "num_keypoints": 1}], "keypoints"),
    ],
)
def test_an_image_of_coco_without_an_annotation_is_a_negative_of_what_the_others_have(
    tmp_path: Path, annotations: list[dict[str, Any]], task: str
) -> None:
    given = [{"id": 7, "image_id": 2, "category_id": 5, **one} for one in annotations]
    write_json(tmp_path / "coco.json", coco(*given))
    empty = [number for number in (1, 2, 3) if number != 2 or not given]
    assert negatives_in(labels_of(tmp_path, COCO)) == [
        (f"images/{number}", f"{number}.jpg", task) for number in empty
    ]


def test_an_image_of_coco_without_a_caption_was_not_described_and_is_no_negative(tmp_path: Path) -> None:
    write_json(tmp_path / "coco.json", coco({"id": 7, "image_id": 2, "caption": "a dog"}))
    assert [label.task for label in labels_of(tmp_path, COCO)] == ["caption"]


@pytest.mark.parametrize(
    ("config", "data", "declared"),
    [
        (
            '<Image name="i" value="$a"/><RectangleLabels name="r" toName="i"/>'
            '<Choices name="c" toName="i"><Choice value="x"/></Choices>',
            {"a": "a.jpg"},
            [("detection", None, "a.jpg")],
        ),
        (
            '<Image name="i" value="$a"/><Choices name="c" toName="i"><Choice value="x"/></Choices>',
            {"a": "a.jpg"},
            [("classification", "c", "a.jpg")],
        ),
        (
            '<Audio name="s" value="$a"/><Labels name="l" toName="s"/>',
            {"a": "a.wav"},
            [("event", None, "a.wav")],
        ),
        (
            '<Image name="i" value="$a"/><BrushLabels name="b" toName="i"/>'
            '<KeyPointLabels name="k" toName="i"/>',
            {"a": "a.jpg"},
            [("segmentation", None, "a.jpg"), ("keypoints", None, "a.jpg")],
        ),
        (None, {"a": "a.jpg"}, [("detection", None, "a.jpg")]),
        (None, {"a": "a.wav"}, [("event", None, "a.wav")]),
        (None, {"a": "What was said here"}, [("event", None, "What was said here")]),
    ],
)
def test_a_submitted_answer_of_label_studio_without_results_declares_that_nothing_is_there(
    tmp_path: Path, config: str | None, data: dict[str, str], declared: list[Any]
) -> None:
    (tmp_path / "config.xml").write_text(f"<View>{config}</View>", encoding="utf-8")
    annotation = {"id": 6, "completed_by": 3, "result": []}
    write_json(tmp_path / "ls.json", [{"id": 1, "data": data, "annotations": [annotation]}])
    entry = STUDIO if config else LabelStudioExport("label_studio", "ls.json")
    labels = labels_of(tmp_path, entry)
    assert [(label.task, label.question, label.media) for label in labels] == declared
    assert {(label.annotator, label.label, str(label.attributes)) for label in labels} == {
        ("3", None, "{'negative': 'true'}")
    }


def test_an_annotation_of_jams_without_observations_and_an_empty_label_track_are_negatives(
    tmp_path: Path,
) -> None:
    empty = {"namespace": "tag_open", "annotation_metadata": {}, "data": []}
    write_json(tmp_path / "a.jams", {"annotations": [empty]})
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    assert negatives_in(labels_of(tmp_path, TimedExport("jams", "a.jams"))) == [("1", "a", "classification")]
    assert negatives_in(labels_of(tmp_path, TimedExport("audacity", "a.txt"))) == [("0", "a", "event")]


def test_tools_that_list_every_picture_seen_or_not_declare_nothing(tmp_path: Path) -> None:
    pictures = {"a.jpg1": {"filename": "a.jpg", "size": 1, "regions": [], "file_attributes": {}}}
    write_json(tmp_path / "via.json", pictures)
    (tmp_path / "a.xml").write_text('<annotations><image name="a.jpg" width="9" height="9"/></annotations>')
    assert labels_of(tmp_path, ViaExport("via", "via.json", "kind")) == []
    assert labels_of(tmp_path, CvatExport("cvat", "a.xml")) == []


def test_a_clean_batch_of_negatives_alone_is_accepted(repository: Repository, tmp_path: Path) -> None:
    from PIL import Image

    files = {}
    for number in (1, 2, 3):
        Image.new("RGB", (32, 32), (number * 60, 20, 90)).save(tmp_path / "one.png")
        files[f"pictures/{number}.jpg"] = (tmp_path / "one.png").read_bytes()
    files["coco.json"] = json.dumps(coco()).encode()
    repository.add_batch(
        "monday",
        "about: a test\nlicense: CC0-1.0\nsources: [{kind: files, path: pictures}]\n"
        "labels: [{format: coco, path: coco.json}]\nalign: {method: key, reference: image}\n",
        files,
    )
    repository.run("collect", "label", "encode", "align")
    assert repository.run("validate").endswith("none of 1 batches rejected")
