"""CVAT's pictures and tracks: every shape to the pixel, every frame to the nanosecond."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_masks

from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import CvatExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

EXPORT = CvatExport("cvat", "a.xml")
# Uneven, as in a video with a variable rate: frame 3 comes late.
TIMES_NS = np.array([0, 40_000_000, 80_000_000, 140_000_000, 160_000_000, 200_000_000], dtype=np.int64)
VIDEO = ItemName("clips/t.mp4", "video", 100, 50, 240_000_000, 25.0, TIMES_NS)


def read_image(folder: Path, shapes: str, image: str = 'name="a.jpg" width="100" height="50"') -> Any:
    (folder / "a.xml").write_text(f'<annotations><image id="0" {image}>{shapes}</image></annotations>')
    return read_export(folder, EXPORT, ())


def read_track(
    folder: Path,
    shapes: str,
    items: tuple[ItemName, ...] = (VIDEO,),
    task: str = "<stop_frame>5</stop_frame>",
    export: CvatExport = EXPORT,
) -> list[Label | LabelFault]:
    meta = f"<meta><task><id>1</id>{task}</task><source>t.mp4</source></meta>"
    track = f'<track id="7" label="car" source="manual">{shapes}</track>'
    (folder / "a.xml").write_text(f"<annotations>{meta}{track}</annotations>")
    return read_export(folder, export, items)


def box(frame: int, left: float, outside: int = 0, more: str = "", inner: str = "") -> str:
    place = f'xtl="{left}" ytl="10" xbr="{left + 20}" ybr="30"'
    return f'<box frame="{frame}" keyframe="1" outside="{outside}" {place} {more}>{inner}</box>'


def points(kind: str, frame: int, places: str, outside: int = 0) -> str:
    return f'<{kind} frame="{frame}" keyframe="1" outside="{outside}" points="{places}"/>'


def place_of(label: Any) -> tuple[float | None, ...]:
    assert isinstance(label, Label), label
    return label.x, label.y, label.width, label.height, label.rotation


def frames_of(labels: list[Label | LabelFault]) -> list[int]:
    return [int(label.native_id.split("/")[1]) for label in labels if isinstance(label, Label)]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        ('<box label="a" xtl="10.10" ytl="5" xbr="30.30" ybr="15"/>', (10.1, 5.0, 20.2, 10.0, None)),
        # Turned by a quarter about (20, 10): the top left corner goes to the top right.
        (
            '<box label="a" xtl="10" ytl="5" xbr="30" ybr="15" rotation="90.00"/>',
            (25.0, 0.0, 20.0, 10.0, 90.0),
        ),
        (
            '<box label="a" xtl="10" ytl="5" xbr="30" ybr="15" rotation="180"/>',
            (30.0, 15.0, 20.0, 10.0, 180.0),
        ),
        (
            '<box label="a" xtl="10" ytl="5" xbr="30" ybr="15" rotation="270"/>',
            (15.0, 20.0, 20.0, 10.0, 270.0),
        ),
        (
            '<box label="a" xtl="10" ytl="5" xbr="30" ybr="15" rotation="0.00"/>',
            (10.0, 5.0, 20.0, 10.0, None),
        ),
        ('<ellipse label="a" cx="20" cy="10" rx="10" ry="5"/>', (10.0, 5.0, 20.0, 10.0, None)),
        ('<ellipse label="a" cx="20" cy="10" rx="10" ry="5" rotation="90"/>', (25.0, 0.0, 20.0, 10.0, 90.0)),
        ('<polygon label="a" points="10,5;30.5,5;20,15.25"/>', (10.0, 5.0, 20.5, 10.25, None)),
        ('<points label="a" points="10.5,5"/>', (10.5, 5.0, None, None, None)),
        ('<points label="a" points="1,2;3,4"/>', (None,) * 5),
        ('<polyline label="a" points="1,2;3,4"/>', (None,) * 5),
        ('<tag label="a"/>', (None,) * 5),
    ],
)
def test_shapes_are_turned_about_our_corner(
    tmp_path: Path, shape: str, place: tuple[float | None, ...]
) -> None:
    (label,) = read_image(tmp_path, shape)
    assert place_of(label) == place
    assert (label.media, label.label, label.native_id) == ("a.jpg", "a", "image 1/1")


def test_a_turned_box_keeps_its_centre(tmp_path: Path) -> None:
    (label,) = read_image(tmp_path, '<box label="a" xtl="10" ytl="5" xbr="30" ybr="15" rotation="30"/>')
    turn = np.radians(30)
    right, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    centre = np.array([label.x, label.y]) + right * 10 + down * 5
    assert centre == pytest.approx([20, 10], abs=1e-12)


def test_every_kind_of_shape_has_its_task(tmp_path: Path) -> None:
    shapes = (
        '<tag label="a"/><box label="a" xtl="1" ytl="1" xbr="2" ybr="2"/>'
        '<polygon label="a" points="1,1;2,1;2,2"/>'
        '<polyline label="a" points="1,1;2,2"/><points label="a" points="1,1;2,2"/>'
        '<ellipse label="a" cx="3" cy="3" rx="1" ry="1"/>'
        '<mask label="a" rle="0, 1" left="0" top="0" width="1" height="1"/>'
        '<skeleton label="a"><points label="b" points="1,1"/></skeleton>'
    )
    labels = read_image(tmp_path, shapes)
    assert [label.task for label in labels] == [
        *("classification", "detection", "segmentation", "keypoints", "keypoints", "detection"),
        *("segmentation", "keypoints"),
    ]
    assert [(label.attributes or {}).get("shape") for label in labels] == [
        *(None, None, None, "polyline", None, "ellipse", None, None)
    ]


def test_points_and_skeletons_become_key_points(tmp_path: Path) -> None:
    line, body = read_image(
        tmp_path,
        '<polyline label="a" points="1,2;3,4.5"/><skeleton label="body">'
        '<points label="nose" occluded="0" outside="0" points="1,2">'
        '<attribute name="hot">yes</attribute></points>'
        '<points label="ear" occluded="1" outside="0" points="3,4"/>'
        '<points label="tail" occluded="0" outside="1" points="5,6"/></skeleton>',
    )
    assert [(point["name"], point["x"], point["y"], point["visible"]) for point in line.keypoints] == [
        ("1", 1.0, 2.0, None),
        ("2", 3.0, 4.5, None),
    ]
    assert [(point["name"], point["x"], point["visible"]) for point in body.keypoints] == [
        ("nose", 1.0, 2),
        ("ear", 3.0, 1),
        ("tail", 5.0, 0),
    ]
    assert body.attributes == {"nose.hot": "yes"}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(
    ("left", "top", "rows"),
    [
        (0, 0, ["#"]),
        (2, 1, ["##.", ".##", "..#"]),
        (0, 0, ["#####", "#####", "#####", "#####"]),
        (1, 0, ["#.#", "#.#", ".##", "##."]),
        (4, 3, ["#"]),
    ],
)
def test_a_mask_is_decoded_by_cocos_own_tool_to_the_same_pixels(
    tmp_path: Path, left: int, top: int, rows: list[str]
) -> None:
    filled = np.array([[cell == "#" for cell in row] for row in rows])
    runs, value = [0], False
    for cell in filled.ravel():
        if cell != value:
            runs, value = [*runs, 0], bool(cell)
        runs[-1] += 1
    place = f'left="{left}" top="{top}" width="{filled.shape[1]}" height="{filled.shape[0]}"'
    shape = f'<mask label="a" rle="{", ".join(map(str, runs))}" {place}/>'
    (label,) = read_image(tmp_path, shape, 'name="a.jpg" width="5" height="4"')
    written = json.loads(label.mask)
    whole = np.zeros(written["size"], dtype=bool)
    whole[top : top + filled.shape[0], left : left + filled.shape[1]] = filled
    coded = coco_masks.frPyObjects(written, *written["size"])
    assert (coco_masks.decode(coded) == whole).all()
    assert sum(written["counts"]) == whole.size
    assert 0 not in written["counts"][1:]
    assert [label.x, label.y, label.width, label.height] == coco_masks.toBbox(coded).tolist()


@pytest.mark.parametrize(
    ("shape", "reason", "detail"),
    [
        ('<cuboid label="a" xtl1="1"/>', Reason.UNSUPPORTED_LABEL, "a <cuboid> of CVAT is not read"),
        ('<sphere label="a"/>', Reason.UNSUPPORTED_LABEL, "a <sphere> of CVAT"),
        (
            '<box label="a" xtl="1" ytl="1" xbr="2"/>',
            Reason.MALFORMED,
            "expected a number 'ybr', got nothing",
        ),
        ('<box label="a" xtl="inf" ytl="1" xbr="2" ybr="3"/>', Reason.MALFORMED, "got 'inf'"),
        ('<polygon label="a" points="1,1;2,2"/>', Reason.MALFORMED, "a polygon of at least 3 points"),
        ('<polygon label="a" points="1;2"/>', Reason.MALFORMED, "expected points as x,y;x,y, got '1'"),
        ('<points label="a"/>', Reason.MALFORMED, "expected points as"),
        ('<skeleton label="a"/>', Reason.MALFORMED, "there are none"),
        (
            '<skeleton label="a"><box label="b"/></skeleton>',
            Reason.UNSUPPORTED_LABEL,
            "of ['box'] is not read",
        ),
        (
            '<mask label="a" rle="1,2" left="0" top="0" width="2" height="2"/>',
            Reason.MALFORMED,
            "expected runs of 4 pixels in a mask of 2 x 2",
        ),
        ('<mask label="a" rle="4" left="0" top="0" width="2" height="2"/>', Reason.ZERO_AREA, "no pixel"),
        (
            '<mask label="a" rle="0,4" left="99" top="0" width="2" height="2"/>',
            Reason.MALFORMED,
            "leads out of a picture of 100 x 50",
        ),
        (
            '<mask label="a" rle="0,4" left="0" top="0" width="99999999" height="99999999"/>',
            Reason.MALFORMED,
            "expected a mask of 1 to 100000000 pixels",
        ),
    ],
)
def test_a_shape_that_cannot_be_a_label_is_a_fault(
    tmp_path: Path, shape: str, reason: Reason, detail: str
) -> None:
    fault, label = read_image(tmp_path, f'{shape}<tag label="a"/>')
    assert isinstance(fault, LabelFault)
    assert isinstance(label, Label)
    assert (fault.native_id, fault.origin, fault.reason) == ("image 1/1", "a.xml#image 1/1", reason)
    assert detail in fault.detail


def test_attributes_of_the_shape_and_of_the_project_do_not_hide_each_other(tmp_path: Path) -> None:
    inner = '<attribute name="occluded">half</attribute><attribute name="hue"></attribute>'
    (label,) = read_image(
        tmp_path,
        f'<tag label="a" source="auto" group_id="3" occluded="1">{inner}</tag>',
        'name="b.jpg" subset="Train" task_id="9"',
    )
    assert label.media == "Train/b.jpg"
    assert label.attributes == {
        "source": "auto",
        "group_id": "3",
        "occluded": "1",
        "attribute.occluded": "half",
        "hue": "",
        "subset": "Train",
    }


def test_a_box_moves_in_a_straight_line_and_every_frame_has_its_true_time(tmp_path: Path) -> None:
    labels = read_track(tmp_path, box(0, 10) + box(4, 18) + box(5, 18, outside=1))
    assert [(label.x, label.width) for label in labels if isinstance(label, Label)] == [
        *((10.0, 20.0), (12.0, 20.0), (14.0, 20.0), (16.0, 20.0), (18.0, 20.0))
    ]
    assert [(label.start_ns, label.end_ns) for label in labels if isinstance(label, Label)] == [
        *((0, 40_000_000), (40_000_000, 80_000_000), (80_000_000, 140_000_000)),
        *((140_000_000, 160_000_000), (160_000_000, 200_000_000)),
    ]
    first = labels[1]
    assert isinstance(first, Label)
    assert (first.media, first.track, first.label, first.clock) == ("clips/t.mp4", "7", "car", None)
    assert (first.native_id, first.origin) == ("track 7/1", "a.xml#track 7/1")
    assert first.attributes == {"source": "manual", "keyframe": "0"}


@pytest.mark.parametrize(
    ("shapes", "frames"),
    [
        (box(1, 10) + box(3, 10, outside=1), [1, 2]),
        (box(1, 10) + box(2, 10, outside=1) + box(4, 10), [1, 4, 5]),
        (box(4, 10) + box(1, 10, outside=0) + box(3, 10, outside=1), [1, 2, 4, 5]),
        (box(0, 10, outside=1) + box(3, 10, outside=1), []),
        (box(3, 10), [3, 4, 5]),
    ],
)
def test_a_track_shows_until_outside_or_until_the_end_of_the_task(
    tmp_path: Path, shapes: str, frames: list[int]
) -> None:
    assert frames_of(read_track(tmp_path, shapes)) == frames


def test_what_cvat_wrote_between_its_keyframes_stands(tmp_path: Path) -> None:
    labels = read_track(
        tmp_path, box(0, 10) + box(1, 11).replace('keyframe="1"', 'keyframe="0"') + box(2, 20, 1)
    )
    assert [(place_of(label)[0], (label.attributes or {})["keyframe"]) for label in labels] == [  # type: ignore[union-attr] # all are labels
        (10.0, "1"),
        (11.0, "0"),
    ]


def test_decimals_half_way_are_exact_and_a_turn_goes_the_shorter_way(tmp_path: Path) -> None:
    shapes = box(0, 21.95, more='rotation="350"') + box(2, 22.05, more='rotation="10"') + box(3, 0, outside=1)
    labels = read_track(tmp_path, shapes)
    assert place_of(labels[1]) == (22.0, 10.0, 20.0, 20.0, None)


def test_only_the_frames_of_the_task_are_labelled(tmp_path: Path) -> None:
    task = "<start_frame>1</start_frame><stop_frame>5</stop_frame><frame_filter>step=2</frame_filter>"
    labels = read_track(tmp_path, box(1, 10) + box(5, 18), task=task)
    assert frames_of(labels) == [1, 3, 5]
    assert [place_of(label)[0] for label in labels] == [10.0, 14.0, 18.0]
    assert [(label.start_ns, label.end_ns) for label in labels if isinstance(label, Label)] == [
        *((40_000_000, 80_000_000), (140_000_000, 160_000_000), (200_000_000, 240_000_000))
    ]


def test_attributes_hold_until_they_change_and_being_occluded_is_of_its_frame(tmp_path: Path) -> None:
    hue, dark = ('<attribute name="hue">red</attribute>', '<attribute name="dark">yes</attribute>')
    shapes = box(0, 1, more='occluded="1"', inner=hue) + box(2, 1, inner=dark) + box(3, 1, outside=1)
    labels = read_track(tmp_path, shapes)
    of_track = {"source": "manual", "hue": "red"}
    assert [label.attributes for label in labels if isinstance(label, Label)] == [
        {**of_track, "occluded": "1", "keyframe": "1"},
        {**of_track, "occluded": "1", "keyframe": "0"},
        {**of_track, "dark": "yes", "keyframe": "1"},
    ]


def test_one_point_moves_and_several_stay(tmp_path: Path) -> None:
    labels = read_track(tmp_path, points("points", 0, "1,1") + points("points", 2, "3,5") + box(3, 1, 1))
    assert place_of(labels[1])[:2] == (2.0, 3.0)
    labels = read_track(tmp_path, points("points", 0, "1,1;2,2") + points("points", 2, "3,5;4,4", 1))
    still = [
        {"name": "1", "x": 1.0, "y": 1.0, "visible": None},
        {"name": "2", "x": 2.0, "y": 2.0, "visible": None},
    ]
    assert [label.keypoints for label in labels if isinstance(label, Label)] == [still, still]


def test_outlines_of_as_many_points_move_point_by_point(tmp_path: Path) -> None:
    labels = read_track(
        tmp_path, points("polygon", 0, "0,0;10,0;10,10;0,10") + points("polygon", 2, "4,0;14,0;14,10;4,10", 1)
    )
    moved = labels[1]
    assert isinstance(moved, Label)
    assert moved.polygon == [[2.0, 0.0, 12.0, 0.0, 12.0, 10.0, 2.0, 10.0]]


@pytest.mark.parametrize(
    ("kind", "start", "end", "moved"),
    [
        # A corner that only the later outline has comes out of the nearest of the earlier one.
        (
            "polygon",
            "0,0;10,0;10,10;0,10",
            "0,0;10,0;10,10;5,14;0,10",
            [(0, 0), (10, 0), (10, 10), (7.5, 12), (0, 10)],
        ),
        ("polyline", "0,0;10,0", "0,10;4,10;6,10;10,10", [(0, 5), (2, 5), (8, 5), (10, 5)]),
        ("polyline", "0,0;5,0;10,0", "0,10;10,10", [(0, 5), (2.5, 5), (10, 5)]),
        # Of three points on their way to one, the middle one is too near to the first, and is left out.
        ("polyline", "0,0;1,0;4,0;20,0", "0,0;20,0", [(0, 0), (2, 0), (20, 0)]),
    ],
)
def test_outlines_of_different_points_move_as_cvat_moves_them(
    tmp_path: Path, kind: str, start: str, end: str, moved: list[tuple[float, float]]
) -> None:
    label = read_track(tmp_path, points(kind, 0, start) + points(kind, 2, end, 1))[1]
    assert isinstance(label, Label)
    flat = (label.polygon or [[]])[0]
    named = [(point["x"], point["y"]) for point in label.keypoints or []]
    assert (list(zip(flat[0::2], flat[1::2], strict=True)) or named) == moved


def test_a_skeleton_moves_until_all_of_its_points_are_outside(tmp_path: Path) -> None:
    def body(frame: int, x: int, outside: int) -> str:
        point = f'<points label="nose" keyframe="1" outside="{outside}" occluded="0" points="{x},1"/>'
        return f'<skeleton frame="{frame}" keyframe="1">{point}</skeleton>'

    labels = read_track(tmp_path, body(0, 10, 0) + body(2, 20, 0) + body(4, 20, 1))
    assert [label.keypoints[0]["x"] for label in labels if isinstance(label, Label) and label.keypoints] == [
        *(10.0, 15.0, 20.0, 20.0)
    ]


def test_frames_that_are_pictures_are_found_by_their_numbers(tmp_path: Path) -> None:
    taken_out = ItemName("clips/t.mp4#frame-000001", "image", 100, 50)
    labels = read_track(tmp_path, box(0, 10) + box(2, 10, outside=1), (taken_out,))
    assert [label.media for label in labels if isinstance(label, Label)] == [
        "t.mp4#frame-000000",
        "clips/t.mp4#frame-000001",
    ]
    exported = ItemName("images/frame_000000.png", "image", 100, 50)
    labels = read_track(tmp_path, box(0, 10) + box(2, 10, outside=1), (exported,))
    assert [(label.media, label.start_ns) for label in labels if isinstance(label, Label)] == [
        ("frame_000000", None),
        ("frame_000001", None),
    ]


def test_a_picture_called_as_a_frame_of_the_video_is_that_frame(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        "<annotations><meta><task><source>t.mp4</source></task></meta>"
        '<image id="3" name="frame_000003" width="100" height="50"><tag label="a"/></image></annotations>'
    )
    (label,) = labels_of(tmp_path, EXPORT, (VIDEO,))
    assert (label.media, label.start_ns, label.end_ns) == ("clips/t.mp4", 140_000_000, 160_000_000)
    (label,) = labels_of(tmp_path, EXPORT)
    assert (label.media, label.start_ns) == ("frame_000003", None)


@pytest.mark.parametrize(
    ("items", "export", "reason"),
    [
        ((ItemName("t.mp4", "video"),), EXPORT, Reason.FRAME_RATE_UNKNOWN),
        ((ItemName("a/t.mp4", "video"), ItemName("b/t.avi", "video")), EXPORT, Reason.ITEM_AMBIGUOUS),
        ((VIDEO,), CvatExport("cvat", "a.xml", "other.mp4"), Reason.ITEM_NOT_FOUND),
    ],
)
def test_without_a_video_and_its_times_every_written_shape_is_a_fault(
    tmp_path: Path, items: tuple[ItemName, ...], export: CvatExport, reason: Reason
) -> None:
    shapes = box(0, 10) + box(3, 10) + box(4, 10, outside=1)
    faults = read_track(tmp_path, shapes, items, export=export)
    assert [(fault.native_id, fault.reason) for fault in faults if isinstance(fault, LabelFault)] == [
        ("track 7/0", reason),
        ("track 7/3", reason),
    ]


def test_a_video_without_times_has_even_ones_by_its_rate(tmp_path: Path) -> None:
    video = ItemName("t.mp4", "video", 100, 50, 1_001_000_000, 29.97002997002997)
    labels = read_track(tmp_path, box(1, 10) + box(2, 10, 1), (video,))
    assert [(label.start_ns, label.end_ns) for label in labels if isinstance(label, Label)] == [
        (33_366_667, 66_733_333)
    ]


def test_frames_after_the_video_are_faults_where_they_are_written_and_else_nothing(tmp_path: Path) -> None:
    task = "<stop_frame>999999999999</stop_frame>"
    outcomes = read_track(tmp_path, box(4, 10) + box(900, 10) + box(2_000_000, 10), task=task)
    assert frames_of(outcomes) == [4, 5]
    assert [(fault.native_id, fault.reason) for fault in outcomes if isinstance(fault, LabelFault)] == [
        ("track 7/900", Reason.BEYOND_MEDIA_END),
        ("track 7/2000000", Reason.BEYOND_MEDIA_END),
    ]


def test_a_track_of_pictures_that_never_ends_is_refused(tmp_path: Path) -> None:
    outcomes = read_track(tmp_path, box(4, 10), (), task="<stop_frame>999999999999</stop_frame>")
    assert [type(outcome) for outcome in outcomes] == [Label, LabelFault]
    assert "at most 10000000 frames" in str(outcomes[1])


def test_what_cannot_be_read_is_a_fault_and_nothing_is_known_until_the_next_shape(tmp_path: Path) -> None:
    cuboid = '<cuboid frame="2" keyframe="1" outside="0" xtl1="1"/>'
    outcomes = read_track(tmp_path, box(0, 10) + cuboid + box(4, 18) + box(5, 18, 1) + box(4, 1) + box(-1, 1))
    assert frames_of(outcomes) == [0, 4]
    assert [(fault.native_id, fault.reason) for fault in outcomes if isinstance(fault, LabelFault)] == [
        ("track 7/shape 2", Reason.UNSUPPORTED_LABEL),
        ("track 7/shape 5", Reason.MALFORMED),
        ("track 7/shape 6", Reason.MALFORMED),
    ]


def test_the_pictures_of_datumaro_are_read(corpora: Path) -> None:
    folder = corpora / "datumaro_assets" / "cvat_dataset" / "for_images"
    found, line, polygon, dots = labels_of(folder / "export_task", CvatExport("cvat", "train.xml"))
    assert (found.media, found.label, place_of(found)) == ("img0.jpg", "label1", (0.0, 2.0, 4.0, 2.0, None))
    assert found.attributes == {
        **{"occluded": "1", "z_order": "1", "a1": "true", "a2": "v3", "a3": "0003", "a4": "2.4"}
    }
    assert (line.task, line.label, len(line.keypoints or [])) == ("keypoints", None, 4)
    assert polygon.polygon == [[1.0, 2.0, 3.0, 4.0, 6.0, 5.0]]
    assert [point["x"] for point in dots.keypoints or []] == [1.0, 3.0, 5.0]
    project = labels_of(folder / "export_project", CvatExport("cvat", "annotations.xml"))
    assert {label.media for label in project} == {
        f"{subset}/img{number}.jpg" for subset in ("Test", "Train", "Validation") for number in (0, 1)
    }


def test_the_tracks_of_datumaro_are_read_in_steps_of_three(corpora: Path) -> None:
    folder = corpora / "datumaro_assets" / "cvat_dataset" / "for_video"
    labels = labels_of(folder, CvatExport("cvat", "annotations.xml"), ())
    assert [(label.track, label.media, label.task) for label in labels] == [
        ("0", "frame_000010", "detection"),
        ("1", "frame_000010", "keypoints"),
        ("2", "frame_000013", "keypoints"),
    ]
    assert place_of(labels[0]) == (3.0, 4.0, 7.0, 1.0, None)
    assert labels[1].attributes == {"occluded": "0", "z_order": "0", "keyframe": "1", "hgl": "hgkf"}
