"""Which item a label means: rules from the most literal to the loosest, the first that finds any decides.

1  the item's id in the batch: its path, or `<table>#<row id>`
2  the path beside the export, or the row of that id in the export's own table
3  the item's path without its suffix
4  the end of the item's path
5  the file's name, or the id of a row in any table
6  the file's name without its suffix
7  the file's name without what Label Studio puts before it: 8 hexadecimal digits and a dash

One item found: it is meant. Several found: the label is ambiguous, no looser rule is asked. Where suffixes
do not count, a label with times, or of what was said, means a recording before anything else. What was taken
out of another item, such as a video's frame, is named only with that item: `<video>#<frame>`.
"""

import posixpath
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.spellings import names, spellings, stems, without_suffix, without_upload_marks

_RECORDED = ("audio", "video", "signal")
_SHOWN = 3
_REMEMBERED = 65_536

# The rows of the items under each key; one alone is not in a list, which takes a fifth of the memory.
_Index = dict[str, int | list[int]]
_Rule = Callable[[str], list[str]]


@dataclass(frozen=True)
class NamedItems:
    """The items of a batch by row: their ids without the batch, and which were taken out of other items."""

    native_ids: list[str]
    modalities: list[str]
    derived: list[bool]


class ItemIndex:
    """The items of one batch by every name that a label may give them; an index is made when it is needed."""

    def __init__(self, items: NamedItems) -> None:
        self._items = items
        self._indices: dict[_Rule, _Index] = {}
        self._answers: dict[tuple[str, str, bool], int | Fault] = {}

    def find(self, media: str, export: str, *, recorded: bool) -> int | Fault:
        """The row of the item that the export's label means, or why there is none.

        The last few thousand names are remembered.
        """
        asked = (media, export, recorded)
        if asked not in self._answers:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            self._answers[asked] = self._search(media, export, recorded=recorded)
        return self._answers[asked]

    def _search(self, media: str, export: str, *, recorded: bool) -> int | Fault:
        written = spellings(media)
        beside = [posixpath.normpath(posixpath.join(posixpath.dirname(export), path)) for path in written]
        rows = [f"{export}#{path}" for path in written]
        file_names = names(written)
        for rule, keys in (
            (_whole, written),
            (_whole, rows + beside),
            (_without_suffix, written),
            (_ends_of, written),
            (_name_of, file_names),
            (_stem_of, file_names + stems(written)),
            (_name_of, without_upload_marks(file_names)),
        ):
            index = self._index(rule)
            found = next((_as_list(index[key]) for key in keys if key in index), [])
            if recorded and rule in (_without_suffix, _stem_of):
                found = [row for row in found if self._items.modalities[row] in _RECORDED] or found
            if found:
                return found[0] if len(found) == 1 else self._ambiguous(media, found)
        return Fault(Reason.ITEM_NOT_FOUND, f"no item of the batch is called '{_shortened(media)}'")

    def _index(self, rule: _Rule) -> _Index:
        if rule not in self._indices:
            self._indices[rule] = _indexed(self._items, rule)
        return self._indices[rule]

    def _ambiguous(self, media: str, found: Sequence[int]) -> Fault:
        shown = ", ".join(self._items.native_ids[row] for row in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return Fault(
            Reason.ITEM_AMBIGUOUS, f"'{_shortened(media)}' may be {shown}{more}; write the path in the batch"
        )


def _indexed(items: NamedItems, rule: _Rule) -> _Index:
    """The rows of the items by the keys that the rule gives their ids."""
    index: _Index = {}
    for row, (native_id, derived) in enumerate(zip(items.native_ids, items.derived, strict=True)):
        path = unicodedata.normalize("NFC", native_id)
        for key in _taken_out(rule, path) if derived else rule(path):
            known = index.setdefault(key, row)
            if isinstance(known, list):
                known.append(row)
            elif known != row:
                index[key] = [known, row]
    return index


def _as_list(found: int | list[int]) -> list[int]:
    return found if isinstance(found, list) else [found]


def _taken_out(rule: _Rule, path: str) -> list[str]:
    """The rule's keys for what was taken out of another item: always with the name of that item."""
    if rule in (_whole, _ends_of):
        return rule(path)
    origin, _, part = path.partition("#")
    return [f"{posixpath.basename(origin)}#{part}"] if rule is _name_of else []


def _whole(path: str) -> list[str]:
    return [path]


def _without_suffix(path: str) -> list[str]:
    """The path without its last suffix; rows of tables have none."""
    return [] if "#" in path else [without_suffix(path)]


def _ends_of(path: str) -> list[str]:
    """Every end of the path of at least two parts: a/b/c gives a/b/c and b/c."""
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(len(parts) - 1)]


def _name_of(path: str) -> list[str]:
    """The row's id, or the file's name."""
    _, hash_sign, row_id = path.partition("#")
    return [row_id if hash_sign else posixpath.basename(path)]


def _stem_of(path: str) -> list[str]:
    """The file's name without its last suffix; rows of tables have none."""
    return [posixpath.basename(bare) for bare in _without_suffix(path)]


def _shortened(media: str) -> str:
    return media if len(media) <= 80 else f"{media[:77]}..."
