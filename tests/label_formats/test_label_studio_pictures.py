import json
import math
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.label import Label, LabelFault
from tasks.core.rejects import Reason
from tasks.label_formats.reading.label_studio_brush import decode_alpha
from tests.label_formats.label_studio_tasks import (
    BOX,
    labels_in,
    only_fault,
    only_label,
    read_results,
    result,
)

LENGTH_BITS = (3, 4, 8, 16)


def encoded(values: list[int]) -> list[int]:
    """The values in Label Studio's code: a repeated value as a run of its own, the others one by one."""
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{bits - 1:04b}" for bits in LENGTH_BITS)
    for value, run in groupby(values):
        length = len(list(run))
        kind = next(n for n, size in enumerate(LENGTH_BITS) if length <= 2**size)
        bits += f"{length > 1:b}{kind:02b}{length - 1:0{LENGTH_BITS[kind]}b}{value:08b}"
    bits += "0" * (-len(bits) % 8)
    return [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]


def literal(values: list[int]) -> list[int]:
    """The values one after the other as a single run that does not repeat."""
    bits = f"{len(values):032b}{7:05b}" + "".join(f"{bits - 1:04b}" for bits in LENGTH_BITS)
    bits += f"0{3:02b}{len(values) - 1:016b}" + "".join(f"{value:08b}" for value in values)
    bits += "0" * (-len(bits) % 8)
    return [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]


def painted(rows: list[list[int]], colour: tuple[int, int, int] = (255, 0, 0)) -> list[int]:
    return [value for row in rows for alpha in row for value in (*colour, alpha)]


def brush(code: list[Any], width: int, height: int) -> dict[str, Any]:
    value = {"format": "rle", "rle": code, "brushlabels": ["road"]}
    return result("brushlabels", value, original_width=width, original_height=height)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools' decode
@pytest.mark.parametrize("encode", [encoded, literal])
def test_a_painted_mask_becomes_a_mask_of_coco_where_its_alpha_is_not_0(tmp_path: Path, encode: Any) -> None:
    from pycocotools import mask as coco_masks

    rows = [[0, 0, 0, 0], [0, 255, 1, 0], [0, 0, 128, 0]]
    label = only_label(read_results(tmp_path, brush(encode(painted(rows)), 4, 3)))
    assert (label.task, label.label, label.x, label.y, label.width, label.height) == (
        *("segmentation", "road"),
        *(1.0, 1.0, 2.0, 2.0),
    )
    mask = json.loads(label.mask or "")
    assert mask["size"] == [3, 4]
    decoded = coco_masks.decode({"size": [3, 4], "counts": mask["counts"].encode()})
    assert decoded.tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]]


@given(alphas=st.lists(st.sampled_from([0, 0, 0, 1, 77, 255]), min_size=1, max_size=60), runs=st.booleans())
def test_every_mask_that_is_encoded_comes_back(alphas: list[int], *, runs: bool) -> None:
    code = (encoded if runs else literal)(painted([alphas], (9, 9, 8)))
    assert decode_alpha(code, (float(len(alphas)), 1.0)).tolist() == [[int(alpha > 0) for alpha in alphas]]


def test_a_large_mask_of_long_runs_comes_back() -> None:
    code = encoded([0] * 4 * 64 * 64 + [7] * 4 * 64 * 64)
    mask = decode_alpha(code, (64.0, 128.0))
    assert (int(mask[:64].sum()), int(mask[64:].sum())) == (0, 64 * 64)


@pytest.mark.parametrize(
    ("code", "reason", "detail"),
    [
        (encoded(painted([[0, 0]])), Reason.ZERO_AREA, "no pixel of the mask is painted"),
        (encoded(painted([[9]])), Reason.MALFORMED, "expected 8 values in the rle, 4 of each pixel, got 4"),
        (encoded(painted([[9, 0]]))[:-2], Reason.MALFORMED, "the rle ends before its mask is full"),
        ([0, 0], Reason.MALFORMED, "the rle ends before its mask is full"),
        ([], Reason.MALFORMED, "the rle ends before its mask is full"),
        ([0, 300], Reason.MALFORMED, "whole numbers from 0 to 255"),
        (["a"], Reason.MALFORMED, "whole numbers from 0 to 255"),
        ([0, 0, 0, 8, 0, 0, 0, 0, 0], Reason.MALFORMED, "expected values of 8 bits in the rle, got 1"),
    ],
)
def test_a_mask_that_cannot_be_decoded_is_a_fault(
    tmp_path: Path, code: list[Any], reason: Reason, detail: str
) -> None:
    fault = only_fault(read_results(tmp_path, brush(code, 2, 1)))
    assert (fault.native_id, fault.reason) == ("5/r", reason)
    assert detail in fault.detail


@given(st.binary(max_size=80))
def test_no_bytes_hurt_the_decoder(code: bytes) -> None:
    with suppress(ValueError):
        assert decode_alpha([0, 0, 0, 16, 56, *code], (2.0, 2.0)).shape == (2, 2)


def test_a_mask_larger_than_any_picture_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    fault = only_fault(read_results(tmp_path, brush([0] * 16, 1_000_000, 1_000_000)))
    assert "expected a mask of at most 100000000 pixels" in fault.detail


def test_an_ellipse_becomes_the_rectangle_around_it(tmp_path: Path) -> None:
    value = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "ellipselabels": ["cat"]}
    label = only_label(read_results(tmp_path, result("ellipselabels", value)))
    assert (label.task, label.x, label.y, label.width, label.height, label.rotation) == (
        *("detection", 80.0, 40.0, 40.0, 20.0),
        0.0,
    )
    assert label.attributes == {"shape": "ellipse"}


def test_a_turned_ellipse_keeps_its_centre_and_its_turn(tmp_path: Path) -> None:
    value = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "rotation": 90, "ellipselabels": ["cat"]}
    label = only_label(read_results(tmp_path, result("ellipselabels", value)))
    # Turned by 90 degrees about its top left corner the rectangle reaches left and down of it.
    assert (label.width, label.height, label.rotation) == (40.0, 20.0, 90.0)
    assert math.isclose(label.x or 0, 110.0)
    assert math.isclose(label.y or 0, 30.0)


@pytest.mark.parametrize(
    ("kind", "value", "answers"),
    [
        ("rating", {"rating": 4}, ["4"]),
        ("number", {"number": 2.5}, ["2.5"]),
        ("datetime", {"datetime": "2024-05-01"}, ["2024-05-01"]),
        ("taxonomy", {"taxonomy": [["Eukarya", "Human"], ["Archaea"]]}, ["Eukarya > Human", "Archaea"]),
        ("choices", {"choices": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_answers_are_classifications_by_their_control(
    tmp_path: Path, kind: str, value: dict[str, Any], answers: list[str]
) -> None:
    labels = labels_in(read_results(tmp_path, result(kind, value)))
    assert [label.label for label in labels] == answers
    assert {(label.task, label.question, label.x) for label in labels} == {
        ("classification", "control", None)
    }


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("rating", {"rating": None}),
        ("number", {"number": True}),
        ("number", {}),
        ("datetime", {"datetime": ""}),
        ("taxonomy", {"taxonomy": ["Archaea"]}),
        ("taxonomy", {"taxonomy": [[]]}),
    ],
)
def test_an_answer_that_is_none_is_malformed(tmp_path: Path, kind: str, value: dict[str, Any]) -> None:
    assert only_fault(read_results(tmp_path, result(kind, value))).reason is Reason.MALFORMED


def test_every_result_of_a_broken_region_is_a_fault(tmp_path: Path) -> None:
    broken = {**BOX, "x": None}
    box = result("rectanglelabels", {**broken, "rectanglelabels": ["cat"]})
    choice = result("choices", {**broken, "choices": ["x"]})
    assert [outcome.native_id for outcome in read_results(tmp_path, box, choice)] == ["5/r", "5/r/choices"]


def test_a_drawn_label_without_a_place_is_malformed(tmp_path: Path) -> None:
    fault = only_fault(read_results(tmp_path, result("rectanglelabels", {"rectanglelabels": ["cat"]})))
    assert (fault.reason, fault.detail) == (
        Reason.MALFORMED,
        "expected the place of a result of type 'rectanglelabels'",
    )


def test_a_point_that_was_drawn_into_a_box_refers_to_it(tmp_path: Path) -> None:
    point = {"x": 10, "y": 10, "keypointlabels": ["nose"]}
    nose = result("keypointlabels", point, id="nose", parentID="r")
    stray = result("keypointlabels", point, id="stray", parentID="gone")
    box = result("rectanglelabels", {**BOX, "rectanglelabels": ["cat"]})
    labels = labels_in(read_results(tmp_path, nose, stray, box))
    assert [(label.native_id, label.refers_to) for label in labels] == [
        ("5/nose", ["5/r"]),
        ("5/stray", None),
        ("5/r", None),
    ]


def relation(begin: object, end: object, **fields: Any) -> dict[str, Any]:
    return {"type": "relation", "from_id": begin, "to_id": end, **fields}


def test_a_relation_refers_to_the_labels_of_its_two_regions(tmp_path: Path) -> None:
    cat = result("rectanglelabels", {**BOX, "rectanglelabels": ["cat"]}, id="a")
    mat = result("rectanglelabels", {**BOX, "rectanglelabels": ["mat"]}, id="b")
    sits = relation("a", "b", direction="right", labels=["sits on", "likes"])
    _, _, *relations = labels_in(read_results(tmp_path, sits, cat, mat, relation("b", "a")))
    assert [(one.native_id, one.label, one.refers_to, one.attributes) for one in relations] == [
        ("5/relation/a/b", "sits on", ["5/a", "5/b"], {"direction": "right"}),
        ("5/relation/a/b/2", "likes", ["5/a", "5/b"], {"direction": "right"}),
        ("5/relation/b/a", None, ["5/b", "5/a"], None),
    ]
    assert {(one.task, one.media, one.annotator) for one in relations} == {("relation", "a.jpg", "3")}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (relation("r", "gone"), Reason.LABEL_NOT_FOUND),
        (relation("r", None), Reason.MALFORMED),
        (relation("r", "r", labels="on"), Reason.MALFORMED),
        (relation("r", "r", labels=[1]), Reason.MALFORMED),
    ],
)
def test_a_relation_without_its_regions_is_a_fault(
    tmp_path: Path, broken: dict[str, Any], reason: Reason
) -> None:
    choice = result("choices", {"choices": ["x"]})
    label, fault = read_results(tmp_path, choice, broken)
    assert isinstance(label, Label)
    assert isinstance(fault, LabelFault)
    assert fault.reason is reason
