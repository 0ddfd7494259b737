"""Exports that are one small file per picture: the files, their names in the batch, their text."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError

LARGEST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export; `name` is its path in the batch, `prefix` sets its native ids apart."""

    path: Path
    name: str
    prefix: str


def export_files(batch: Batch, written: str, suffixes: Sequence[str]) -> Iterator[ExportFile]:
    """The one file that the entry names, or every file with one of the suffixes in and below the folder.

    Sorted by path. LabelFormatError when there is no file, or one is a link that leads out of the folder.
    """
    place, name = batch.path(written), delivered_name(batch, written)
    if not place.is_dir():
        yield ExportFile(place, name, "")
        return
    found = sorted((_readable(below), path) for below, path in _files_below(place, tuple(suffixes)))
    if not found:
        message = f"expected files with a suffix of {list(suffixes)}, there are none"
        raise LabelFormatError(place, None, message)
    for inner, path in found:
        yield ExportFile(Path(path), inner if name == "." else f"{name}/{inner}", f"{inner}/")


def _files_below(root: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The path from the root, and the whole path, of every file with one of the suffixes."""
    folders = [""]
    while folders:
        above = folders.pop()
        with os.scandir(root / above) as entries:
            for entry in entries:
                below = f"{above}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{below}/")
                elif entry.name.lower().endswith(suffixes) and entry.is_file():
                    if entry.is_symlink():
                        _refuse_leading_out(root, Path(entry.path))
                    yield below, entry.path


def _refuse_leading_out(root: Path, link: Path) -> None:
    if not link.resolve().is_relative_to(root.resolve()):
        raise LabelFormatError(link, None, "the link leads out of the folder; deliver the file itself")


def read_text(path: Path) -> str:
    """The file's text, which must be UTF-8 (with or without its mark); line ends become newlines."""
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one text file")
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise LabelFormatError(path, None, f"expected at most {LARGEST_BYTES} bytes, got {size}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"expected UTF-8 text, byte {error.start} is none; convert the file to UTF-8"
        raise LabelFormatError(path, None, message) from error


def _readable(name: str) -> str:
    r"""The name as the ids of items have it: bytes that are no UTF-8 are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
