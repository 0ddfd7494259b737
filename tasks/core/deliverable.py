"""What a batch folder must not hold, since nothing can read it to its end or name it: refused by name.

reads   the names and kinds of everything in a batch folder, hidden or not
Refused are pipes, sockets and devices, or links to one (opening a pipe waits for ever, and DVC opens all that
lies in data/batches before the first stage), and names that are not UTF-8, which DVC cannot write down.
`python -m tasks.core.deliverable` looks at every batch in data/batches, as `make` does before it calls DVC.
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from tasks.core.errors import ConfigError

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def refuse_undeliverable(folder: Path) -> None:
    """ConfigError naming the first thing in the folder, by its path, that no build can take in."""
    for place in sorted(_below(folder), key=os.fsencode):
        fault = _fault_of(place)
        if fault:
            raise ConfigError(Path(_shown(place)), None, fault)


def _below(folder: Path) -> Iterator[str]:
    """What is strange by its kind or its name; a folder that cannot be listed is told where it is read."""
    for top, folders, names in os.walk(folder):
        yield from (f"{top}{os.sep}{name}" for name in folders if not _is_utf8(name))
        for name in names:
            place = f"{top}{os.sep}{name}"
            if not _is_utf8(name) or not os.path.isfile(place):  # noqa: PTH113 # a tenth of the time
                yield place


def _fault_of(place: str) -> str | None:
    if not _is_utf8(Path(place).name):
        return "the name is not UTF-8, so nothing can refer to it; rename it (convmv renames whole folders)"
    try:
        kind = _KINDS.get(stat.S_IFMT(Path(place).stat().st_mode))
    except OSError:  # a link that leads nowhere, which is an unreadable item
        return None
    return f"it is {kind}, not a file; take it out of the batch" if kind else None


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(place: str) -> str:
    return place.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def main() -> int:
    """0, or 1 with a line on standard error for every batch that holds what cannot be taken in."""
    found = 0
    for folder in sorted(place for place in Path("data", "batches").glob("*") if place.is_dir()):
        try:
            refuse_undeliverable(folder)
        except ConfigError as fault:
            sys.stderr.write(f"{fault}\n")
            found = 1
    return found


if __name__ == "__main__":
    sys.exit(main())
