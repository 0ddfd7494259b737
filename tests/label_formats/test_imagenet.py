from pathlib import Path

import pytest

from tasks.core.label import ItemName, Label, LabelFault
from tasks.core.label_entries import ClassFolders
from tasks.core.rejects import Reason
from tests.label_formats.exports import labels_of, read_export


def picture(native_id: str) -> ItemName:
    return ItemName(native_id, "image", 8, 8)


@pytest.mark.parametrize("path", ["photos", "photos/", "./photos"])
def test_the_folder_that_a_picture_lies_in_is_its_class(tmp_path: Path, path: str) -> None:
    items = (picture("other/cat/1.jpg"), picture("photos/cat/1.jpg"), picture("photos/animals/dog/1.jpg"))
    labels = labels_of(tmp_path, ClassFolders("imagenet", path), items)
    assert [(label.native_id, label.label) for label in labels] == [
        ("cat/1.jpg", "cat"),
        ("animals/dog/1.jpg", "dog"),
    ]
    assert [label.media for label in labels] == ["photos/cat/1.jpg", "photos/animals/dog/1.jpg"]


def test_a_picture_in_no_class_folder_is_a_fault_and_other_media_have_no_class(tmp_path: Path) -> None:
    items = (ItemName("photos/README.md", "text", None, None), picture("photos/stray.jpg"))
    (fault,) = read_export(tmp_path, ClassFolders("imagenet", "photos"), items)
    assert isinstance(fault, LabelFault)
    assert (fault.native_id, fault.reason) == ("stray.jpg", Reason.MALFORMED)


def test_class_folders_elsewhere_are_named_as_their_items_are(tmp_path: Path) -> None:
    items = (picture("photos/cat/1.jpg"),)
    place = tmp_path / "elsewhere" / "photos"
    place.mkdir(parents=True)
    (label,) = labels_of(tmp_path / "batch", ClassFolders("imagenet", str(place)), items)
    assert isinstance(label, Label)
    assert label.native_id == "cat/1.jpg"


def test_the_class_of_real_pictures_is_their_folder(corpora: Path) -> None:
    root = corpora / "clothing_small"
    items = tuple(picture(path.relative_to(root).as_posix()) for path in sorted(root.rglob("*.jpg")))
    labels = labels_of(root, ClassFolders("imagenet", "."), items)
    counts = [len([label for label in labels if label.label == name]) for name in {x.label for x in labels}]
    assert (len(labels), len(counts), min(counts), max(counts)) == (341, 10, 12, 81)
