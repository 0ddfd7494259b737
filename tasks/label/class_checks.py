"""Labels that name nothing: a box without a class teaches nobody anything, and is counted as if it did.

A declared negative (the attribute `negative`) has no class. Beside it, a classification needs a label; a
place in a picture a label or a text; an event or a sentiment one of them, or values as attributes. Captions,
transcripts, questions and relations have no class.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.label import NEGATIVE
from tasks.core.rejects import Reason
from tasks.core.row_order import one_array
from tasks.label.placed import Check, Flags, Placed, Row

_NEED_LABEL = ("classification",)
_NEED_LABEL_OR_TEXT = ("detection", "segmentation", "keypoints")
_NEED_ANYTHING = ("event", "sentiment")


def _without_class(placed: Placed) -> Flags:
    silent = ~_says_something(placed, "label")
    if not silent.any():
        return silent
    wrong = silent & _is_of(placed, _NEED_LABEL)
    silent &= ~_says_something(placed, "text")
    wrong |= silent & _is_of(placed, _NEED_LABEL_OR_TEXT)
    wrong |= silent & _is_of(placed, _NEED_ANYTHING) & ~placed.given("attributes")
    return wrong & ~_is_negative(placed)


def _says_something(placed: Placed, name: str) -> Flags:
    said: Flags = placed.given(name)
    if placed.has_any(name):
        blank = pc.equal(pc.utf8_trim_whitespace(placed.column(name)), "").fill_null(False)
        said = said & ~blank.to_numpy(zero_copy_only=False)
    return said


def _is_of(placed: Placed, tasks: tuple[str, ...]) -> Flags:
    of: Flags = pc.is_in(placed.column("task"), pa.array(tasks)).to_numpy(zero_copy_only=False)
    return of


def _is_negative(placed: Placed) -> Flags:
    negative = placed.none()
    if placed.has_any("attributes"):
        column = one_array(placed.column("attributes"))
        names = pc.struct_field(column.flatten(), "name")
        rows = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
        negative[rows[np.asarray(pc.equal(names, NEGATIVE))]] = True
    return negative


def _say_without(row: Row) -> str:
    (task,) = row.column("task").to_pylist()
    needed = "the class" if task in _NEED_LABEL else "a class or a text"
    return f"the {task} has no label; expected {needed}, or none where the export says that nothing is there"


CLASS_CHECKS: tuple[Check, ...] = ((("task",), Reason.NO_CLASS, _without_class, _say_without),)
