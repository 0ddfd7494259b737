"""The files of an export that is a folder: sorted, by their paths, and none from elsewhere."""

from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError
from tasks.core.label_entries import LabelExport
from tasks.label_formats.reading.export_files import ExportFile, export_files, read_text
from tests.label_formats.exports import batch_of


def files_of(folder: Path, written: str) -> list[ExportFile]:
    return list(export_files(batch_of(folder, LabelExport("voc", written)), written, (".txt",)))


def test_files_come_sorted_by_their_paths_from_every_depth(tmp_path: Path) -> None:
    for name in ("ann/b.txt", "ann/a/z.TXT", "ann/a.txt", "ann/c.xml", "ann/.txt.d/x.txt", "other.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [(file.name, file.prefix) for file in files_of(tmp_path, "ann")] == [
        ("ann/.txt.d/x.txt", ".txt.d/x.txt/"),
        ("ann/a.txt", "a.txt/"),
        ("ann/a/z.TXT", "a/z.TXT/"),
        ("ann/b.txt", "b.txt/"),
    ]
    assert [file.path for file in files_of(tmp_path, "ann")] == [
        tmp_path / name for name in ("ann/.txt.d/x.txt", "ann/a.txt", "ann/a/z.TXT", "ann/b.txt")
    ]
    assert files_of(tmp_path, "other.txt") == [ExportFile(tmp_path / "other.txt", "other.txt", "")]
    assert [file.name for file in files_of(tmp_path, ".")][-1] == "other.txt"


def test_a_name_that_is_no_utf_8_is_written_readably(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / b"caf\xe9.txt".decode("utf-8", "surrogateescape")).write_text("x")
    (file,) = files_of(tmp_path, "ann")
    assert (file.name, read_text(file.path)) == ("ann/caf\\xe9.txt", "x")


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_read(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "a.txt").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "ann" / "b.txt").symlink_to("a.txt")
    (tmp_path / "ann" / "gone.txt").symlink_to("nowhere.txt")
    (tmp_path / "ann" / "up").symlink_to("..")
    assert [file.name for file in files_of(tmp_path, "ann")] == ["ann/a.txt", "ann/b.txt"]
    (tmp_path / "ann" / "c.txt").symlink_to("../secret.txt")
    with pytest.raises(LabelFormatError, match=r"c\.txt: the link leads out of the folder"):
        files_of(tmp_path, "ann")


def test_a_folder_without_such_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    with pytest.raises(
        LabelFormatError, match=r"expected files with a suffix of \['\.txt'\], there are none"
    ):
        files_of(tmp_path, "ann")
