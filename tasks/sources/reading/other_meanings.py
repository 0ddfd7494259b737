"""What a batch file says of the files that lie where the media are: those are no media of a `files` source.

Label exports, marks of clocks, tables, shards and Parquet files of other sources, batch.yaml. In a folder, or
an archive, that an entry names, it is the files of the entry's kind.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tasks.core.archives import TAR_SUFFIXES, is_archive_name
from tasks.core.batch import BATCH_FILE, WAIVER_FILE, Batch
from tasks.core.config import written_paths
from tasks.core.delivered import ANNOTATION_SUFFIXES
from tasks.core.rows import PARQUET_SUFFIXES
from tasks.core.source_entries import FilesSource, ParquetSource, WebDatasetSource

_SUFFIXES_BY_KIND: dict[type, tuple[str, ...]] = {
    ParquetSource: PARQUET_SUFFIXES,
    WebDatasetSource: TAR_SUFFIXES,
}


@dataclass(frozen=True)
class OtherMeanings:
    """The files that a batch file gives another meaning, and by folder the suffixes of those that it does.

    Places are absolute, and text: every one of a million members is asked for.
    """

    files: frozenset[str]
    folders: dict[str, tuple[str, ...]]

    def covers(self, place: Path) -> bool:
        """Whether the place is no media, as the batch file says what else it is."""
        normal = _normal(place)
        if normal in self.files:
            return True
        name = normal.lower()
        return any(
            name.endswith(suffixes) and normal.startswith(f"{folder}/")
            for folder, suffixes in self.folders.items()
        )


def other_meanings(batch: Batch) -> OtherMeanings:
    """What the entries of the batch file, but for its `files` sources, are about."""
    files = {_normal(batch.path(name)) for name in (BATCH_FILE, WAIVER_FILE)}
    folders: dict[str, tuple[str, ...]] = {}
    for entry in batch.entries():
        if isinstance(entry, FilesSource):
            continue
        suffixes = _SUFFIXES_BY_KIND.get(type(entry), tuple(sorted(ANNOTATION_SUFFIXES)))
        for place in (batch.path(written) for written in written_paths(entry)):
            # An archive that labels name is like a folder: its pictures are media, its exports are not.
            is_folder = place.is_dir() or (entry in batch.file.labels and is_archive_name(place.name))
            if is_folder:
                folders[_normal(place)] = folders.get(_normal(place), ()) + suffixes
            else:
                files.add(_normal(place))
    return OtherMeanings(frozenset(files), folders)


def _normal(place: Path) -> str:
    return os.path.normpath(place.absolute())
