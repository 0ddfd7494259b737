import io
from pathlib import Path

import pytest
from PIL import Image

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import Export, LabelExport, VocExport, YoloExport
from tasks.core.rejects import Reason
from tasks.core.schemas import LABELS
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.label_formats.examples.example import PICTURE
from tests.label_formats.exports import labels_of, read_export

NAMES = "names: [dog, cat]\n"


def read_rows(
    folder: Path, shape: str, rows: str, data: str = NAMES, items: tuple[ItemName, ...] = (PICTURE,)
) -> list[Label | LabelFault]:
    (folder / "a.txt").write_text(rows, encoding="utf-8")
    (folder / "data.yaml").write_text(data, encoding="utf-8")
    return read_export(folder, YoloExport("yolo", "a.txt", shape), items)  # type: ignore[arg-type] # one of the four shapes


def read_row(folder: Path, shape: str, row: str, data: str = NAMES) -> Label:
    (label,) = read_rows(folder, shape, row, data)
    assert isinstance(label, Label), label
    return label


def box_of(label: Label) -> tuple[float | None, ...]:
    return label.x, label.y, label.width, label.height


@pytest.mark.parametrize(
    ("row", "box"),
    [
        ("0 0.5 0.5 1 1", (0.0, 0.0, 640.0, 480.0)),
        ("0 0.3 0.7 0.1 0.2", (160.0, 288.0, 64.0, 96.0)),
        ("0 .15 1.5e-1 0.05 0.0125", (80.0, 69.0, 32.0, 6.0)),
        ("  0\t0.133333 0.300000 0.266667 0.200000\r", (-0.00032, 96.0, 170.66688, 96.0)),
    ],
)
def test_shares_become_the_exact_pixels_that_their_decimals_mean(
    tmp_path: Path, row: str, box: tuple[float, ...]
) -> None:
    label = read_row(tmp_path, "detection", row)
    assert (label.task, label.label, box_of(label), label.confidence) == ("detection", "dog", box, None)


def test_one_number_more_is_the_confidence_of_a_prediction(tmp_path: Path) -> None:
    assert read_row(tmp_path, "detection", "1 0.5 0.5 1 1 0.25").confidence == 0.25
    assert read_row(tmp_path, "segmentation", "1 0 0 1 0 1 1 0.5").confidence == 0.5
    assert read_row(tmp_path, "obb", "1 0 0 1 0 1 1 0 1 0.75").confidence == 0.75


def test_four_corners_are_a_polygon_and_a_turned_box(tmp_path: Path) -> None:
    square = read_row(tmp_path, "obb", "1 0.1 0.1 0.6 0.1 0.6 0.6 0.1 0.6")
    assert (square.task, box_of(square), square.rotation) == ("detection", (64.0, 48.0, 320.0, 240.0), None)
    assert square.polygon == [[64.0, 48.0, 384.0, 48.0, 384.0, 288.0, 64.0, 288.0]]
    # The same corners, begun at the top right: turned by a quarter, from there down.
    turned = read_row(tmp_path, "obb", "1 0.6 0.1 0.6 0.6 0.1 0.6 0.1 0.1")
    assert (box_of(turned), turned.rotation) == ((384.0, 48.0, 240.0, 320.0), 90.0)
    diamond = read_row(tmp_path, "obb", "1 0.5 0.25 0.6875 0.5 0.5 0.75 0.3125 0.5")
    assert diamond.rotation == 45.0
    assert box_of(diamond) == pytest.approx((320.0, 120.0, 120 * 2**0.5, 120 * 2**0.5))


def test_a_polygon_has_the_box_around_it(tmp_path: Path) -> None:
    label = read_row(tmp_path, "segmentation", "1 0.1 0.1 0.6 0.1 0.6 0.6")
    assert (label.task, label.polygon) == ("segmentation", [[64.0, 48.0, 384.0, 48.0, 384.0, 288.0]])
    assert box_of(label) == (64.0, 48.0, 320.0, 240.0)


def test_a_pose_has_a_box_and_points_that_data_yaml_counts_and_names(tmp_path: Path) -> None:
    data = NAMES + "kpt_shape: [2, 3]\nkpt_names:\n  1: [nose, tail]\n"
    label = read_row(tmp_path, "pose", "1 0.35 0.35 0.5 0.5 0.1 0.1 2 0 0 0", data)
    assert (label.task, box_of(label)) == ("keypoints", (64.0, 48.0, 320.0, 240.0))
    assert label.keypoints == [
        {"name": "nose", "x": 64.0, "y": 48.0, "visible": 2},
        {"name": "tail", "x": 0.0, "y": 0.0, "visible": 0},
    ]
    label = read_row(tmp_path, "pose", "0 0.35 0.35 0.5 0.5 0.1 0.1 0.5", NAMES + "kpt_shape: [1, 2]\n")
    assert label.keypoints == [{"name": "1", "x": 64.0, "y": 48.0, "visible": None}]
    assert label.confidence == 0.5


def test_poses_need_a_kpt_shape(tmp_path: Path) -> None:
    with pytest.raises(LabelFormatError, match=r"data\.yaml: expected a `kpt_shape`"):
        read_rows(tmp_path, "pose", "0 0.5 0.5 1 1")
    with pytest.raises(LabelFormatError, match=r"data\.yaml:2: expected kpt_shape as"):
        read_rows(tmp_path, "pose", "0 0.5 0.5 1 1", NAMES + "kpt_shape: [17, 4]\n")
    with pytest.raises(ValueError, match="expected kpt_shape as"):
        YoloExport("yolo", "a.txt", "pose", kpt_shape=(0, 2))


def test_an_empty_file_is_a_negative_and_a_missing_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("\n")
    (tmp_path / "classes.txt").write_text("dog\n")
    items = (PICTURE, ItemName("images/b.jpg", "image", 640, 480))
    (label,) = labels_of(tmp_path, YoloExport("yolo", "labels", "segmentation"), items)
    negative = {"negative": "true"}
    assert label == Label("a.txt/0", "images/a.jpg", "segmentation", "labels/a.txt", attributes=negative)
    assert box_of(label) == (None,) * 4


@pytest.mark.parametrize(
    ("shape", "row", "reason", "detail"),
    [
        ("detection", "0 0.5 0.5 1", Reason.MALFORMED, "expected 4 numbers after the class, or one more"),
        ("detection", "0 0 0 1 0 1 1 0 1", Reason.MALFORMED, "is it a row of `shape: detection`?"),
        ("obb", "0 0.5 0.5 1 1", Reason.MALFORMED, "expected 8 numbers"),
        ("obb", "0 0 0 0 0 0 0 0 0", Reason.MALFORMED, "its corners are one point"),
        ("segmentation", "0 0 0 1 1", Reason.MALFORMED, "expected 6 numbers"),
        ("detection", "0 0.5 0.5 1 nan", Reason.MALFORMED, "expected a number 'share', got 'nan'"),
        ("detection", "0 0.5 0.5 1 1e999", Reason.MALFORMED, "expected finite numbers"),
        ("detection", "0.5 0.5 0.5 1 1", Reason.MALFORMED, "expected the number of a class"),
        ("detection", "cat 0.5 0.5 1 1", Reason.MALFORMED, "got 'cat'"),
        ("detection", "2 0.5 0.5 1 1", Reason.UNKNOWN_CATEGORY, "the class 2 has no name in data.yaml"),
    ],
)
def test_a_row_that_is_not_of_the_declared_shape_is_a_fault(
    tmp_path: Path, shape: str, row: str, reason: Reason, detail: str
) -> None:
    fault, label = read_rows(tmp_path, shape, f"{row}\n{GOOD[shape]}\n")
    assert isinstance(fault, LabelFault)
    assert isinstance(label, Label)
    assert (fault.native_id, fault.origin, fault.reason) == ("1", "a.txt:1", reason)
    assert detail in fault.detail


GOOD = {"detection": "0 0.5 0.5 1 1", "obb": "0 0 0 1 0 1 1 0 1", "segmentation": "0 0 0 1 0 1 1"}


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ((), Reason.ITEM_NOT_FOUND),
        ((ItemName("a.wav", "audio"),), Reason.ITEM_NOT_FOUND),
        ((ItemName("x/a.jpg", "image", 1, 1), ItemName("y/a.png", "image", 1, 1)), Reason.ITEM_AMBIGUOUS),
        ((ItemName("a.jpg", "image"),), Reason.NOT_READABLE),
    ],
)
def test_without_the_size_of_the_picture_no_row_is_imported(
    tmp_path: Path, items: tuple[ItemName, ...], reason: Reason
) -> None:
    faults = read_rows(tmp_path, "detection", "0 0.5 0.5 1 1\n0 0.5 0.5 1 1", items=items)
    assert [fault.reason for fault in faults if isinstance(fault, LabelFault)] == [reason, reason]


def test_the_last_folder_labels_means_images_and_a_picture_beside_its_file_comes_next(tmp_path: Path) -> None:
    names = ("labels/images/train/1.jpg", "labels/labels/train/1.png", "other/1.jpg")
    items = tuple(ItemName(name, "image", 10, 10) for name in names)
    (tmp_path / "labels" / "labels" / "train").mkdir(parents=True)
    (tmp_path / "labels" / "labels" / "train" / "1.txt").write_text("0 0.5 0.5 1 1")
    (tmp_path / "obj.names").write_text("dog\n\n")
    export = YoloExport("yolo", "labels/labels", "detection")
    assert [label.media for label in labels_of(tmp_path, export, items)] == [names[0]]
    assert [label.media for label in labels_of(tmp_path, export, items[1:])] == [names[1]]
    assert [label.media for label in labels_of(tmp_path, export, items[2:])] == [names[2]]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("data.yaml", "names: [a, &b c, *b]", "aliases"),
        ("data.yaml", "names: [", "not YAML"),
        ("data.yaml", b"\xff", "expected UTF-8"),
        ("classes.txt", b"\xff", "expected UTF-8 text, byte 0 is none"),
        ("other.txt", "dog", "expected the class names in one of"),
    ],
)
def test_class_names_that_cannot_be_read_are_an_error(
    tmp_path: Path, file: str, content: str | bytes, message: str
) -> None:
    (tmp_path / "a.txt").write_text("0 0.5 0.5 1 1")
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LabelFormatError, match=message):
        read_export(tmp_path, YoloExport("yolo", "a.txt", "detection"))


def test_one_broken_file_of_a_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_bytes(b"0 0.5 0.5 1 1\r\n")
    (tmp_path / "labels" / "b.txt").write_bytes(b"\xff\xfe0")
    (tmp_path / "labels" / "classes.txt").write_text("dog")
    label, fault = read_export(tmp_path, YoloExport("yolo", "labels", "detection"))
    assert isinstance(label, Label)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("b.txt", Reason.WRONG_ENCODING)


def pictures_in(folder: Path, below: str) -> tuple[ItemName, ...]:
    """The pictures as items, by their path in the folder, with the sizes that they have."""
    found = []
    for path in sorted((folder / below).rglob("*")):
        if path.suffix in (".jpg", ".jpeg", ".png"):
            with Image.open(path) as picture:
                found.append(ItemName(path.relative_to(folder).as_posix(), "image", *picture.size))
    return tuple(found)


def test_the_yolo_data_of_label_studio_are_whole_pixels_inside_their_pictures(corpora: Path) -> None:
    root = corpora / "labelstudio_exports" / "data" / "test_import_yolo_data"
    items = pictures_in(root, "images")
    labels = labels_of(root, YoloExport("yolo", "labels", "detection"), items)
    sizes = {item.native_id: (item.width or 0, item.height or 0) for item in items}
    assert (len(labels), len({label.media for label in labels})) == (len(rows_in(root)), 7)
    assert {label.label for label in labels} == {"closed_door", "opened_door", "bus", "number"}
    for label in labels:
        x, y, across, down = (place or 0 for place in box_of(label))
        width, height = sizes[label.media]
        assert [x, y, across, down] == pytest.approx(
            [round(place) for place in (x, y, across, down)], abs=1e-9
        )
        assert min(x, y) > -1e-9
        assert x + across <= width
        assert y + down <= height


def rows_in(root: Path) -> list[str]:
    return [row for path in (root / "labels").glob("*.txt") for row in path.read_text().splitlines() if row]


def test_the_same_data_as_coco_voc_and_yolo_are_the_same_boxes(corpora: Path) -> None:
    root = corpora / "datumaro_assets" / "roboflow_dataset"
    found: dict[str, list[tuple[object, ...]]] = {"yolo": [], "coco": [], "voc": []}
    for split in ("train", "val"):
        items = pictures_in(root, f"yolo/{split}/images")
        yolo = YoloExport("yolo", f"yolo/{split}/labels", "detection", names="yolo/data.yaml")
        coco = LabelExport("coco", f"coco/{split}/_annotations.coco.json")
        voc = VocExport("voc", f"voc/{split}", "edges")
        exports: tuple[Export, ...] = (yolo, coco, voc)
        for export in exports:
            labels = labels_of(root, export, items)
            found[export.format] += [(Path(label.media).name, label.label, box_of(label)) for label in labels]
    assert sorted(found["yolo"]) == sorted(found["coco"]) == sorted(found["voc"])
    assert len(found["yolo"]) == 4


@pytest.mark.parametrize("path", ["labels/labels", "annotations/Annotations", "strict/obj_train_data"])
def test_the_layouts_of_datumaro_give_one_and_the_same(corpora: Path, path: str) -> None:
    root = corpora / "datumaro_assets" / "yolo_dataset"
    items = pictures_in(root, path.split("/")[0])
    labels = labels_of(root, YoloExport("yolo", path, "detection"), items)
    assert {(label.label, box_of(label)) for label in labels} == {
        ("label_2", (-0.0000075, 2.0, 4.000005, 2.0)),
        ("label_4", (3.0000075, 3.0, 1.999995, 3.0)),
    }
    assert len(labels) == 2 * len(items)


BATCH = """
about: two pictures that somebody looked at, and one that nobody did
license: CC0-1.0
sources:
  - {kind: files, path: images}
labels:
  - {format: yolo, path: labels, shape: detection}
align: {method: key, reference: image}
"""


def test_a_negative_is_a_row_of_the_labels_table_and_an_unlabelled_picture_is_none(
    repository: Repository,
) -> None:
    pictures = {}
    for grey, name in enumerate(("a", "b", "c")):
        written = io.BytesIO()
        Image.new("L", (640, 480), 40 * grey).save(written, "PNG")
        pictures[f"images/{name}.png"] = written.getvalue()
    texts = {"classes.txt": b"dog\ncat\n", "labels/a.txt": b"1 0.35 0.35 0.5 0.5\n", "labels/b.txt": b""}
    repository.add_batch("monday", BATCH, {**pictures, **texts})
    done = repository.run("collect", "label")
    assert done == "label: 1 built, 0 unchanged; 2 labels, 0 rejected, 1 to relabel"
    rows = read_table(LABELS, repository.data / "labels" / "monday").to_pylist()
    assert [(row["item_id"], row["label"], row["x"], row["attributes"]) for row in rows] == [
        ("monday/images/a.png", "cat", 64.0, None),
        ("monday/images/b.png", None, None, [{"name": "negative", "value": "true"}]),
    ]
