"""What is said in recordings: the files an entry names, their text or lines, and the media they are about."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tasks.core.batch import Batch
from tasks.core.delivered import delivered_name
from tasks.core.errors import LabelFormatError, TableFileError
from tasks.core.label import Label, LabelFault, broken_export
from tasks.core.label_entries import TimedExport, TranscriptExport, fill_item

LARGEST_BYTES = 100_000_000
LONGEST_LINE = 1_000_000
# Tasks whose answer is one of a few words: there what was written is the label, and no text.
CLASS_TASKS = frozenset({"classification", "sentiment"})
NAMING_TASKS = CLASS_TASKS | {"event"}
_UTF32_MARKS = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class TimedFile:
    """One file of labels; `prefix` sets its native ids apart.

    `media` is the item that it is about, where it does not name its media itself; `item` what the entry says.
    """

    path: Path
    name: str
    prefix: str
    media: str
    item: str | None = None


def read_timed_files(
    batch: Batch,
    entry: TimedExport | TranscriptExport,
    suffixes: Sequence[str],
    read: Callable[[TimedFile], Iterator[Label | LabelFault]],
) -> Iterator[Label | LabelFault]:
    """What `read` finds in the entry's file, or in every file below its folder with one of the suffixes.

    Without `item` a file is about the item of the same path or name but for the suffix. LabelFormatError when
    there is no file, or the only one is broken; a broken one among others is a fault.
    """
    place, name = batch.path(entry.path), delivered_name(batch, entry.path)
    if not place.is_dir():
        item = fill_item(entry.item, place) if entry.item else None
        yield from read(TimedFile(place, name, "", item or _bare(name), item))
        return
    if entry.item and "{" not in entry.item:
        message = "`item` is for one file, but the path is a folder of them; say a pattern"
        raise LabelFormatError(place, None, f'{message} such as `item: "{{stem}}.wav"`')
    paths = sorted(path for path in place.rglob("*") if path.suffix.lower() in suffixes and path.is_file())
    if not paths:
        raise LabelFormatError(
            place, None, f"expected files with a suffix of {list(suffixes)}, there are none"
        )
    for path in paths:
        below = _readable(path.relative_to(place).as_posix())
        full = f"{name}/{below}"
        try:
            item = fill_item(entry.item, path) if entry.item else None
            yield from read(TimedFile(path, full, f"{below}/", item or _bare(full), item))
        except (LabelFormatError, TableFileError) as error:
            yield broken_export(below, full, error)


def read_text(path: Path, encoding: str | None = None) -> str:
    """The file's text: UTF-16 where its byte order mark says so, else of the encoding, or UTF-8.

    Line ends become newlines.
    """
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise LabelFormatError(path, None, f"expected at most {LARGEST_BYTES} bytes, got {size}")
    payload = path.read_bytes()
    refuse_utf32(path, payload)
    expected = encoding or "UTF-8 or UTF-16"
    try:
        text = payload.decode(_codec_of(payload, encoding))
    except UnicodeDecodeError as error:
        advice = "convert the file to UTF-8, or (subtitles) say which one it has: `encoding: windows-1252`"
        message = f"expected {expected} text, byte {error.start} is none; {advice}"
        raise LabelFormatError(path, None, message) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_lines(path: Path) -> Iterator[str]:
    """The file's lines, one after the other, so that a file of any size is read in little memory."""
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one text file")
    number = 0
    with path.open("rb") as file:
        head = file.read(4)
        refuse_utf32(path, head)
        encoding = _codec_of(head, None)
    try:
        with path.open(encoding=encoding) as text:
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    message = f"expected lines of fewer than {LONGEST_LINE} characters"
                    raise LabelFormatError(path, number, message)
                yield line
    except UnicodeError as error:
        message = f"expected UTF-8 or UTF-16 text, after line {number} it is none; convert the file to UTF-8"
        raise LabelFormatError(path, None, message) from error


def refuse_utf32(path: Path, head: bytes) -> None:
    """LabelFormatError when the file begins with a mark of UTF-32, the first half of which is UTF-16's."""
    if head.startswith(_UTF32_MARKS):
        error = UnicodeError("UTF-32")
        raise LabelFormatError(path, None, "the text is UTF-32; convert the file to UTF-8") from error


def _codec_of(head: bytes, encoding: str | None) -> str:
    if head.startswith(UTF16_MARKS):
        return "utf-16"
    return "utf-8-sig" if encoding in (None, "utf-8") else str(encoding)


def parse_confidence(text: str) -> tuple[float | None, dict[str, str]]:
    """A confidence from 0 to 1; a score of another scale (a logarithm) is the attribute `score` instead."""
    number = float(text)
    return (number, {}) if 0 <= number <= 1 else (None, {"score": text})


def _bare(name: str) -> str:
    return f"{PurePosixPath(name).with_suffix('')}"


def _readable(name: str) -> str:
    r"""The name as the ids of items have it: bytes that are no UTF-8 are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
