"""The items that a format must know itself: for their size in pixels, or for the times of their frames.

Most formats name the media and leave it to the label stage to find them. Names are not paths to open here:
Windows separators, drives and `..` are understood as far as they tell files apart.
"""

import unicodedata
from collections.abc import Iterable

from tasks.core.fault import Fault
from tasks.core.label import ItemName
from tasks.core.rejects import Reason


class KnownItems:
    """The items of some modalities, by their path without its suffix and by their file's stem."""

    def __init__(self, items: Iterable[ItemName], modalities: Iterable[str]) -> None:
        wanted = frozenset(modalities)
        self._by_path: dict[str, list[ItemName]] = {}
        self._by_stem: dict[str, list[ItemName]] = {}
        for item in items:
            if item.modality in wanted:
                path = bare_path(item.native_id)
                self._by_path.setdefault(path, []).append(item)
                self._by_stem.setdefault(path.rsplit("/", 1)[-1], []).append(item)

    def find(self, *written: str) -> ItemName | Fault:
        """The item of the first path that is one's, suffixes aside; else the only one of that file stem."""
        paths = [bare_path(name) for name in written]
        for path in paths:
            if path in self._by_path:
                return self._only(self._by_path[path], written[0])
        stems = [path.rsplit("/", 1)[-1] for path in paths]
        return self._only(
            next((self._by_stem[stem] for stem in stems if stem in self._by_stem), []), written[0]
        )

    def _only(self, found: list[ItemName], written: str) -> ItemName | Fault:
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(item.native_id for item in found[:3])
            return Fault(Reason.ITEM_AMBIGUOUS, f"'{written[:80]}' may be {shown}; deliver them apart")
        return Fault(Reason.ITEM_NOT_FOUND, f"no item of the batch is called '{written[:80]}'")


def bare_path(name: str) -> str:
    """The path with / and without its suffix, in one Unicode form."""
    slashed = unicodedata.normalize("NFC", name).replace("\\", "/")
    folder, slash, name = slashed.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{stem}" if dot and stem else slashed
