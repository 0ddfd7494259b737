from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import VocExport
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export

BOX = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>6</ymax></bndbox>"


def read_one(folder: Path, inner: str) -> list[Label | LabelFault]:
    (folder / "a.xml").write_text(f"<annotation>{inner}</annotation>", encoding="utf-8")
    return read_export(folder, VocExport("voc", "a.xml"))


def box_of(label: Label | LabelFault) -> tuple[float | None, ...]:
    assert isinstance(label, Label)
    return label.x, label.y, label.width, label.height


@pytest.mark.parametrize(
    ("corners", "box"),
    [
        (("1", "1", "640", "480"), (0.0, 0.0, 640.0, 480.0)),
        (("1", "2", "4", "6"), (0.0, 1.0, 4.0, 5.0)),
        (("5.5", "6", "7.5", "8"), (4.5, 5.0, 3.0, 3.0)),
        (("48.3", " 1.0 ", "64.1", "1e2"), (47.3, 0.0, 16.8, 100.0)),
        (("7", "1", "7", "9"), (6.0, 0.0, 1.0, 9.0)),
        (("9", "9", "8", "9"), (8.0, 8.0, 0.0, 1.0)),
    ],
)
def test_corners_count_from_one_and_both_are_in_the_box(
    tmp_path: Path, corners: tuple[str, ...], box: tuple[float, ...]
) -> None:
    names = ("xmin", "ymin", "xmax", "ymax")
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in zip(names, corners, strict=True))
    (label,) = read_one(tmp_path, f"<object><name>cat</name><bndbox>{inner}</bndbox></object>")
    assert box_of(label) == box


def test_corners_may_be_declared_to_be_edges_and_else_nothing_begins_at_pixel_0(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        f"<annotation><object><name>cat</name>{BOX.replace('>1<', '>0<')}</object></annotation>"
    )
    (label,) = labels_of(tmp_path, VocExport("voc", "a.xml", "edges"))
    assert box_of(label) == (0.0, 2.0, 4.0, 4.0)
    (fault,) = read_export(tmp_path, VocExport("voc", "a.xml"))
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.BOX_OUTSIDE_IMAGE
    assert "the corner (0, 2) is before the first pixel, 1; if the tool counts from 0" in fault.detail


def test_parts_are_labels_that_refer_to_their_object_and_the_rest_are_attributes(tmp_path: Path) -> None:
    person, head = read_one(
        tmp_path,
        f"<object><name>person</name><pose>Left</pose><point><x>3</x></point>{BOX}<part><name>head</name>{BOX}"
        "</part><actions><jumping>1</jumping></actions><attributes><attribute><name>age</name>"
        "<value>7</value></attribute></attributes></object>",
    )
    assert isinstance(person, Label)
    assert isinstance(head, Label)
    assert person.attributes == {"pose": "Left", "point.x": "3", "actions.jumping": "1", "age": "7"}
    assert (head.native_id, head.label, head.refers_to) == ("1/part 1", "head", ["1"])
    assert (person.refers_to, head.origin) == (None, "a.xml#1/part 1")


@pytest.mark.parametrize(
    ("header", "media"),
    [
        ("<folder>train</folder><filename>b.jpg</filename><path>C:\\x\\b.jpg</path>", "train/b.jpg"),
        ("<folder></folder><filename> b.jpg </filename>", "b.jpg"),
        ("<filename>sub\\b.jpg</filename><size><width>0</width></size>", "sub\\b.jpg"),
        ("", "a"),
    ],
)
def test_the_picture_is_told_by_folder_and_filename_else_by_the_name_of_the_file(
    tmp_path: Path, header: str, media: str
) -> None:
    (label,) = read_one(tmp_path, f"{header}<object><name>cat</name>{BOX}</object>")
    assert isinstance(label, Label)
    assert label.media == media


@pytest.mark.parametrize(
    ("size", "stated"),
    [
        ("<width>640</width><height>480</height>", (640.0, 480.0)),
        ("<width>0</width><height>0</height>", (None, None)),
        ("<width>640</width>", (None, None)),
        ("<width>wide</width><height>480</height>", (None, None)),
    ],
)
def test_the_header_states_the_size_of_the_picture(tmp_path: Path, size: str, stated: Any) -> None:
    header = f"<filename>a.jpg</filename><size>{size}</size>"
    (label,) = read_one(tmp_path, f"{header}<object><name>c</name>{BOX}</object>")
    assert isinstance(label, Label)
    assert (label.stated_width, label.stated_height) == stated


def test_a_file_without_objects_is_a_declared_negative_and_no_box(tmp_path: Path) -> None:
    (label,) = read_one(tmp_path, "<filename>b.jpg</filename><segmented>0</segmented>")
    assert label == Label("0", "b.jpg", "detection", "a.xml#0", attributes={"negative": "true"})
    (fault,) = read_one(tmp_path, "<filename>b.jpg</filename><segmented>1</segmented>")
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.UNSUPPORTED_LABEL


@pytest.mark.parametrize(
    ("found", "reason", "detail"),
    [
        (f"<name> </name>{BOX}", Reason.MALFORMED, "expected a <name>"),
        ("<name>cat</name><robndbox/>", Reason.UNSUPPORTED_LABEL, "no <bndbox> in it, but ['robndbox']"),
        ("<name>cat</name><bndbox/>", Reason.MALFORMED, "expected a number 'xmin', got nothing"),
        (f"<name>cat</name>{BOX.replace('>6<', '>nan<')}", Reason.MALFORMED, "a number 'ymax', got 'nan'"),
        (f"<name>cat</name>{BOX.replace('>6<', '>1_0<')}", Reason.MALFORMED, "got '1_0'"),
        (f"<name>cat</name>{BOX.replace('>6<', '>1e999<')}", Reason.MALFORMED, "a finite number 'ymax'"),
        (
            "<name>cat</name><bndbox><xmin>5</xmin><ymin>7</ymin><xmax>5</xmax><ymax>7</ymax></bndbox>",
            Reason.ZERO_AREA,
            "both corners are the pixel (5, 7)",
        ),
    ],
)
def test_an_object_that_cannot_be_a_box_is_a_fault(
    tmp_path: Path, found: str, reason: Reason, detail: str
) -> None:
    first, second = read_one(tmp_path, f"<object>{found}</object><object><name>dog</name>{BOX}</object>")
    assert isinstance(first, LabelFault)
    assert isinstance(second, Label)
    assert (first.native_id, first.origin, first.reason) == ("1", "a.xml#1", reason)
    assert detail in first.detail


def test_one_broken_file_of_a_folder_is_a_fault_and_one_alone_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "ann" / "train"
    folder.mkdir(parents=True)
    (folder / "a.xml").write_text(f"<annotation><object><name>cat</name>{BOX}</object></annotation>")
    (folder / "b.xml").write_text("<!DOCTYPE annotation><annotation/>")
    (folder / "c.txt").write_text("not one of them")
    label, fault = read_export(tmp_path, VocExport("voc", "ann"))
    assert isinstance(label, Label)
    assert (label.native_id, label.origin, label.media) == (
        "train/a.xml/1",
        "ann/train/a.xml#1",
        "ann/train/a",
    )
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("train/b.xml", Reason.EXPORT_BROKEN)
    with pytest.raises(LabelFormatError, match="document type"):
        read_export(tmp_path, VocExport("voc", "ann/train/b.xml"))


def test_every_box_of_bccd_is_a_label_but_for_two_that_have_no_area(corpora: Path) -> None:
    outcomes = read_export(corpora / "bccd_voc", VocExport("voc", "BCCD/Annotations"))
    labels = [outcome for outcome in outcomes if isinstance(outcome, Label)]
    faults = [outcome for outcome in outcomes if isinstance(outcome, LabelFault)]
    assert [(fault.reason, Path(fault.native_id).parent.name) for fault in faults] == [
        (Reason.ZERO_AREA, "BloodImage_00338.xml"),
        (Reason.ZERO_AREA, "BloodImage_00343.xml"),
    ]
    assert len(outcomes) == 4888
    assert Counter(label.label for label in labels) == {"RBC": 4153, "WBC": 372, "Platelets": 361}
    assert len({label.media for label in labels}) == 364
    assert all((label.x or 0) + (label.width or 0) <= 640 for label in labels)
    assert min(label.x for label in labels if label.x is not None) == 0


def test_the_layouts_of_datumaro_are_read(corpora: Path) -> None:
    folder = corpora / "datumaro_assets" / "voc_dataset"
    cat, person, head = labels_of(folder / "voc_dataset1", VocExport("voc", "Annotations"))
    assert (cat.label, box_of(cat)) == ("cat", (0.0, 1.0, 3.0, 3.0))
    assert (person.media, box_of(person)) == ("VOC2007/2007_000001.jpg", (3.0, 4.0, 3.0, 3.0))
    assert (head.label, box_of(head), head.refers_to) == ("head", (4.5, 5.0, 3.0, 3.0), [person.native_id])
    assert person.attributes is not None
    assert person.attributes["actions.jumping"] == "0"
    first = labels_of(folder / "voc_dataset2", VocExport("voc", "Annotations/a.xml"))[0]
    assert (first.media, first.label, box_of(first)) == ("a.jpg", "background", (0.0, 1.0, 4.0, 5.0))
