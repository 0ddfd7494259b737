"""The batches that came in: the folders below data/batches, each with a checked batch.yaml.

reads   data/batches/<batch>/batch.yaml
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tasks.core.align_entry import Align
from tasks.core.batch_file import BatchFile, read_batch_file
from tasks.core.clock_entry import Clock
from tasks.core.config import written_paths
from tasks.core.deliverable import refuse_undeliverable
from tasks.core.errors import ConfigError, InvalidBatchesError, PathEscapeError
from tasks.core.label_entries import Export
from tasks.core.machine import os_error_sentence
from tasks.core.source_entries import Source

BATCH_FILE = "batch.yaml"
WAIVER_FILE = "waiver.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Batch:
    """One delivered folder and what its batch.yaml says."""

    name: str
    folder: Path
    file: BatchFile

    def path(self, written: str) -> Path:
        """The place that a path in the batch file means; it never leads out of the batch unless absolute."""
        return inside(self.folder, written)

    def entries(self) -> list[Source | Export | Clock | Align]:
        """What the batch file lists: its sources, labels and clocks, and how they are aligned."""
        clocks = [clock for clock in self.file.clocks.values() if isinstance(clock, Clock)]
        return [*self.file.sources, *self.file.labels, *clocks, self.file.align]

    def written_paths(self) -> list[str]:
        """Every path that the batch file says."""
        return [path for entry in self.entries() for path in written_paths(entry)]


def inside(folder: Path, written: str) -> Path:
    """`folder / written`; PathEscapeError when a relative path, or a link on its way, leads out of it."""
    place = Path(written)
    if place.is_absolute():
        return place
    resolved = (folder / place).resolve()
    if not resolved.is_relative_to(folder.resolve()):
        raise PathEscapeError(
            folder / BATCH_FILE,
            None,
            f"the path '{written}' leads out of the batch; use a path inside it or an absolute one",
        )
    return folder / place


@dataclass(frozen=True)
class Deliveries:
    """What lies below data/batches: the batches that can be read, and the faults of the others."""

    batches: tuple[Batch, ...]
    faults: dict[str, ConfigError]

    @property
    def names(self) -> list[str]:
        """Every delivered name, sorted, but those that no batch may have."""
        return sorted([*(batch.name for batch in self.batches), *filter(_NAME.fullmatch, self.faults)])


def read_deliveries(folder: Path) -> Deliveries:
    """Every batch below the folder, sorted by name; a faulty one keeps none of the others from being read."""
    batches: list[Batch] = []
    faults: dict[str, ConfigError] = {}
    for batch_folder in _batch_folders(folder):
        try:
            batches.append(_read_batch(batch_folder))
        except ConfigError as fault:
            faults[_shown(batch_folder)] = fault
        except OSError as error:
            faults[_shown(batch_folder)] = ConfigError(batch_folder, None, os_error_sentence(error))
    return Deliveries(tuple(batches), faults)


def read_batches(folder: Path) -> list[Batch]:
    """Every batch below the folder, sorted by name; InvalidBatchesError tells all that is wrong at once."""
    found = read_deliveries(folder)
    if found.faults:
        raise InvalidBatchesError(list(found.faults.values()))
    return list(found.batches)


def _batch_folders(folder: Path) -> list[Path]:
    """What may be meant as a batch: every folder, and every link, which is refused by name."""
    if not folder.is_dir():
        return []
    places = (place for place in folder.iterdir() if not place.name.startswith("."))
    return sorted(place for place in places if place.is_symlink() or place.is_dir())


def _shown(folder: Path) -> str:
    """The folder's name; bytes that are no UTF-8 are written as hexadecimal escapes."""
    return folder.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _read_batch(folder: Path) -> Batch:
    if not _NAME.fullmatch(folder.name):
        raise ConfigError(
            folder.with_name(_shown(folder)),
            None,
            "a batch's name is letters, digits, '.', '_' and '-', at most 100 of them",
        )
    if folder.is_symlink():
        raise PathEscapeError(folder, None, "a batch must be a folder, not a link")
    refuse_undeliverable(folder)  # before anything in it is opened
    batch = Batch(folder.name, folder, read_batch_file(folder / BATCH_FILE))
    for written in batch.written_paths():
        _refuse_missing(batch, written)
    return batch


def _refuse_missing(batch: Batch, written: str) -> None:
    try:
        place = batch.path(written)
    except PathEscapeError as error:
        raise PathEscapeError(
            batch.folder / BATCH_FILE, _line_of(batch, written), str(error.args[0]).split(": ", 1)[1]
        ) from error
    if not place.exists():
        raise ConfigError(
            batch.folder / BATCH_FILE,
            _line_of(batch, written),
            f"the path '{written}' does not exist (looked for {place})",
        )
    if not (place.is_file() or place.is_dir()):
        message = f"the path '{written}' is neither a file nor a folder"
        raise ConfigError(batch.folder / BATCH_FILE, _line_of(batch, written), message)


def _line_of(batch: Batch, written: str) -> int | None:
    """The line of batch.yaml that says this path: the first one that contains it."""
    lines = (batch.folder / BATCH_FILE).read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if written in line), None)
