"""Which item a label means: rules from the most literal to the loosest, the first that finds any decides.

1  the item's id in the batch: its path, or `<table>#<row id>`
2  the path beside the export, or the row of that id in the export's own table
3  the item's path without its suffix
4  the end of the item's path
5  the file's name, or the id of a row in any table
6  the file's name without its suffix

One item found: it is meant. Several found: the label is ambiguous, no looser rule is asked. Where suffixes
do not count, a label with times means a recording before anything else.
"""

import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tasks.core.candidate import Fault
from tasks.core.rejects import Reason
from tasks.label.spellings import names, spellings, stems

_RECORDED = ("audio", "video", "signal")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """What the stage needs of an item; `native_id` is its id without the batch."""

    item_id: str
    native_id: str
    modality: str
    clock: str
    start_ns: int | None
    duration_ns: int | None
    width: int | None
    height: int | None


_Index = dict[str, list[LabelledItem]]


class ItemIndex:
    """The items of one batch by every name that a label may give them."""

    def __init__(self, items: Sequence[LabelledItem]) -> None:
        self._answers: dict[tuple[str, str, bool], LabelledItem | Fault] = {}
        self._ids = _indexed(items, lambda path: [path])
        self._ends = _indexed(items, _ends_of)
        self._names = _indexed(items, lambda path: [_name_of(path)])
        self._bare_ids = _indexed(items, _without_suffix)
        self._stems = _indexed(
            items, lambda path: [PurePosixPath(bare).name for bare in _without_suffix(path)]
        )

    def find(self, media: str, export: str, *, timed: bool) -> LabelledItem | Fault:
        """The item that the export's label means, or why there is none; each name is looked for once."""
        asked = (media, export, timed)
        if asked not in self._answers:
            self._answers[asked] = self._search(media, export, timed=timed)
        return self._answers[asked]

    def _search(self, media: str, export: str, *, timed: bool) -> LabelledItem | Fault:
        written = spellings(media)
        beside = [posixpath.normpath(posixpath.join(posixpath.dirname(export), path)) for path in written]
        rows = [f"{export}#{path}" for path in written]
        for index, keys in (
            (self._ids, written),
            (self._ids, rows + beside),
            (self._bare_ids, written),
            (self._ends, written),
            (self._names, names(written)),
            (self._stems, names(written) + stems(written)),
        ):
            found = next((index[key] for key in keys if key in index), [])
            if timed and (index is self._bare_ids or index is self._stems):
                found = [item for item in found if item.modality in _RECORDED] or found
            if found:
                return found[0] if len(found) == 1 else _ambiguous(media, found)
        return Fault(Reason.ITEM_NOT_FOUND, f"no item of the batch is called '{_shortened(media)}'")


def _indexed(items: Iterable[LabelledItem], keys: Callable[[str], Iterable[str]]) -> _Index:
    index: _Index = {}
    for item in items:
        for key in keys(unicodedata.normalize("NFC", item.native_id)):
            index.setdefault(key, []).append(item)
    return index


def _without_suffix(path: str) -> list[str]:
    """The path without its last suffix; rows of tables have none."""
    return [] if "#" in path else [f"{PurePosixPath(path).with_suffix('')}"]


def _ends_of(path: str) -> list[str]:
    """Every end of the path of at least two parts: a/b/c gives a/b/c and b/c."""
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(len(parts) - 1)]


def _name_of(path: str) -> str:
    """The row's id, or the file's name."""
    _, hash_sign, row_id = path.partition("#")
    return row_id if hash_sign else PurePosixPath(path).name


def _ambiguous(media: str, found: Sequence[LabelledItem]) -> Fault:
    shown = ", ".join(item.native_id for item in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return Fault(
        Reason.ITEM_AMBIGUOUS, f"'{_shortened(media)}' may be {shown}{more}; write the path in the batch"
    )


def _shortened(media: str) -> str:
    return media if len(media) <= 80 else f"{media[:77]}..."
