import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.json_buffer import BLOCK_BYTES
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import LabelStudioExport
from tasks.core.rejects import Reason
from tasks.label_formats import LABEL_FORMATS
from tests.label_formats.exports import batch_of, labels_of, read_export, write_json
from tests.label_formats.label_studio_tasks import (
    BOX,
    EXPORT,
    PIXELS,
    only_fault,
    only_label,
    read_results,
    result,
)


def test_a_rectangle_in_percent_becomes_pixels_and_its_rotation_stays(tmp_path: Path) -> None:
    value = {**BOX, "rotation": 30, "rectanglelabels": ["cat"]}
    label = only_label(read_results(tmp_path, result("rectanglelabels", value)))
    assert (label.x, label.y, label.width, label.height) == PIXELS
    assert (label.task, label.label, label.rotation, label.annotator) == ("detection", "cat", 30.0, "3")


def test_a_picture_that_was_turned_in_the_view_keeps_its_places(tmp_path: Path) -> None:
    value = {**BOX, "rectanglelabels": ["cat"]}
    label = only_label(read_results(tmp_path, result("rectanglelabels", value, image_rotation=90)))
    assert (label.x, label.y, label.width, label.height, label.rotation) == (*PIXELS, None)


def test_a_polygon_gets_its_box_too(tmp_path: Path) -> None:
    value = {"points": [[10, 10], [60, 10], [60, 60]], "polygonlabels": ["cat"]}
    label = only_label(read_results(tmp_path, result("polygonlabels", value)))
    assert label.polygon == [[20.0, 10.0, 120.0, 10.0, 120.0, 60.0]]
    assert (label.task, label.x, label.y, label.width, label.height) == ("segmentation", *PIXELS)


def test_a_key_point_has_no_size(tmp_path: Path) -> None:
    value = {"x": 10, "y": 10, "width": 0.5, "keypointlabels": ["nose"]}
    label = only_label(read_results(tmp_path, result("keypointlabels", value)))
    assert (label.task, label.label, label.x, label.y, label.width) == ("keypoints", "nose", 20.0, 10.0, None)


def test_a_span_of_sound_is_an_event_and_with_text_a_transcript(tmp_path: Path) -> None:
    span = {"start": 0.1, "end": 2.5, "channel": 0}
    bark = result("labels", {**span, "labels": ["bark"]}, id="a")
    speech = result("labels", {**span, "labels": ["speech"]}, id="b")
    written = result("textarea", {**span, "text": ["good", "morning"]}, id="b")
    event, transcript = read_results(tmp_path, bark, speech, written, data={"media": "a.wav"})
    assert isinstance(event, Label)
    assert isinstance(transcript, Label)
    assert (event.task, event.label, event.start_ns, event.end_ns) == (
        "event",
        "bark",
        100_000_000,
        2_500_000_000,
    )
    assert (transcript.task, transcript.label, transcript.text) == ("transcript", "speech", "good\nmorning")


def test_a_rectangle_and_its_choice_and_text_are_one_region(tmp_path: Path) -> None:
    outcomes = read_results(
        tmp_path,
        result("rectangle", BOX),
        result("labels", {**BOX, "labels": ["cat", "pet"]}),
        result("choices", {**BOX, "choices": ["hidden"]}),
        result("textarea", {**BOX, "text": "Tom"}),
    )
    labels = [label for label in outcomes if isinstance(label, Label)]
    assert [(label.native_id, label.task, label.label, label.text) for label in labels] == [
        ("5/r", "detection", "cat", "Tom"),
        ("5/r/2", "detection", "pet", None),
        ("5/r/3", "classification", "hidden", None),
    ]
    assert [(label.x, label.y, label.width, label.height) for label in labels] == [PIXELS] * 3
    assert labels[2].question == "control"


def test_choices_and_text_without_a_place_are_about_the_whole_item(tmp_path: Path) -> None:
    choices = result("choices", {"choices": ["happy", "loud"]}, id="a")
    text = result("textarea", {"text": ["a dog"]}, id="b")
    outcomes = read_results(tmp_path, choices, text)
    assert [(label.task, label.label, label.text) for label in outcomes if isinstance(label, Label)] == [
        ("classification", "happy", None),
        ("classification", "loud", None),
        ("caption", None, "a dog"),
    ]


def test_text_about_a_whole_recording_is_a_transcript(tmp_path: Path) -> None:
    text = result("textarea", {"text": ["hello"]})
    assert only_label(read_results(tmp_path, text, data={"media": "a.MP3"})).task == "transcript"


@pytest.mark.parametrize(
    ("data", "to_name", "media"),
    [
        ({"caption": "a dog. ", "image": "/data/upload/8-a.jpg"}, "img", "/data/upload/8-a.jpg"),
        ({"one": "a.jpg", "two": "b.jpg"}, "two", "b.jpg"),
        ({"uri": "track:1"}, "$uri", "track:1"),
        ({"images": [{"url": "s3://x/a.jpg"}, {"url": "s3://x/b.jpg"}]}, "page_1", "s3://x/b.jpg"),
        ({"text": "A sentence. "}, "text", "A sentence. "),
        ({"number": 4}, "img", "task 1"),
    ],
)
def test_the_media_are_what_the_task_names(
    tmp_path: Path, data: dict[str, Any], to_name: str, media: str
) -> None:
    choice = result("choices", {"choices": ["x"]}, to_name=to_name)
    assert only_label(read_results(tmp_path, choice, data=data)).media == media


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("vectorlabels", {"vertices": [], "vectorlabels": ["road"]}),
        ("bitmasklabels", {"imageDataURL": "data:image/png;base64,", "bitmasklabels": ["road"]}),
        ("labels", {"start": 0, "end": 5, "text": "Hello", "labels": ["greeting"]}),
        ("hypertextlabels", {"start": "/p[1]", "startOffset": 1, "hypertextlabels": ["name"]}),
        ("pairwise", {"selected": "left"}),
    ],
)
def test_results_of_another_kind_are_faults_with_all_that_shares_their_place(
    tmp_path: Path, kind: str, value: dict[str, Any]
) -> None:
    choice = result("choices", {**value, "choices": ["x"]})
    faults = read_results(tmp_path, result(kind, value), choice)
    assert [(fault.native_id, type(fault)) for fault in faults] == [
        (f"5/r/{kind}", LabelFault),
        ("5/r/choices", LabelFault),
    ]
    assert {fault.reason for fault in faults if isinstance(fault, LabelFault)} == {Reason.UNSUPPORTED_LABEL}


@pytest.mark.parametrize(
    ("broken", "detail"),
    [
        (
            result("rectanglelabels", {**BOX, "rectanglelabels": ["cat"]}, original_width=None),
            "original_width",
        ),
        (result("rectanglelabels", {**BOX, "rectanglelabels": "cat"}), "expected a list 'rectanglelabels'"),
        (result("rectanglelabels", {**BOX, "rectanglelabels": [1]}), "expected labels as texts"),
        (result("rectanglelabels", {**BOX, "x": "1", "rectanglelabels": ["cat"]}), "expected a number 'x'"),
        (result("polygonlabels", {"points": [[1, 2]], "polygonlabels": ["cat"]}), "at least 3 points"),
        (result("textarea", {"text": [1]}), "expected lines of text"),
        ({**result("choices", {}), "value": None}, "expected an object, got nothing"),
    ],
)
def test_a_broken_region_is_one_fault(tmp_path: Path, broken: dict[str, Any], detail: str) -> None:
    fault = only_fault(read_results(tmp_path, broken))
    assert (fault.native_id, fault.reason) == ("5/r", Reason.MALFORMED)
    assert detail in fault.detail


def test_what_is_no_finished_annotation_by_a_person_is_a_fault(tmp_path: Path) -> None:
    choice = result("choices", {"choices": ["x"]})
    task = {
        "id": 1,
        "data": {"media": "a.jpg"},
        "annotations": [
            {"id": 5, "was_cancelled": True, "result": [choice]},
            {"result": None},
        ],
        "predictions": [{"model_version": "v1", "result": [choice]}],
        "drafts": [{"result": [choice]}],
    }
    write_json(tmp_path / "ls.json", [task])
    outcomes = read_export(tmp_path, EXPORT)
    assert [(fault.native_id, fault.reason) for fault in outcomes if isinstance(fault, LabelFault)] == [
        ("5", Reason.CANCELLED),
        ("1.1", Reason.MALFORMED),
        ("1/predictions[0]", Reason.PREDICTION),
        ("1/drafts[0]", Reason.UNSUPPORTED_LABEL),
    ]
    assert len(outcomes) == 4


def test_the_old_name_completions_is_understood(tmp_path: Path) -> None:
    completion = {"id": 5, "created_at": 1609459200, "result": [result("choices", {"choices": ["x"]})]}
    write_json(tmp_path / "ls.json", [{"id": 1, "data": {"media": "a.jpg"}, "completions": [completion]}])
    (label,) = labels_of(tmp_path, LabelStudioExport("label_studio", "ls.json", "ann"))
    assert (label.annotator, label.created_at) == ("ann", "1609459200")


@pytest.mark.parametrize("content", [{"data": {}}, [{"image": "a.jpg", "choice": "x"}], [5]])
def test_another_export_of_label_studio_is_an_error_that_says_which_to_take(
    tmp_path: Path, content: object
) -> None:
    write_json(tmp_path / "ls.json", content)
    with pytest.raises(LabelFormatError, match="export from Label Studio as JSON, not as JSON-MIN"):
        read_export(tmp_path, EXPORT)


def test_tasks_are_read_block_by_block_so_that_a_file_that_breaks_off_tells_what_stands_before(
    tmp_path: Path,
) -> None:
    data = {"media": "a.jpg", "note": "x" * (BLOCK_BYTES // 4)}
    task = json.dumps({"data": data, "annotations": [{"id": 5, "was_cancelled": True, "result": []}]})
    (tmp_path / "ls.json").write_text(f"[{f'{task}, ' * 12}{task[:-9]}", encoding="utf-8")
    outcomes = LABEL_FORMATS["label_studio"].read(batch_of(tmp_path, EXPORT), EXPORT, ())
    first = next(outcomes)
    assert isinstance(first, LabelFault)
    assert first.native_id == "5"
    with pytest.raises(LabelFormatError, match="not JSON"):
        list(outcomes)


REAL_EXPORTS = {
    "test_export_coco/data.json": {"detection": 1, "segmentation": 1, "keypoints": 2},
    "test_export_csv/csv_test.json": {"detection": 3, "prediction": 2},
    "test_export_csv/csv_test2.json": {"classification": 1},
    "test_export_csv/csv_test_colliding_keys.json": {"classification": 1},
    "test_export_csv/csv_test_colliding_keys_mixed.json": {"classification": 1},
    "test_export_csv/csv_test_history.json": {"classification": 1},
    "test_export_doclang/data.json": {"caption": 1, "malformed": 2, "cancelled": 1},
    "test_export_json_min/chat_data.json": {"unsupported_label": 4},
    "test_export_json_min/data.json": {"segmentation": 1},
    "test_export_json_min/data_repeater.json": {"detection": 1, "classification": 1},
    "test_export_yolo/data.json": {"detection": 6},
    "test_export_yolo/data_keypoints.json": {"keypoints": 3, "detection": 1, "relation": 5},
    "test_export_yolo/data_obb.json": {"detection": 25},
    "test_export_yolo/data_polygons.json": {"segmentation": 1},
}
NO_EXPORTS = ("test_export_json_min/label_config_repeater.json", "test_import_coco/coco_import_input.json")


def test_every_real_json_is_read_or_refused(corpora: Path) -> None:
    root = corpora / "labelstudio_exports" / "data"
    found = {path.relative_to(root).as_posix() for path in root.rglob("*.json")}
    assert found == {*REAL_EXPORTS, *NO_EXPORTS}
    for name, expected in REAL_EXPORTS.items():
        outcomes = read_export(root, LabelStudioExport("label_studio", name))
        kinds = Counter(o.task if isinstance(o, Label) else o.reason.value for o in outcomes)
        assert kinds == expected, name
    for name in NO_EXPORTS:
        with pytest.raises(LabelFormatError, match="export from Label Studio as JSON"):
            read_export(root, LabelStudioExport("label_studio", name))
