"""What was delivered under each name, so that a correction is told from what was changed here since.

reads, writes  data/deliveries/<batch>.json, versioned by git: the SHA-256 of every file by its path
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.errors import DeliveryError
from tasks.core.digests import Digests

DELIVERIES = Path("data", "deliveries")
_NAMED = 3

Listing = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """The paths of the files in which a delivery differs from the one before."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        """What a person reads, such as: 1 changed (batch.yaml), 2 removed (a.jpg, b.jpg)."""
        kinds = {"added": self.added, "changed": self.changed, "removed": self.removed}
        said = [f"{len(paths)} {kind} ({_shortened(paths)})" for kind, paths in kinds.items() if paths]
        return ", ".join(said)


def list_files(folder: Path, digests: Digests) -> Listing:
    """The digest of every file below the folder; of a link, where it leads."""
    listing = {
        place.relative_to(folder).as_posix(): f"-> {place.readlink()}"
        if place.is_symlink()
        else digests.of_file(place)
        for place in files_below(folder)
    }
    return dict(sorted(listing.items()))


def files_below(folder: Path) -> Iterator[Path]:
    """Every file and link below the folder; DeliveryError for a pipe or device, which has no end."""
    for parent, folders, names in os.walk(folder, onerror=_raise):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for place in (Path(parent, name) for name in [*names, *links]):
            if not (place.is_symlink() or place.is_file()):
                raise DeliveryError(f"{place} is a pipe, socket or device: deliver files, folders and links")
            yield place


def difference(before: Listing, now: Listing) -> Difference:
    """What was added, changed and removed."""
    return Difference(
        tuple(path for path in now if path not in before),
        tuple(path for path in now if path in before and now[path] != before[path]),
        tuple(path for path in before if path not in now),
    )


def merge(before: Listing, now: Listing, here: Listing) -> Listing:
    """The corrected batch: what the delivery changed comes from it, what was changed here alone stays.

    DeliveryError names the files that both changed, each in its own way.
    """
    merged, both = {}, []
    for path in sorted({*before, *now, *here}):
        was, comes, is_here = before.get(path), now.get(path), here.get(path)
        if comes != was and is_here not in (was, comes):
            both.append(path)
        result = is_here if comes == was else comes
        if result is not None:
            merged[path] = result
    if both:
        raise DeliveryError(
            f"the correction and somebody here changed the same files ({_shortened(both)}): make them equal"
            " in the delivery and in data/batches, or undo the change here"
        )
    return merged


def read_record(root: Path, name: str) -> Listing | None:
    """What was last taken in under this name; None when that is not known."""
    place = root / DELIVERIES / f"{name}.json"
    return parse_record(place.read_text(encoding="utf-8")) if place.is_file() else None


def parse_record(text: str) -> Listing:
    """The digest by path of a record's text."""
    return {path: f"{digest}" for path, digest in json.loads(text).items()}


def write_record(root: Path, name: str, listing: Listing) -> None:
    """Write down what was taken in, a line per file."""
    place = root / DELIVERIES / f"{name}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_suffix(".partial")
    partial.write_text(json.dumps(listing, indent=0) + "\n", encoding="utf-8")
    partial.replace(place)


def _shortened(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def _raise(error: OSError) -> None:
    raise error
