from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import ClassFolders, IlsvrcExport
from tasks.core.rejects import Reason
from tasks.label_formats.reading.synsets import read_synsets
from tests.label_formats.exports import labels_of, read_export

WORDS = "n01440764 tench, Tinca tinca\nn02123045 tabby, tabby cat\n"


def write_meta(path: Path, *, compressed: bool = True) -> None:
    """The devkit's table, whose numbers run otherwise than the alphabet."""
    from scipy.io import savemat

    kinds = [("ILSVRC2012_ID", object), ("WNID", object), ("words", object), ("children", object)]
    synsets = np.zeros((2, 1), dtype=kinds)
    synsets[0, 0] = (1, "n02123045", "tabby, tabby cat", np.array([5, 6]))
    synsets[1, 0] = (2, "n01440764", "tench, Tinca tinca", 0)
    savemat(path, {"synsets": synsets, "other": np.zeros(3)}, do_compression=compressed)


def outcomes(folder: Path, text: str, listed: str = "", **options: Any) -> list[Label | LabelFault]:
    (folder / "truth.txt").write_text(text, encoding="utf-8")
    if listed:
        (folder / "synsets.txt").write_text(listed, encoding="utf-8")
        options["synsets"] = "synsets.txt"
    return read_export(folder, IlsvrcExport("ilsvrc", "truth.txt", **options), ())


def test_the_devkits_numbers_are_read_with_its_own_table(tmp_path: Path) -> None:
    write_meta(tmp_path / "meta.mat")
    found = outcomes(tmp_path, "2\n1\n3\n2 \n", words=True, synsets="meta.mat")
    assert [(one.native_id, one.media, one.label) for one in found if isinstance(one, Label)] == [
        ("1", "ILSVRC2012_val_00000001.JPEG", "tench, Tinca tinca"),
        ("2", "ILSVRC2012_val_00000002.JPEG", "tabby, tabby cat"),
        ("4", "ILSVRC2012_val_00000004.JPEG", "tench, Tinca tinca"),
    ]
    fault = found[2]
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("3", Reason.UNKNOWN_CATEGORY)


@pytest.mark.parametrize("compressed", [True, False])
def test_the_table_of_the_devkit_is_read_as_it_was_written(tmp_path: Path, *, compressed: bool) -> None:
    write_meta(tmp_path / "meta.mat", compressed=compressed)
    synsets = read_synsets(tmp_path / "meta.mat")
    assert synsets.by_devkit_id == {1: "n02123045", 2: "n01440764"}
    assert synsets.words == {"n02123045": "tabby, tabby cat", "n01440764": "tench, Tinca tinca"}


def test_the_numbers_of_map_clsloc_are_the_devkits_too(tmp_path: Path) -> None:
    (label,) = outcomes(tmp_path, "1\n", "n02119789 1 kit_fox\nn02100735 2 English_setter\n")
    assert isinstance(label, Label)
    assert (label.label, label.attributes) == ("n02119789", None)


def test_the_devkits_numbers_are_never_read_in_the_order_of_the_alphabet(tmp_path: Path) -> None:
    with pytest.raises(LabelFormatError, match=r"need `synsets`: meta\.mat or map_clsloc\.txt of the devkit"):
        outcomes(tmp_path, "2\n1\n", WORDS)


def test_a_list_of_pictures_counts_the_classes_from_0(tmp_path: Path) -> None:
    found = outcomes(tmp_path, "val/a.JPEG 1\nb.JPEG 0\nc.JPEG 2\nd.JPEG\n", WORDS)
    assert [(one.media, one.label) for one in found if isinstance(one, Label)] == [
        ("val/a.JPEG", "n02123045"),
        ("b.JPEG", "n01440764"),
    ]
    assert [one.reason for one in found if isinstance(one, LabelFault)] == [
        Reason.UNKNOWN_CATEGORY,
        Reason.MALFORMED,
    ]


def test_a_list_of_an_image_set_has_no_classes(tmp_path: Path) -> None:
    for text in ("ILSVRC2012_val_00000001 1\n", "n01440764/n01440764_10026 1\n"):
        with pytest.raises(LabelFormatError, match="its numbers count the lines and are no classes"):
            outcomes(tmp_path, text, WORDS)


def test_a_picture_has_its_boxes_and_each_class_once(tmp_path: Path) -> None:
    row = "ILSVRC2012_val_00048981,n03995372 85 1 499 272 n03995372 0 0 0 0 n01440764 1 2 3 4 "
    found = outcomes(tmp_path, f"ImageId,PredictionString\n{row}\n")
    assert {one.media for one in found if isinstance(one, Label)} == {"ILSVRC2012_val_00048981.JPEG"}
    assert [
        (one.task, one.label, one.x, one.y, one.width, one.height) for one in found if isinstance(one, Label)
    ] == [
        ("detection", "n03995372", 85.0, 1.0, 415.0, 272.0),
        ("detection", "n03995372", 0.0, 0.0, 1.0, 1.0),
        ("detection", "n01440764", 1.0, 2.0, 3.0, 3.0),
        ("classification", "n03995372", None, None, None, None),
        ("classification", "n01440764", None, None, None, None),
    ]


@pytest.mark.parametrize("row", ["a", "a,", "a,n1 1 2 3", "a,n1 1 2 3 x", ",n1 1 2 3 4", "a,n1 1 2 3 1e400"])
def test_a_row_without_boxes_is_a_fault(tmp_path: Path, row: str) -> None:
    (fault,) = outcomes(tmp_path, f"ImageId,PredictionString\n{row}\n")
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("2", Reason.MALFORMED)


def test_a_class_without_words_is_unknown_only_where_words_are_asked_for(tmp_path: Path) -> None:
    text = "ImageId,PredictionString\na,n00000001 1 2 3 4\n"
    (fault,) = outcomes(tmp_path, text, WORDS, words=True)
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.UNKNOWN_CATEGORY
    assert len([one for one in outcomes(tmp_path, text) if isinstance(one, Label)]) == 2


def test_a_line_in_another_encoding_is_a_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "truth.txt").write_bytes(b"a.jpg 1\n\xff.jpg 0\n")
    (tmp_path / "synsets.txt").write_text(WORDS, encoding="utf-8")
    export = IlsvrcExport("ilsvrc", "truth.txt", synsets="synsets.txt")
    label, fault = read_export(tmp_path, export, ())
    assert isinstance(label, Label)
    assert isinstance(fault, LabelFault)
    assert fault.reason is Reason.WRONG_ENCODING


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "there is no text"),
        ("What is this?\n", "expected a class number, a picture with one"),
        ("\x00\n", "this is something else"),
    ],
)
def test_a_file_of_another_kind_is_an_error(tmp_path: Path, text: str, detail: str) -> None:
    with pytest.raises(LabelFormatError, match=detail):
        outcomes(tmp_path, text, WORDS)


@pytest.mark.parametrize(
    "synsets", ["n01440764 tench\nn01440764 tench\n", "n01440764 1 a\nn01440765 1 b\n", "\n", "a\x00"]
)
def test_a_list_of_classes_that_names_none_or_one_twice_is_an_error(tmp_path: Path, synsets: str) -> None:
    with pytest.raises(LabelFormatError, match=r"synsets\.txt"):
        outcomes(tmp_path, "a.jpg 0\n", synsets)


def test_folders_are_called_by_the_words_of_their_synset(tmp_path: Path) -> None:
    (tmp_path / "synset_words.txt").write_text(WORDS, encoding="utf-8")
    items = [ItemName(f"train/{name}/1.JPEG", "image") for name in ("n01440764", "n00000000")]
    label, fault = read_export(tmp_path, ClassFolders("imagenet", "train", None, "synset_words.txt"), items)
    assert isinstance(label, Label)
    assert (label.label, label.attributes) == ("tench, Tinca tinca", {"wnid": "n01440764"})
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("n00000000/1.JPEG", Reason.UNKNOWN_CATEGORY)


@given(cut=st.integers(0, 1200), junk=st.binary(max_size=8), compressed=st.booleans())
def test_no_table_of_the_devkit_hurts(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes, *, compressed: bool
) -> None:
    path = tmp_path_factory.mktemp("devkit") / "meta.mat"
    write_meta(path, compressed=compressed)
    payload = path.read_bytes()
    path.write_bytes(payload[:cut] + junk + payload[cut + len(junk) :])
    try:
        read = read_synsets(path).words
    except LabelFormatError:
        read = {"broken": ""}
    assert read


def test_real_lists_of_pictures_and_classes_are_read(corpora: Path) -> None:
    root = corpora / "datumaro_assets" / "imagenet_txt_dataset"
    basic = IlsvrcExport("ilsvrc", "basic/train.txt", synsets="basic/synsets.txt")
    assert [(label.media, label.label) for label in labels_of(root, basic)] == [
        ("1.jpg", "label_0"),
        ("2.jpg", "label_5"),
        ("3.jpg", "label_3"),
        ("4.jpg", "label_5"),
    ]
    custom = IlsvrcExport("ilsvrc", "custom_labels/train.txt", synsets="custom_labels/synsets-alt.txt")
    assert [label.label for label in labels_of(root, custom)] == ["alt_label_0"]
    with pytest.raises(LabelFormatError, match="these numbers need `synsets`"):
        labels_of(root, IlsvrcExport("ilsvrc", "no_labels/train.txt"))


def test_real_class_folders_may_lie_in_one_another(corpora: Path) -> None:
    root = corpora / "datumaro_assets" / "imagenet_dataset"
    items = [ItemName(path.relative_to(root).as_posix(), "image") for path in sorted(root.rglob("*.jpg"))]
    *labels, fault = sorted(
        read_export(root, ClassFolders("imagenet", "."), items), key=lambda one: isinstance(one, LabelFault)
    )
    assert sorted(one.label or "" for one in labels if isinstance(one, Label)) == [
        "label_0",
        "label_1",
        "label_1_1",
    ]
    assert fault.native_id == "label_0_2.jpg"
