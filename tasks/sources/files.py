"""Media files: everything in a folder to its depths, or one file.

reads   names only: the folder that a `files` source names
Taken is what lies there, but for hidden files, and what the batch file gives another meaning: label exports
(also those in a folder that a labels entry names), marks of clocks, tables of other sources, batch.yaml.
What is taken and turns out to be no media becomes an unreadable item, so it is seen. So does a link to a
folder, which is not entered, and a link out of the source, which is not followed.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from tasks.core.batch import BATCH_FILE, WAIVER_FILE, Batch
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.config import written_paths
from tasks.core.content import FileContent
from tasks.core.delivered import (
    ANNOTATION_SUFFIXES,
    Root,
    fill_template,
    leads_out,
    refuse_unknown_placeholders,
    root_of,
)
from tasks.core.errors import SourceError
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.source_entries import FilesSource

_PLACEHOLDERS = ("parent", "stem", "name", "batch")


def list_files(delivery: Delivery, options: FilesSource) -> Iterator[Candidate]:
    """A candidate per file, in the order of their ids."""
    batch = delivery.batch
    refuse_unknown_placeholders(batch, options.session, _PLACEHOLDERS)
    root, top = root_of(batch, options.path), batch.path(options.path)
    named = _named_by(batch)
    candidates = [
        _to_candidate(batch, options, root, place) for place in _walk(top) if not named.covers(place)
    ]
    yield from sorted(candidates, key=lambda candidate: candidate.native_id)


def _walk(top: Path) -> Iterator[Path]:
    """Every file, and every link to a folder, below the place; or the place itself when it is a file."""
    if not top.is_dir():
        yield top
        return
    for folder, folders, names in os.walk(top, onerror=_refuse_closed_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = Path(folder)
        yield from (here / name for name in folders if (here / name).is_symlink())
        yield from (here / name for name in names if not name.startswith("."))


def _refuse_closed_folder(error: OSError) -> None:
    raise SourceError(f"the folder '{error.filename}' cannot be listed: {error.strerror}") from error


class _Named:
    """The files and folders of a batch that its batch file gives another meaning."""

    def __init__(self, files: set[Path], folders: set[Path]) -> None:
        self._files = files
        self._folders = folders

    def covers(self, place: Path) -> bool:
        """Whether the place is no media, as the batch file says what else it is."""
        normal = Path(os.path.normpath(place.absolute()))
        if normal in self._files:
            return True
        is_export = place.suffix.lower() in ANNOTATION_SUFFIXES
        return is_export and any(folder in self._folders for folder in normal.parents)


def _named_by(batch: Batch) -> _Named:
    entries = [entry for entry in batch.entries() if not isinstance(entry, FilesSource)]
    written = [path for entry in entries for path in written_paths(entry)] + [BATCH_FILE, WAIVER_FILE]
    places = {Path(os.path.normpath(batch.path(path).absolute())) for path in written}
    return _Named(places, {place for place in places if place.is_dir()})


def _to_candidate(batch: Batch, options: FilesSource, root: Root, place: Path) -> Candidate:
    name = root.id_of(place)
    values = {"parent": place.parent.name, "stem": place.stem, "name": place.name, "batch": batch.name}
    fault = _fault_of(root, place, name)
    return Candidate(
        name,
        name,
        fill_template(options.session, values),
        options.role,
        options.clock,
        options.start,
        content=None if fault else FileContent(place),
        name=place.name,
        fault=fault,
        video=options.video,
    )


def _fault_of(root: Root, place: Path, name: str) -> Fault | None:
    if not place.is_symlink():
        return None
    if not root.holds(place):
        return leads_out(name)
    if place.is_dir():
        return Fault(Reason.UNREADABLE, f"'{name}' is a link to a folder; deliver the folder itself")
    return None


SOURCE = SourceKind("files", FilesSource, list_files)
