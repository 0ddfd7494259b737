import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as mask_codes

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tasks.label_formats import coco
from tasks.label_formats.reading import coco_tables
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
    (outcome, *negatives) = read_export(folder, EXPORT)
    assert all(negative.native_id.startswith("images/") for negative in negatives)
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


@pytest.mark.parametrize("counts", [[1, 2, 3], "123"])
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


PERSON = {"id": 90, "name": "person", "keypoints": ["nose", "left_eye"], "skeleton": [[1, 2]]}


def read_person(
    folder: Path, annotation: dict[str, Any], category: dict[str, Any] = PERSON
) -> Label | LabelFault:
    common = {"id": 7, "image_id": 1, "category_id": 90, "bbox": [0, 0, 9, 9]}
    content = {"images": [{"id": 1, "file_name": "a"}], "categories": [category]}
    write_json(folder / "coco.json", {**content, "annotations": [{**common, **annotation}]})
    (outcome, *negatives) = read_export(folder, EXPORT)
    assert all(negative.native_id.startswith("images/") for negative in negatives)
    return outcome


def test_key_points_have_the_names_of_their_category_and_the_box_stays(tmp_path: Path) -> None:
    label = read_person(
        tmp_path, {"num_keypoints": 1, "keypoints": [3, 4.5, 2, 0, 0, 0], "segmentation": [SQUARE]}
    )
    assert isinstance(label, Label)
    assert (label.task, label.label, label.width, label.polygon) == ("keypoints", "person", 9.0, [SQUARE])
    assert label.keypoints == [
        {"name": "nose", "x": 3.0, "y": 4.5, "visible": 2},
        {"name": "left_eye", "x": 0.0, "y": 0.0, "visible": 0},
    ]


def test_key_points_of_a_category_without_names_have_none(tmp_path: Path) -> None:
    label = read_person(tmp_path, {"keypoints": [3, 4, 1]}, {"id": 90, "name": "person"})
    assert isinstance(label, Label)
    assert label.keypoints == [{"name": None, "x": 3.0, "y": 4.0, "visible": 1}]


def test_key_points_of_which_none_is_labelled_leave_a_box(tmp_path: Path) -> None:
    label = read_person(tmp_path, {"num_keypoints": 0, "keypoints": [0, 0, 0, 0, 0, 0]})
    assert isinstance(label, Label)
    assert (label.task, label.keypoints) == ("detection", None)


@pytest.mark.parametrize(
    ("annotation", "detail"),
    [
        ({"num_keypoints": 1}, "expected a list 'keypoints', got nothing"),
        ({"keypoints": [1, 2, 2]}, "expected 6 numbers in 'keypoints', got 3"),
        ({"keypoints": [1, 2, 3, 1, 2, 2]}, "expected 0, 1 or 2 for whether a key point is visible, got '3'"),
        ({"keypoints": [1, "2", 2, 1, 2, 2]}, "expected a number 'keypoints', got str '2'"),
        ({"keypoints": {}}, "expected a list 'keypoints', got dict"),
    ],
)
def test_key_points_that_cannot_be_are_a_fault(
    tmp_path: Path, annotation: dict[str, Any], detail: str
) -> None:
    fault = read_person(tmp_path, annotation)
    assert isinstance(fault, LabelFault)
    assert detail in fault.detail


def test_crowds_and_the_attributes_of_an_annotation_are_kept(tmp_path: Path) -> None:
    own = {"occluded": False, "colour": "red"}
    label = read_annotation(tmp_path, {"bbox": [0, 0, 1, 1], "iscrowd": 1, "attributes": own})
    assert isinstance(label, Label)
    assert label.attributes == {"occluded": "false", "colour": "red", "iscrowd": "1"}
    plain = read_annotation(tmp_path, {"bbox": [0, 0, 1, 1], "iscrowd": 0})
    assert isinstance(plain, Label)
    assert plain.attributes is None


@pytest.mark.parametrize(
    ("counts", "detail"),
    [
        ("12", "expected runs of 6 pixels in a mask, got 3"),
        ("1 3", "expected a mask's counts in COCO's run-length code"),
        ("12o", "run-length code, it is cut off"),
        ("o" * 99, "run-length code"),
        ("7O", "expected runs of whole pixels in a mask"),
        ([7, -1], "expected runs of whole pixels in a mask"),
        ([5.5, 0.5], "expected runs of whole pixels in a mask"),
        (None, "expected a mask's counts as a list or as text"),
    ],
)
def test_a_mask_whose_runs_do_not_fill_it_is_a_fault(tmp_path: Path, counts: object, detail: str) -> None:
    mask = {"size": [2, 3], "counts": counts}
    fault = read_annotation(tmp_path, {"bbox": [0, 0, 3, 2], "segmentation": mask})
    assert isinstance(fault, LabelFault)
    assert detail in fault.detail


def code_of(mask: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """The mask as pycocotools writes it."""
    encoded = mask_codes.encode(np.asfortranarray(mask))
    counts = encoded["counts"]
    return {"size": encoded["size"], "counts": counts.decode() if isinstance(counts, bytes) else counts}


@given(st.lists(st.booleans(), min_size=12, max_size=12))
def test_the_runs_of_a_mask_that_pycocotools_wrote_fill_it(pixels: list[bool]) -> None:
    code = code_of(np.array(pixels, np.uint8).reshape(3, 4))
    with TemporaryDirectory() as folder:
        label = read_annotation(Path(folder), {"bbox": [0, 0, 3, 2], "segmentation": code})
    assert isinstance(label, Label)
    assert json.loads(str(label.mask)) == code


ANYTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 1, 2, 9, "1", "", " ", "dog", 1.0, 0.5, -1, 10**25]
) | st.sampled_from([[], {}, [[]], [1], [[1, 2]], [[1, "2"]]])
LISTS: st.SearchStrategy[Any] = st.sampled_from(
    [[SQUARE], [SQUARE, SQUARE], [SQUARE, []], [[*SQUARE, 1]], [[[1]]], [1, 2, 3, 4.5], [[1], 2]]
)
ANNOTATION = st.fixed_dictionaries(
    {"image_id": st.sampled_from([1, "1", 2, 9]) | ANYTHING},
    optional={
        "id": st.integers(0, 5) | ANYTHING,
        "category_id": st.sampled_from([3, 90, "90", 4]) | ANYTHING,
        "bbox": st.just([1, 2, 3, 4]) | LISTS | ANYTHING,
        "segmentation": st.just([SQUARE]) | LISTS | ANYTHING,
        "caption": st.just("a \u00eb dog, [1]") | ANYTHING,
        "score": st.just(0.5) | ANYTHING,
        "iscrowd": ANYTHING,
        "keypoints": LISTS | ANYTHING,
        "num_keypoints": ANYTHING,
        "attributes": ANYTHING,
        "segments_info": ANYTHING,
        "more": ANYTHING | LISTS,
    },
)


@given(annotations=st.lists(ANNOTATION | ANYTHING, max_size=6), indent=st.sampled_from([None, 1]))
@settings(max_examples=100, deadline=None)
def test_a_block_reads_as_its_annotations_one_by_one(annotations: list[Any], indent: int | None) -> None:
    images = [
        {"id": 1, "file_name": "a.jpg"},
        {"id": 2, "file_name": "b.jpg"},
        {"id": 2, "file_name": "c.jpg"},
    ]
    categories = [{"id": 3, "name": "cat", "isthing": 1}, {"id": 90, "name": "dog"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    with TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        folder = Path(temporary)
        (folder / "coco.json").write_text(json.dumps(content, indent=indent), encoding="utf-8")
        at_once = read_export(folder, EXPORT)
        patch.setattr(coco, "decode_block", lambda text: None)
        assert at_once == read_export(folder, EXPORT)
        negatives = [one for one in at_once if isinstance(one, Label) and one.native_id.startswith("images/")]
        assert len(at_once) - len(negatives) == len(annotations)


def panoptic(folder: Path, segments: list[Any], file_name: str = "a.png") -> list[Label | LabelFault]:
    """What a picture of 3 x 2 pixels, 1, 1, 70000 / 0, 1, 70000, becomes with these segments."""
    ids = np.array([[1, 1, 70_000], [0, 1, 70_000]])
    colours = np.stack([ids % 256, ids // 256 % 256, ids // 65_536], axis=-1).astype(np.uint8)
    (folder / "panoptic").mkdir(exist_ok=True)
    Image.fromarray(colours).save(folder / "panoptic" / "a.png")
    categories = [{"id": 1, "name": "dog", "isthing": 1}, {"id": 92, "name": "sky", "isthing": 0}]
    annotation = {"image_id": 139, "file_name": file_name, "segments_info": segments}
    images = [{"id": 139, "file_name": "a.jpg", "width": 3, "height": 2}]
    content = {"images": images, "annotations": [annotation], "categories": categories}
    write_json(folder / "panoptic.json", content)
    return read_export(folder, LabelExport("coco", "panoptic.json"))


def test_each_panoptic_segment_is_a_label_with_the_mask_of_its_colour(tmp_path: Path) -> None:
    segments = [
        {"id": 1, "category_id": 1, "bbox": [0, 0, 2, 2], "area": 3, "iscrowd": 0},
        {"id": 70_000, "category_id": 92, "area": 2, "iscrowd": 0},
    ]
    dog, sky = panoptic(tmp_path, segments)
    assert isinstance(dog, Label)
    assert isinstance(sky, Label)
    assert (dog.native_id, dog.media, dog.task, dog.label) == ("139-1", "a.jpg", "segmentation", "dog")
    assert (dog.origin, dog.attributes) == ("panoptic.json#139-1", {"isthing": "1"})
    assert (sky.native_id, sky.label, sky.attributes) == ("139-70000", "sky", {"isthing": "0"})
    assert (sky.x, sky.y, sky.width, sky.height) == (2.0, 0.0, 1.0, 2.0)
    assert json.loads(str(dog.mask)) == code_of(np.array([[1, 1, 0], [0, 1, 0]], np.uint8))


@pytest.mark.parametrize(
    ("segments", "file_name", "reasons"),
    [
        ([{"id": 1, "category_id": 1}], "a.png", {"139-70000": Reason.MALFORMED}),
        ([{"id": 5, "category_id": 1}], "a.png", {"139-5": Reason.ZERO_AREA}),
        ([{"id": 1, "category_id": 7}], "a.png", {"139-1": Reason.UNKNOWN_CATEGORY}),
        ([{"id": "1", "category_id": 1}, 5], "a.png", {"139-segments_info[1]": Reason.MALFORMED}),
        ([], "gone.png", {"annotations[0]": Reason.FILE_MISSING}),
        ([], "../panoptic.json", {"annotations[0]": Reason.UNREADABLE}),
        ([], "../../../../etc/hostname", {"annotations[0]": Reason.FILE_MISSING}),
        ([], "", {"annotations[0]": Reason.MALFORMED}),
    ],
)
def test_a_panoptic_segment_that_cannot_be_is_a_fault(
    tmp_path: Path, segments: list[Any], file_name: str, reasons: dict[str, Reason]
) -> None:
    outcomes = panoptic(tmp_path, segments, file_name)
    faults = {outcome.native_id: outcome.reason for outcome in outcomes if isinstance(outcome, LabelFault)}
    assert reasons.items() <= faults.items()


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


DOG, CAT = (f'"categories": [{{"id": 5, "name": "{name}"}}]' for name in ("dog", "cat"))


@pytest.mark.parametrize(
    "end",
    [
        f"{DOG}}}",
        f'"info": {{"a": 1, {CAT}}}, {DOG}}}',
        f'{DOG}, "info": {{"a": 1, {CAT}}}}}',
        f'{DOG}, "a": "b,\\"categories\\": []}}"}}',
        f'{DOG}, "a": "\\\\,", "b\\{CAT}}}',
    ],
)
@pytest.mark.parametrize("end_bytes", [1, 50, 4_000_000])
def test_categories_are_found_after_the_annotations_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, end_bytes: int
) -> None:
    monkeypatch.setattr(coco_tables, "_END_BYTES", end_bytes)
    annotation = '{"id": 1, "image_id": 1, "category_id": 5, "bbox": [0, 0, 1, 1]}'
    images = '{"images": [{"id": 1, "file_name": "a.jpg"}], '
    (tmp_path / "coco.json").write_text(f'{images} "annotations": [{annotation}], {end}')
    (label,) = labels_of(tmp_path, EXPORT)
    assert label.label == "dog"


def test_categories_that_are_given_twice_are_an_error(tmp_path: Path) -> None:
    text = '{"images": [], "annotations": [], "categories": [], "categories": [{"id": 1, "name": "a"}]}'
    (tmp_path / "coco.json").write_text(text)
    with pytest.raises(LabelFormatError, match="the key 'categories' is there twice"):
        read_export(tmp_path, EXPORT)
