"""Take batches in from an inbox: check, copy, track; what is wrong stays in the inbox and is named.

reads   <inbox>/<batch>/, complete once it has its batch.yaml: write that last
writes  data/batches/<batch>/, data/batches/<batch>.dvc and data/deliveries/<batch>.json

A known name with other content is a correction of that batch. What somebody changed here since the delivery
(a waiver, a line of batch.yaml) is kept, unless the correction changes the same file.
"""

import shutil
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from flows.command import DVC, Log, run_command, silent
from flows.deliveries import (
    Difference,
    Listing,
    difference,
    files_below,
    list_files,
    merge,
    read_record,
    write_record,
)
from flows.errors import DeliveryError
from tasks.core.batch import BATCH_FILE, WAIVER_FILE, read_batches
from tasks.core.digests import Digests
from tasks.core.errors import InvalidBatchesError, ModalweaveError
from tasks.core.partition import written_aside

TRACK_SECONDS = 3600.0
_BATCHES = Path("data", "batches")
_REPLACED = ".{name}.replaced"


class Corrections(StrEnum):
    """What becomes of a delivery whose name is known and whose content is another one."""

    TAKE = "take"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Intake:
    """The new batches, what changed in the corrected ones, and why the others were not taken in, by name."""

    taken: list[str] = field(default_factory=list)
    corrected: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def take_in(root: Path, inbox: Path, corrections: Corrections, log: Log) -> Intake:
    """Bring every complete and right delivery of the inbox into data/batches, unless it is there already."""
    intake, digests = Intake(), Digests(root / "data")
    for folder in sorted(place for place in inbox.iterdir() if place.is_dir()):
        name = folder.name
        try:
            if not _is_complete(folder, log):
                continue
            if not (root / _BATCHES / name).exists():
                _copy_in(root, folder, digests)
                intake.taken.append(name)
                log(f"{name}: taken in")
            elif changed := _correct(root, folder, corrections, digests):
                intake.corrected[name] = f"{changed}"
                log(f"{name}: taken in as a correction: {changed}")
            else:
                log(f"{name}: is in data/batches already")
        except (ModalweaveError, OSError) as fault:
            intake.refused[name] = f"{fault}"
            log(f"{name}: stays in the inbox: {fault}")
    digests.save()
    return intake


def track_new_batches(root: Path, log: Log) -> list[str]:
    """Have DVC track the batches that neither git nor DVC knows, whoever brought them; their names."""
    complete = sorted(file.parent.name for file in (root / _BATCHES).glob(f"[!.]*/{BATCH_FILE}"))
    unknown = [name for name in complete if not _is_tracked(root, name)]
    if unknown:
        places = [(_BATCHES / name).as_posix() for name in unknown]
        run_command(root, [*DVC, "add", "--quiet", *places], log, TRACK_SECONDS)
    return unknown


def restore_replaced(root: Path, log: Log) -> None:
    """End what a killed correction began: bring the old batch back, or remove it if the new one is here."""
    for old in sorted((root / _BATCHES).glob(_REPLACED.format(name="*"))):
        place = old.with_name(old.name.removeprefix(".").removesuffix(".replaced"))
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)
            log(f"{place.name}: a killed run was about to correct it; it is here again as it was")


def _is_complete(folder: Path, log: Log) -> bool:
    if folder.name.startswith("."):
        log(f"{folder.name}: left alone, its name starts with a point")
    elif not (folder / BATCH_FILE).is_file():
        log(f"{folder.name}: left alone, it has no {BATCH_FILE} yet")
    else:
        return True
    return False


def _copy_in(root: Path, folder: Path, digests: Digests) -> None:
    """Copy aside, check the copy, rename it into place: a batch is there whole or not at all."""
    with written_aside(root / "data", "intake") as aside:
        delivered = _copy_aside(folder, aside, digests)
        _refuse_faults(aside, folder.parent)
        place = root / _BATCHES / folder.name
        place.parent.mkdir(parents=True, exist_ok=True)
        (aside / folder.name).rename(place)
    write_record(root, folder.name, delivered)


def _correct(root: Path, folder: Path, corrections: Corrections, digests: Digests) -> Difference | None:
    """What the delivery changed in the batch of its name, which it has replaced; None when it is the same."""
    place = root / _BATCHES / folder.name
    now, before = list_files(folder, digests), read_record(root, folder.name)
    if now == before:
        return None
    here = list_files(place, digests)
    if before is None:  # put here by hand: all that is here was delivered, but for a waiver
        before = {path: digest for path, digest in here.items() if path in now or path != WAIVER_FILE}
    changed = difference(before, now)
    if changed and corrections == Corrections.REFUSE:
        raise DeliveryError(
            f"a batch of this name was taken in before with other content: {changed}; give the delivery"
            " another name, or start the flow with corrections: take"
        )
    merged = merge(before, now, here)
    if merged != here:
        _replace(root, folder, (now, merged), digests)
    write_record(root, folder.name, now)
    return changed or None


def _replace(root: Path, folder: Path, wanted: tuple[Listing, Listing], digests: Digests) -> None:
    """Put the merged batch in the place of the old one; killed in the middle, `restore_replaced` goes on."""
    now, merged = wanted
    place = root / _BATCHES / folder.name
    with written_aside(root / "data", "intake") as aside:
        if _copy_aside(folder, aside, digests) != now:
            raise DeliveryError("it changed while it was being read; the next run takes it in")
        _keep_own_changes(place, aside / folder.name, now, merged)
        _refuse_faults(aside, folder.parent)
        old = place.with_name(_REPLACED.format(name=place.name))
        place.rename(old)
        (aside / folder.name).rename(place)
    shutil.rmtree(old)


def _copy_aside(folder: Path, aside: Path, digests: Digests) -> Listing:
    """Copy the delivery and list the copy; what cannot be copied is refused before."""
    for _ in files_below(folder):
        pass
    shutil.copytree(folder, aside / folder.name, symlinks=True)
    return list_files(aside / folder.name, digests)


def _keep_own_changes(place: Path, copy: Path, now: Listing, merged: Listing) -> None:
    """Make the copy of the delivery the merged batch, with the files that only this repository changed."""
    for path in now:
        if path not in merged:
            (copy / path).unlink()
    for path, digest in merged.items():
        if now.get(path) != digest:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).unlink(missing_ok=True)
            shutil.copy2(place / path, copy / path, follow_symlinks=False)


def _refuse_faults(aside: Path, inbox: Path) -> None:
    """DeliveryError with all that is wrong in the one batch that lies aside, named as it is in the inbox."""
    try:
        read_batches(aside)
    except InvalidBatchesError as error:
        faults = "; ".join(str(fault) for fault in error.faults)
        raise DeliveryError(faults.replace(str(aside), str(inbox))) from error


def _is_tracked(root: Path, name: str) -> bool:
    place = root / _BATCHES / name
    if place.with_name(f"{name}.dvc").is_file():
        return True
    return bool(run_command(root, ["git", "ls-files", "--", f"{place}"], silent))
