"""The files of one kind that a path means: the file itself, or those in a folder, to its depths."""

import os
from collections.abc import Iterator
from pathlib import Path

from tasks.core.delivered import Root, leads_out
from tasks.core.errors import SourceError
from tasks.core.fault import Fault


def files_below(root: Root, top: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[Path, Fault | None]]:
    """Each file in the order of their paths, with a fault when it is a link that leads out of the root.

    In a folder those of the suffixes are taken, but for hidden ones; links to folders are not entered.
    """
    places = sorted(_walk(top, suffixes)) if top.is_dir() else [top]
    for place in places:
        yield place, None if root.holds(place) else leads_out(root.id_of(place))


def _walk(top: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for folder, folders, names in os.walk(top, onerror=_refuse_closed_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        taken = (name for name in names if name.lower().endswith(suffixes) and not name.startswith("."))
        yield from (Path(folder) / name for name in taken)


def _refuse_closed_folder(error: OSError) -> None:
    raise SourceError(f"the folder '{error.filename}' cannot be listed: {error.strerror}") from error
