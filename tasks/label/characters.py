"""Characters that no label has: they end texts early, move a terminal's cursor, or tell of a wrong encoding.

Refused are the control characters (U+0000 to U+001F but for tab and line ends, U+007F to U+009F), U+FEFF,
which belongs before a text and not into it, and U+FFFE and U+FFFF, which are none. Half characters
(surrogates) cannot be stored at all and are refused before.
"""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.row_order import one_array

_STRANGE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]"
_PATTERN = re.compile(_STRANGE)
# The same for RE2, which Arrow searches with: it takes no NUL in a pattern.
_RE2 = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{feff}\x{fffe}\x{ffff}]"
# Each such character has one of these bytes in UTF-8: where there is none, nothing is searched.
_SUSPICIOUS: npt.NDArray[np.bool_] = np.zeros(256, bool)
_SUSPICIOUS[[*range(9), 11, 12, *range(14, 32), 0x7F, 0xC2, 0xEF]] = True

_TEXTS = ("native_id", "media", "label", "text", "question", "track", "clock", "annotator", "created_at")
_PARTS = {"keypoints": ("name",), "attributes": ("name", "value")}


def find_strange_characters(labels: pa.Table) -> dict[int, Fault]:
    """The first text with such a character in each label, by its row; labels without one are not there."""
    faults: dict[int, Fault] = {}
    for name, texts, rows in _texts_in(labels):
        if texts.null_count == len(texts) or not _is_suspicious(texts):
            continue
        texts = texts.cast(pa.string())
        found = np.flatnonzero(pc.match_substring_regex(texts, _RE2).fill_null(False))
        for place in found.tolist():
            row = place if rows is None else int(rows[place])
            faults.setdefault(row, _fault(name, texts[place].as_py()))
    return faults


def without_strange_characters(text: str) -> str:
    r"""The text for people: each such character as `\x1b` or `\ufeff`."""
    return _PATTERN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _texts_in(labels: pa.Table) -> Iterator[tuple[str, pa.Array, npt.NDArray[np.int64] | None]]:
    """Every column of texts, or part of a column of lists; and which row each text is of, if not its own."""
    for name in _TEXTS:
        yield name, one_array(labels[name]), None
    for name, parts in _PARTS.items():
        column = one_array(labels[name])
        if column.null_count < len(column):
            rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
            yield from ((name, pc.struct_field(column.flatten(), part), rows) for part in parts)


def _is_suspicious(texts: pa.Array) -> bool:
    """Whether one of the bytes may be of such a character."""
    words = texts.dictionary if pa.types.is_dictionary(texts.type) else texts
    _, ends, payload = words.buffers()
    if payload is None:
        return False
    offsets = np.frombuffer(ends, np.int32)[words.offset : words.offset + len(words) + 1]
    written = np.frombuffer(payload, np.uint8)[offsets[0] : offsets[-1]]
    return bool(_SUSPICIOUS[written].any())


def _fault(name: str, text: str) -> Fault:
    found = _PATTERN.search(text)
    code = f"U+{ord(found[0]):04X}" if found else "a control character"
    place = f"at character {found.start() + 1} of" if found else "in"
    shown = without_strange_characters(text)[:60]
    detail = f"{code} {place} its {name.replace('_', ' ')} '{shown}' is no text; remove it from the export"
    return Fault(Reason.CONTROL_CHARACTER, detail)
