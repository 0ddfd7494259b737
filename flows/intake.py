"""Take new batches in from an inbox: check, copy, track; what is wrong stays in the inbox and is named.

reads   <inbox>/<batch>/, complete once it has its batch.yaml: write that last
writes  data/batches/<batch>/ and data/batches/<batch>.dvc
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from flows.command import DVC, Log, run_command, silent
from tasks.core.batch import BATCH_FILE, read_batches
from tasks.core.deliverable import refuse_undeliverable
from tasks.core.errors import InvalidBatchesError, ModalweaveError
from tasks.core.partition import written_aside

TRACK_SECONDS = 3600.0
_BATCHES = Path("data", "batches")


@dataclass(frozen=True)
class Intake:
    """The batches that were taken in, and why the others were not: fault by name."""

    taken: tuple[str, ...]
    refused: dict[str, str]


def take_in(root: Path, inbox: Path, log: Log) -> Intake:
    """Copy every new, complete and right batch of the inbox into data/batches."""
    taken: list[str] = []
    refused: dict[str, str] = {}
    for folder in _new_batches(root, inbox, log):
        try:
            _copy_in(root, folder)
            taken.append(folder.name)
            log(f"{folder.name}: taken in")
        except (ModalweaveError, OSError) as fault:
            refused[folder.name] = f"{fault}"
            log(f"{folder.name}: stays in the inbox: {fault}")
    return Intake(tuple(taken), refused)


def track_new_batches(root: Path, log: Log) -> list[str]:
    """Have DVC track the batches that neither git nor DVC knows, whoever brought them; their names."""
    unknown = [batch.name for batch in read_batches(root / _BATCHES) if not _is_tracked(root, batch.name)]
    if unknown:
        places = [(_BATCHES / name).as_posix() for name in unknown]
        run_command(root, [*DVC, "add", "--quiet", *places], log, TRACK_SECONDS)
    return unknown


def _new_batches(root: Path, inbox: Path, log: Log) -> list[Path]:
    new = []
    for folder in sorted(place for place in inbox.iterdir() if place.is_dir()):
        if folder.name.startswith("."):
            log(f"{folder.name}: left alone, its name starts with a point")
        elif not (folder / BATCH_FILE).is_file():
            log(f"{folder.name}: left alone, it has no {BATCH_FILE} yet")
        elif (root / _BATCHES / folder.name).exists():
            log(f"{folder.name}: is in data/batches already")
        else:
            new.append(folder)
    return new


def _copy_in(root: Path, folder: Path) -> None:
    """Copy aside, check the copy, rename it into place: a batch is there whole or not at all."""
    refuse_undeliverable(folder)
    with written_aside(root / "data", "intake") as aside:
        shutil.copytree(folder, aside / folder.name, symlinks=True)
        try:
            read_batches(aside)
        except InvalidBatchesError as error:
            faults = "; ".join(str(fault) for fault in error.faults)
            raise ModalweaveError(faults.replace(str(aside), str(folder.parent))) from error
        place = root / _BATCHES / folder.name
        place.parent.mkdir(parents=True, exist_ok=True)
        (aside / folder.name).rename(place)


def _is_tracked(root: Path, name: str) -> bool:
    place = root / _BATCHES / name
    if place.with_name(f"{name}.dvc").is_file():
        return True
    return bool(run_command(root, ["git", "ls-files", "--", f"{place}"], silent))
