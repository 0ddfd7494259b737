"""Timed text: the files an entry names, their text, and the media they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tasks.core.batch import Batch
from tasks.core.errors import LabelFormatError
from tasks.core.label_entries import TimedExport
from tasks.label_formats.reading.delivered_name import delivered_name

LARGEST_BYTES = 100_000_000


@dataclass(frozen=True)
class TimedFile:
    """One file of timed text; `prefix` sets its native ids apart, and `media` is the item it is about."""

    path: Path
    name: str
    prefix: str
    media: str
    text: str


def read_timed_files(batch: Batch, entry: TimedExport, suffixes: Sequence[str]) -> Iterator[TimedFile]:
    """The one file, or every file with one of the suffixes below the folder that the entry names.

    Without `item` a file is about the item of the same path or name but for the suffix. LabelFormatError when
    there is no file.
    """
    place, name = batch.path(entry.path), delivered_name(batch, entry.path)
    if not place.is_dir():
        yield TimedFile(place, name, "", entry.item or _bare(name), _read_text(place))
        return
    if entry.item:
        raise LabelFormatError(place, None, "`item` is for one file, but the path is a folder of them")
    paths = sorted(path for path in place.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
    if not paths:
        raise LabelFormatError(
            place, None, f"expected files with a suffix of {list(suffixes)}, there are none"
        )
    for path in paths:
        below = _readable(path.relative_to(place).as_posix())
        yield TimedFile(path, f"{name}/{below}", f"{below}/", _bare(f"{name}/{below}"), _read_text(path))


def _bare(name: str) -> str:
    return f"{PurePosixPath(name).with_suffix('')}"


def _readable(name: str) -> str:
    r"""The name as the ids of items have it: bytes that are no UTF-8 are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _read_text(path: Path) -> str:
    """The file's text: UTF-16 where its byte order mark says so, else UTF-8; line ends become newlines."""
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise LabelFormatError(path, None, f"expected at most {LARGEST_BYTES} bytes, got {size}")
    payload = path.read_bytes()
    encoding = "utf-16" if payload.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"expected UTF-8 or UTF-16 text, byte {error.start} is none; convert the file to UTF-8"
        raise LabelFormatError(path, None, message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
