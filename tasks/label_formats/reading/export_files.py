"""Exports that are one small file per picture: the files, their names in the batch, their text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.label_formats.reading.delivered_name import delivered_name

LARGEST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export; `name` is its path in the batch, `prefix` sets its native ids apart."""

    path: Path
    name: str
    prefix: str


def export_files(batch: Batch, written: str, suffixes: Sequence[str]) -> Iterator[ExportFile]:
    """The one file that the entry names, or every file with one of the suffixes in and below the folder.

    Sorted by path. LabelFormatError when there is no file.
    """
    place, name = batch.path(written), delivered_name(batch, written)
    if not place.is_dir():
        yield ExportFile(place, name, "")
        return
    found = [path for path in place.rglob("*") if path.suffix.lower() in suffixes and path.is_file()]
    if not found:
        message = f"expected files with a suffix of {list(suffixes)}, there are none"
        raise LabelFormatError(place, None, message)
    below = sorted((_readable(path.relative_to(place).as_posix()), path) for path in found)
    for inner, path in below:
        yield ExportFile(path, inner if name == "." else f"{name}/{inner}", f"{inner}/")


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
