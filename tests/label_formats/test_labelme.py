import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_masks

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import LabelExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import read_export, write_json

SIZE: dict[str, Any] = {"stated_width": 5.0, "stated_height": 4.0}


def read_file(folder: Path, *shapes: Any, **content: Any) -> list[Any]:
    given = {"imagePath": "a.jpg", "imageWidth": 5, "imageHeight": 4, "shapes": list(shapes), **content}
    write_json(folder / "ann" / "a.json", given)
    return read_export(folder, LabelExport("labelme", "ann/a.json"), ())


def a_shape(kind: str | None, *points: Any, **more: Any) -> dict[str, Any]:
    return {"label": "cat", "shape_type": kind, "points": list(points), **more}


def place_of(label: Any) -> tuple[float | None, ...]:
    assert isinstance(label, Label), label
    return label.x, label.y, label.width, label.height, label.rotation


def png(rows: list[str]) -> str:
    filled = np.array([[255 * (cell == "#") for cell in row] for row in rows], dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(filled).convert("1").save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


@pytest.mark.parametrize(
    ("shape", "task", "place"),
    [
        (a_shape("rectangle", [384.1, 48], [64.3, 288]), "detection", (64.3, 48.0, 319.8, 240.0, None)),
        (a_shape("circle", [10, 10], [13, 14]), "detection", (5.0, 5.0, 10.0, 10.0, None)),
        (a_shape("polygon", [0, 0], [4, 0], [4, 2.5]), "segmentation", (0.0, 0.0, 4.0, 2.5, None)),
        (a_shape(None, [0, 0], [4, 0], [4, 2]), "segmentation", (0.0, 0.0, 4.0, 2.0, None)),
        (a_shape("point", [1, 2]), "keypoints", (1.0, 2.0, None, None, None)),
        (a_shape("line", [1, 2], [3, 4]), "keypoints", (None,) * 5),
        (a_shape("linestrip", [1, 2], [3, 4], [5, 6]), "keypoints", (None,) * 5),
        (a_shape("points", [1, 2], [3, 4]), "keypoints", (None,) * 5),
        (
            a_shape("oriented_rectangle", [10, 0], [10, 20], [0, 20], [0, 0]),
            "detection",
            (10.0, 0.0, 20.0, 10.0, 90.0),
        ),
    ],
)
def test_every_shape_has_its_task_and_its_place(
    tmp_path: Path, shape: dict[str, Any], task: str, place: tuple[float | None, ...]
) -> None:
    (label,) = read_file(tmp_path, shape)
    assert (label.task, label.label, label.native_id, label.origin) == (task, "cat", "1", "ann/a.json#1")
    assert place_of(label) == place
    assert len(label.keypoints or []) == (len(shape["points"]) if task == "keypoints" else 0)


def test_an_oriented_rectangle_begins_at_its_first_corner_whatever_its_turn(tmp_path: Path) -> None:
    for degrees in range(0, 360, 7):
        turn = np.radians(degrees)
        right, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        corners = [
            np.array([50.0, 60.0]) + a * right + b * down for a, b in ((0, 0), (20, 0), (20, 8), (0, 8))
        ]
        (label,) = read_file(
            tmp_path, a_shape("oriented_rectangle", *(corner.tolist() for corner in corners))
        )
        assert place_of(label)[:4] == pytest.approx((50, 60, 20, 8))
        assert (label.rotation or 0.0) % 360 == pytest.approx(degrees)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(("left", "top"), [(0, 0), (2, 1)])
def test_a_mask_lies_between_its_corners_both_of_which_are_in_it(tmp_path: Path, left: int, top: int) -> None:
    rows = ["##.", ".##", "..#"]
    (label,) = read_file(tmp_path, a_shape("mask", [left, top], [left + 2, top + 2], mask=png(rows)))
    whole = np.zeros((4, 5), dtype=bool)
    whole[top : top + 3, left : left + 3] = [[cell == "#" for cell in row] for row in rows]
    written = json.loads(label.mask)
    assert (coco_masks.decode(coco_masks.frPyObjects(written, 4, 5)) == whole).all()
    assert (label.task, place_of(label)) == ("segmentation", (left, top, 3.0, 3.0, None))


def bomb() -> str:
    """A PNG of a hundred bytes that claims to be 60,000 x 60,000 pixels."""
    header = struct.pack(">II5B", 60_000, 60_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    coded = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + coded).decode()


@pytest.mark.parametrize(
    ("shape", "reason", "detail"),
    [
        (5, Reason.MALFORMED, "expected an object"),
        (a_shape("polygon", [0, 0], [1, 1]), Reason.MALFORMED, "at least 3 points, got 2"),
        (a_shape("rectangle", [0, 0]), Reason.MALFORMED, "expected 2 points of a rectangle, got 1"),
        (a_shape("rectangle", [0, 0], [1, "1"]), Reason.MALFORMED, "expected a number 'points'"),
        (a_shape("rectangle", [0, 0], [1]), Reason.MALFORMED, "expected points as [x, y]"),
        (a_shape("point", [10**400, 0]), Reason.MALFORMED, "expected a finite number"),
        (a_shape("line", [0, 0]), Reason.MALFORMED, "expected 2 points of a line"),
        (a_shape("linestrip", [0, 0]), Reason.MALFORMED, "at least 2 points"),
        (a_shape("cube", [0, 0]), Reason.UNSUPPORTED_LABEL, "a shape 'cube' is not read"),
        (
            {**a_shape("point", [0, 0]), "shape_type": ["x"]},
            Reason.MALFORMED,
            "expected a shape_type as text",
        ),
        ({**a_shape("point", [0, 0]), "label": ""}, Reason.MALFORMED, "expected a text 'label'"),
        (a_shape("mask", [0, 0], [1, 1]), Reason.MALFORMED, "expected a text 'mask'"),
        (a_shape("mask", [0, 0], [1, 1], mask="@@"), Reason.MALFORMED, "the mask cannot be decoded"),
        (a_shape("mask", [0, 0], [1, 1], mask="AAAA"), Reason.MALFORMED, "the mask cannot be decoded"),
        (a_shape("mask", [0, 0], [1, 1], mask=bomb()), Reason.MALFORMED, "the mask cannot be decoded"),
        (a_shape("mask", [0, 0], [1, 1], mask=png(["#"])), Reason.MALFORMED, "a mask of 2 x 2 pixels"),
        (a_shape("mask", [9, 9], [9, 9], mask=png(["#"])), Reason.MALFORMED, "leads out of a picture"),
        (
            a_shape("mask", [0, 0], [0, 0], mask=png(["."])),
            Reason.ZERO_AREA,
            "no pixel of the mask is filled",
        ),
    ],
)
def test_a_shape_that_cannot_be_a_label_is_a_fault(
    tmp_path: Path, shape: Any, reason: Reason, detail: str
) -> None:
    fault, label = read_file(tmp_path, shape, a_shape("point", [0, 0]))
    assert isinstance(fault, LabelFault)
    assert isinstance(label, Label)
    assert (fault.native_id, fault.origin, fault.reason) == ("1", "ann/a.json#1", reason)
    assert detail in fault.detail


def test_flags_of_the_picture_are_classes_and_those_of_a_shape_are_attributes(tmp_path: Path) -> None:
    shape = a_shape(
        "circle", [5, 5], [6, 5], group_id=0, description="left", flags={"sure": True, "old": False}
    )
    found, flag = read_file(tmp_path, shape, flags={"outdoor": True, "night": False})
    assert found.attributes == {
        **{"group_id": "0", "description": "left", "shape": "circle"},
        **{"flag.sure": "true", "flag.old": "false"},
    }
    origin = "ann/a.json#flag outdoor"
    assert flag == Label("flag outdoor", "ann/a.jpg", "classification", origin, "outdoor", **SIZE)


def test_a_file_without_shapes_is_a_declared_negative_unless_a_flag_is_set(tmp_path: Path) -> None:
    (negative,) = read_file(tmp_path, flags={"outdoor": False})
    declared = {"attributes": {"negative": "true"}, **SIZE}
    assert negative == Label("0", "ann/a.jpg", "detection", "ann/a.json#0", **declared)
    (label,) = read_file(tmp_path, flags={"outdoor": True})
    assert label.task == "classification"


@pytest.mark.parametrize(
    ("written", "media"),
    [
        ("a.jpg", "ann/a.jpg"),
        ("../images/a.jpg", "images/a.jpg"),
        ("..\\images\\a.jpg", "images/a.jpg"),
        ("../../a.jpg", "../../a.jpg"),
        ("/home/me/a.jpg", "/home/me/a.jpg"),
        ("C:\\me\\a.jpg", "C:\\me\\a.jpg"),
        ("", "ann/a"),
        (None, "ann/a"),
        (7, "ann/a"),
    ],
)
def test_the_picture_is_named_from_where_the_file_lies(tmp_path: Path, written: Any, media: str) -> None:
    (label,) = read_file(tmp_path, a_shape("point", [0, 0]), imagePath=written)
    assert label.media == media


def test_one_broken_file_of_a_folder_is_a_fault_and_one_alone_is_an_error(tmp_path: Path) -> None:
    write_json(tmp_path / "ann" / "a.json", {"shapes": [a_shape("point", [0, 0])]})
    (tmp_path / "ann" / "b.json").write_text("[" * 100_000)
    label, fault = read_export(tmp_path, LabelExport("labelme", "ann"))
    assert (label.native_id, type(label)) == ("a.json/1", Label)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("b.json", Reason.EXPORT_BROKEN)
    with pytest.raises(LabelFormatError, match="nested too deeply"):
        read_export(tmp_path, LabelExport("labelme", "ann/b.json"))
