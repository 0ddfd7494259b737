"""The files of a Kaldi data folder (kaldi-asr.org, "Data preparation"), as what they say of each id.

A recording in wav.scp is a path, or a command or an offset into an archive. Commands are never run: such a
recording is known by its id alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.core.errors import LabelFormatError
from tasks.label_formats.reading.timed_files import read_lines

TO_THE_END = "-1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of one file: its number, its first field, and what follows."""

    line: int
    key: str
    rest: str


@dataclass(frozen=True, slots=True)
class Recording:
    """What names a recording's media: its path or id; with `command` wav.scp has no path for it."""

    media: str
    command: bool


def read_entries(folder: Path, name: str) -> Iterator[Entry]:
    """The lines of that file in order; none where the folder has no such file."""
    if not (folder / name).exists():
        return
    for number, line in enumerate(read_lines(folder / name), 1):
        key, _, rest = line.strip().replace("\t", " ", 1).partition(" ")
        if key:
            yield Entry(number, key, rest.strip())


def read_mapping(folder: Path, name: str) -> dict[str, str]:
    """What that file says of each id."""
    return {entry.key: entry.rest for entry in read_entries(folder, name)}


def read_recordings(folder: Path) -> dict[str, Recording]:
    """The recordings of wav.scp by their ids."""
    return {entry.key: _to_recording(entry) for entry in read_entries(folder, "wav.scp")}


def refuse_strange_folder(folder: Path) -> None:
    """LabelFormatError when it is no Kaldi data folder."""
    if not folder.is_dir() or not any((folder / name).exists() for name in ("text", "segments")):
        raise LabelFormatError(folder, None, "expected a Kaldi data folder with the file text or segments")


def _to_recording(entry: Entry) -> Recording:
    _, colon, offset = entry.rest.rpartition(":")
    indirect = "|" in (entry.rest[:1], entry.rest[-1:]) or entry.rest in ("", "-")
    if indirect or (colon and offset.isdecimal()):
        return Recording(entry.key, command=True)
    return Recording(entry.rest, command=False)
