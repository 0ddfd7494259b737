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

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.label.spellings import names, spellings, stems

_RECORDED = ("audio", "video", "signal")
_SHOWN = 3
_REMEMBERED = 4096


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


_Index = dict[str, LabelledItem | list[LabelledItem]]
_Rule = Callable[[str], list[str]]


class ItemIndex:
    """The items of one batch by every name that a label may give them; an index is made when it is needed."""

    def __init__(self, items: Sequence[LabelledItem]) -> None:
        self._items = items
        self._indices: dict[_Rule, _Index] = {}
        self._answers: dict[tuple[str, str, bool], LabelledItem | Fault] = {}

    def find(self, media: str, export: str, *, timed: bool) -> LabelledItem | Fault:
        """The item that the export's label means, or why there is none; the last few names are remembered."""
        asked = (media, export, timed)
        if asked not in self._answers:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            self._answers[asked] = self._search(media, export, timed=timed)
        return self._answers[asked]

    def _search(self, media: str, export: str, *, timed: bool) -> LabelledItem | Fault:
        written = spellings(media)
        beside = [posixpath.normpath(posixpath.join(posixpath.dirname(export), path)) for path in written]
        rows = [f"{export}#{path}" for path in written]
        for rule, keys in (
            (_whole, written),
            (_whole, rows + beside),
            (_without_suffix, written),
            (_ends_of, written),
            (_name_of, names(written)),
            (_stem_of, names(written) + stems(written)),
        ):
            index = self._index(rule)
            found = next((_as_list(index[key]) for key in keys if key in index), [])
            if timed and rule in (_without_suffix, _stem_of):
                found = [item for item in found if item.modality in _RECORDED] or found
            if found:
                return found[0] if len(found) == 1 else _ambiguous(media, found)
        return Fault(Reason.ITEM_NOT_FOUND, f"no item of the batch is called '{_shortened(media)}'")

    def _index(self, rule: _Rule) -> _Index:
        if rule not in self._indices:
            self._indices[rule] = _indexed(self._items, rule)
        return self._indices[rule]


def _indexed(items: Iterable[LabelledItem], rule: _Rule) -> _Index:
    """The items by the keys that the rule gives their ids; one item stands for itself, several are a list."""
    index: _Index = {}
    for item in items:
        for key in rule(unicodedata.normalize("NFC", item.native_id)):
            known = index.get(key)
            if known is None:
                index[key] = item
            elif isinstance(known, list):
                known.append(item)
            else:
                index[key] = [known, item]
    return index


def _as_list(found: LabelledItem | list[LabelledItem]) -> list[LabelledItem]:
    return found if isinstance(found, list) else [found]


def _whole(path: str) -> list[str]:
    return [path]


def _without_suffix(path: str) -> list[str]:
    """The path without its last suffix; rows of tables have none."""
    return [] if "#" in path else [f"{PurePosixPath(path).with_suffix('')}"]


def _ends_of(path: str) -> list[str]:
    """Every end of the path of at least two parts: a/b/c gives a/b/c and b/c."""
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(len(parts) - 1)]


def _name_of(path: str) -> list[str]:
    """The row's id, or the file's name."""
    _, hash_sign, row_id = path.partition("#")
    return [row_id if hash_sign else PurePosixPath(path).name]


def _stem_of(path: str) -> list[str]:
    """The file's name without its last suffix; rows of tables have none."""
    return [PurePosixPath(bare).name for bare in _without_suffix(path)]


def _ambiguous(media: str, found: Sequence[LabelledItem]) -> Fault:
    shown = ", ".join(item.native_id for item in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return Fault(
        Reason.ITEM_AMBIGUOUS, f"'{_shortened(media)}' may be {shown}{more}; write the path in the batch"
    )


def _shortened(media: str) -> str:
    return media if len(media) <= 80 else f"{media[:77]}..."
