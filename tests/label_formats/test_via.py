import json
import math
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import ViaExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import read_export, write_json


def read_regions(folder: Path, *regions: Any, **picture: Any) -> list[Any]:
    record = {"filename": "a.jpg", "size": 1, "regions": list(regions), "file_attributes": {}, **picture}
    write_json(folder / "via.json", {"a.jpg1": record})
    return read_export(folder, ViaExport("via", "via.json", "class"))


def a_region(shape: Any, **said: Any) -> dict[str, Any]:
    return {"shape_attributes": shape, "region_attributes": {"class": "cat"} | said}


def read_project(
    folder: Path, *metadata: Any, attributes: Any = None, shown: tuple[str, ...] = ("1",)
) -> list[Any]:
    project = {
        "project": {"pid": "p"},
        "attribute": attributes or {"1": {"aname": "class", "type": 1, "options": {}}},
        "file": {"1": {"fid": "1", "fname": "talk.wav", "type": 8, "loc": 1, "src": ""}},
        "view": {"1": {"fid_list": list(shown)}},
        "metadata": {f"1_{number}": one for number, one in enumerate(metadata)},
    }
    write_json(folder / "via.json", project)
    return read_export(folder, ViaExport("via", "via.json", "class"))


def said_of(z: Any, xy: Any, vid: str = "1", **av: Any) -> dict[str, Any]:
    return {
        "vid": vid,
        "flg": 0,
        "z": z,
        "xy": xy,
        "av": {"1": "cat"} | {key.lstrip("_"): value for key, value in av.items()},
    }


def place_of(label: Any) -> tuple[float | None, ...]:
    assert isinstance(label, Label), label
    return label.x, label.y, label.width, label.height, label.rotation


SHAPES = [
    (
        {"name": "rect", "x": 1, "y": 2.5, "width": 3, "height": 4},
        [2, 1, 2.5, 3, 4],
        "detection",
        (1.0, 2.5, 3.0, 4.0, None),
    ),
    (
        {"name": "circle", "cx": 10, "cy": 9, "r": 2.5},
        [3, 10, 9, 2.5],
        "detection",
        (7.5, 6.5, 5.0, 5.0, None),
    ),
    (
        {"name": "ellipse", "cx": 10, "cy": 9, "rx": 4, "ry": 2},
        [4, 10, 9, 4, 2],
        "detection",
        (6.0, 7.0, 8.0, 4.0, None),
    ),
    ({"name": "point", "cx": 1, "cy": 2}, [1, 1, 2], "keypoints", (1.0, 2.0, None, None, None)),
    (
        {"name": "polyline", "all_points_x": [1, 3], "all_points_y": [2, 4]},
        [6, 1, 2, 3, 4],
        "keypoints",
        (None,) * 5,
    ),
    (
        {"name": "polygon", "all_points_x": [1, 3, 3], "all_points_y": [2, 2, 5]},
        [7, 1, 2, 3, 2, 3, 5],
        "segmentation",
        (1.0, 2.0, 2.0, 3.0, None),
    ),
]


@pytest.mark.parametrize(("two", "three", "task", "place"), SHAPES)
def test_the_shapes_of_via_2_and_3_are_the_same_labels(
    tmp_path: Path, two: Any, three: Any, task: str, place: tuple[float | None, ...]
) -> None:
    (first,) = read_regions(tmp_path, a_region(two, **{"class": "cat"}))
    (second,) = read_project(tmp_path, said_of([], three, _1="cat"))
    for label in (first, second):
        assert (label.task, label.label, place_of(label)) == (task, "cat", place)
    assert (first.polygon, first.keypoints, first.attributes) == (
        second.polygon,
        second.keypoints,
        second.attributes,
    )
    assert (first.media, second.media) == ("a.jpg", "talk.wav")


def test_an_ellipse_is_turned_by_radians_about_its_centre(tmp_path: Path) -> None:
    shape = {"name": "ellipse", "cx": 10, "cy": 9, "rx": 4, "ry": 2, "theta": math.pi / 2}
    (label,) = read_regions(tmp_path, a_region(shape))
    assert place_of(label) == (12.0, 5.0, 8.0, 4.0, 90.0)
    assert (label.label, label.attributes) == ("cat", {"shape": "ellipse"})


def test_the_attribute_that_is_named_is_the_class_and_a_check_box_may_be_several(tmp_path: Path) -> None:
    point = {"name": "point", "cx": 1, "cy": 2}
    said = {
        "class": {"cat": True, "dog": False, "pet": True},
        "size": "big",
        "note": "",
        "ears": {"l": True, "r": True},
    }
    cat, pet = read_regions(tmp_path, a_region(point, **said))
    assert [(label.native_id, label.label) for label in (cat, pet)] == [
        ("a.jpg1/1/cat", "cat"),
        ("a.jpg1/1/pet", "pet"),
    ]
    assert cat.attributes == pet.attributes == {"size": "big", "ears": "l, r"}
    assert cat.origin == "via.json#a.jpg1/1"


def test_what_is_said_of_a_picture_is_a_classification_and_nothing_is_said_of_others(tmp_path: Path) -> None:
    (label,) = read_regions(tmp_path, file_attributes={"class": "indoor", "caption": "a room"})
    assert label == Label(
        "a.jpg1", "a.jpg", "classification", "via.json#a.jpg1", "indoor", attributes={"caption": "a room"}
    )
    (fault,) = read_regions(tmp_path, file_attributes={"caption": "a room"})
    assert (fault.reason, fault.detail) == (
        Reason.UNSUPPORTED_LABEL,
        "it is said of the whole file, and no 'class' is among it",
    )
    assert read_regions(tmp_path, file_attributes={"caption": ""}) == []


def test_regions_may_be_a_mapping_and_the_project_may_be_around_the_pictures(tmp_path: Path) -> None:
    region = a_region({"name": "point", "cx": 1, "cy": 2}, **{"class": "cat"})
    record = {"filename": "a.jpg", "regions": {"0": region}}
    write_json(tmp_path / "via.json", {"_via_settings": {}, "_via_img_metadata": {"k": record}})
    (label,) = read_export(tmp_path, ViaExport("via", "via.json", "class"))
    assert (label.native_id, isinstance(label, Label)) == ("k/1", True)


def test_a_csv_is_read_as_the_json_is(tmp_path: Path) -> None:
    rows = [
        "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes",
        r'a.jpg,1,"{""class"":""indoor""}",2,0,"{""name"":""rect"",""x"":1,""y"":2,""width"":3,""height"":4}",'
        r'"{""class"":""cat""}"',
        r'a.jpg,1,"{""class"":""indoor""}",2,1,"{""name"":""point"",""cx"":1,""cy"":2}","{""class"":""eye""}"',
        'b.jpg,1,"{}",0,0,"{}","{}"',
        'b.jpg,1,"{}",1,0,"{","{}"',
        ',1,"{}",1,0,"{}","{}"',
        f'c.jpg,1,"{{}}",1,0,"{"[" * 100_000}","{{}}"',
    ]
    for mark in ("", "#"):
        (tmp_path / "via.csv").write_text(mark + "\n".join(rows) + "\n")
        outcomes = read_export(tmp_path, ViaExport("via", "via.csv", "class"))
        labels = [outcome for outcome in outcomes if isinstance(outcome, Label)]
        assert [(label.native_id, label.task, label.label, label.media) for label in labels] == [
            ("2/file", "classification", "indoor", "a.jpg"),
            ("2", "detection", "cat", "a.jpg"),
            ("3", "keypoints", "eye", "a.jpg"),
        ]
        assert place_of(labels[1]) == (1.0, 2.0, 3.0, 4.0, None)
        faults = [outcome for outcome in outcomes if isinstance(outcome, LabelFault)]
        assert [(fault.native_id, fault.reason) for fault in faults] == [
            ("5", Reason.MALFORMED),
            ("6", Reason.MALFORMED),
            ("7", Reason.MALFORMED),
        ]


@pytest.mark.parametrize(
    ("z", "xy", "task", "span"),
    [
        ([1.25, 2.5], [], "event", (1_250_000_000, 2_500_000_000)),
        ([0.1, 0.30000001], [], "event", (100_000_000, 300_000_010)),
        ([7.2], [2, 10, 20, 40, 50], "detection", (7_200_000_000, 7_200_000_000)),
        ([7.2, 11.6], [2, 10, 20, 40, 50], "detection", (7_200_000_000, 11_600_000_000)),
        ([3], [], "event", (3_000_000_000, 3_000_000_000)),
        ([], [], "classification", (None, None)),
    ],
)
def test_seconds_become_exact_nanoseconds_with_and_without_a_place(
    tmp_path: Path, z: Any, xy: Any, task: str, span: tuple[int | None, int | None]
) -> None:
    (label,) = read_project(tmp_path, said_of(z, xy, _1="cat"))
    assert (label.task, label.label, (label.start_ns, label.end_ns)) == (task, "cat", span)
    assert (label.native_id, label.origin, label.clock) == ("1_0", "via.json#1_0", None)


def test_options_are_shown_as_their_names(tmp_path: Path) -> None:
    attributes = {
        "1": {"aname": "class", "type": 4, "options": {"0": "cat", "1": "dog"}},
        "2": {"aname": "colours", "type": 2, "options": {"r": "red", "g": "green"}},
        "3": {"aname": "note", "type": 1, "options": {}},
    }
    (label,) = read_project(
        tmp_path, said_of([1], [], _1="1", _2="r,g", _3="x", _9="?"), attributes=attributes
    )
    assert label.label == "dog"
    assert label.attributes == {"colours": "red, green", "note": "x", "9": "?"}


@pytest.mark.parametrize(
    ("metadata", "reason", "detail"),
    [
        (5, Reason.MALFORMED, "expected an object"),
        (said_of([1, 2, 3], []), Reason.UNSUPPORTED_LABEL, "a time of 3 numbers"),
        (said_of(["1"], []), Reason.MALFORMED, "expected a number 'z'"),
        (said_of([1], [], vid="7"), Reason.MALFORMED, "expected an object, got nothing"),
        (said_of([], [8, 1, 2, 3, 4, 5, 6, 7, 8]), Reason.UNSUPPORTED_LABEL, "an extreme rectangle of VIA"),
        (said_of([], [99, 1]), Reason.MALFORMED, "from 1 to 9, got 99"),
        (said_of([], ["2", 1]), Reason.MALFORMED, "from 1 to 9"),
        (said_of([], [2, 1, 2, 3]), Reason.MALFORMED, "expected 4 numbers of a rect, got 3"),
        (said_of([], [7, 1, 2, 3]), Reason.MALFORMED, "an even number of numbers of a polygon"),
        (said_of([], [7, 1, 2, 3, 4]), Reason.MALFORMED, "at least 3 points"),
        (said_of([], [1, 1, 2], _1=[1]), Reason.MALFORMED, "expected an attribute as text, got list"),
    ],
)
def test_metadata_that_cannot_be_a_label_are_a_fault(
    tmp_path: Path, metadata: Any, reason: Reason, detail: str
) -> None:
    fault, label = read_project(tmp_path, metadata, said_of([1], []))
    assert isinstance(fault, LabelFault)
    assert isinstance(label, Label)
    assert (fault.native_id, fault.reason) == ("1_0", reason)
    assert detail in fault.detail


def test_a_view_of_two_files_does_not_say_which_is_meant(tmp_path: Path) -> None:
    (fault,) = read_project(tmp_path, said_of([1], []), shown=("1", "2"))
    assert isinstance(fault, LabelFault)
    assert (fault.reason, "shows 2 files" in fault.detail) == (Reason.UNSUPPORTED_LABEL, True)


@pytest.mark.parametrize(
    ("region", "detail"),
    [
        (5, "expected an object, got int"),
        (a_region({}), "expected a shape, it is empty"),
        (a_region({"name": "cube"}), "a shape 'cube' of VIA is not read"),
        (a_region({"name": "rect", "x": 1, "y": 2, "width": 3}), "expected a number 'height'"),
        (a_region({"name": "polygon", "all_points_x": [1], "all_points_y": []}), "as many x as y"),
        (a_region({"name": "point", "cx": True, "cy": 1}), "expected a number 'cx'"),
    ],
)
def test_a_region_that_cannot_be_a_label_is_a_fault(tmp_path: Path, region: Any, detail: str) -> None:
    fault, label = read_regions(tmp_path, region, a_region({"name": "point", "cx": 1, "cy": 2}))
    assert isinstance(fault, LabelFault)
    assert isinstance(label, Label)
    assert fault.native_id == "a.jpg1/1"
    assert detail in fault.detail


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "[]", "expected an object, got a list"),
        ("a.json", '{"images": []}', "this is neither"),
        ("a.json", json.dumps({"_via_img_metadata": []}), "this is neither"),
        ("a.json", "{", "not JSON"),
        ("a.csv", "filename,label\na.jpg,cat\n", "expected VIA's columns"),
    ],
)
def test_what_is_no_export_of_via_is_an_error(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(LabelFormatError, match=message):
        read_export(tmp_path, ViaExport("via", name, "class"))


def test_an_attribute_that_no_region_has_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    point = {"name": "point", "cx": 1, "cy": 2}
    region = {"shape_attributes": point, "region_attributes": {"klass": "cat", "size": "big"}}
    (fault,) = read_regions(tmp_path, region)
    assert (fault.reason, fault.detail) == (
        Reason.NO_CLASS,
        "nothing in the export has the attribute 'class'; expected one of ['klass', 'size']."
        " Did you mean 'klass'?",
    )
    unset, _ = read_regions(tmp_path, a_region(point, **{"class": ""}), a_region(point))
    assert (unset.reason, unset.detail) == (Reason.NO_CLASS, "the attribute 'class' is not set")
