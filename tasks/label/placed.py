"""A block of labels as NumPy columns, each beside what is known of its item: what the checks look at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason
from tasks.core.row_order import one_array
from tasks.label.items import Float64s, Int64s, LabelledItems

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Points:
    """Points with the row of the label that each belongs to."""

    row: Int64s
    x: Float64s
    y: Float64s


class Polygons:
    """The polygons of a block, part by part; parts with half a point are only flagged."""

    def __init__(self, column: pa.ListArray) -> None:
        counts = _lengths(column)
        parts = column.flatten()
        lengths = _lengths(parts)
        values = parts.flatten().to_numpy(zero_copy_only=False)
        part_row = np.repeat(np.arange(len(column)), counts)
        odd = lengths % 2 == 1
        self.given: Flags = counts > 0
        self.has_half_a_point: Flags = np.zeros(len(column), bool)
        if odd.any():
            self.has_half_a_point[part_row[odd]] = True
            values = values[np.repeat(~odd, lengths)]
            lengths, part_row = lengths[~odd], part_row[~odd]
        kept = lengths > 0
        self.part_row: Int64s = part_row[kept]
        self._sizes: Int64s = lengths[kept] // 2
        self._starts: Int64s = np.cumsum(self._sizes) - self._sizes
        self._x: Float64s = values[0::2]
        self._y: Float64s = values[1::2]

    @cached_property
    def points(self) -> Points:
        return Points(np.repeat(self.part_row, self._sizes), self._x, self._y)

    @cached_property
    def are_finite(self) -> bool:
        return bool(np.isfinite(self._x).all() and np.isfinite(self._y).all())

    def corners(self) -> Points:
        """The least and the greatest x and y of every part that has a point."""
        if not len(self._sizes):
            return Points(self.part_row, self._x, self._y)
        x, y = (
            np.concatenate([least.reduceat(places, self._starts) for least in (np.minimum, np.maximum)])
            for places in (self._x, self._y)
        )
        return Points(np.concatenate([self.part_row, self.part_row]), x, y)

    def areas(self) -> Float64s:
        """The area of every part that has a point."""
        if not len(self._sizes):
            return np.zeros(0)
        x, y = self._x, self._y
        first, last = self._starts, self._starts + self._sizes - 1
        doubled = np.zeros(len(x))
        doubled[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
        doubled[last] = x[last] * y[first] - x[first] * y[last]
        areas: Float64s = np.abs(np.add.reduceat(doubled, first)) / 2
        return areas


class Placed:
    """The labels of a block; `item_rows` are the rows of their items."""

    def __init__(self, labels: pa.Table, item_rows: Int64s, items: LabelledItems) -> None:
        self._labels, self._item_rows, self._items = labels, item_rows, items
        self._given: dict[str, Flags] = {}
        self._floats: dict[str, Float64s] = {}

    def row(self, number: int) -> "Placed":
        """One label alone."""
        return Placed(self._labels.slice(number, 1), self._item_rows[number : number + 1], self._items)

    def none(self) -> Flags:
        """False for every label."""
        return np.zeros(self._labels.num_rows, bool)

    def column(self, name: str) -> pa.ChunkedArray:
        """The column as it is."""
        return self._labels[name]

    def has_any(self, name: str) -> bool:
        """Whether any label has a value in that column."""
        return bool(self._labels[name].null_count < self._labels.num_rows)

    def given(self, name: str) -> Flags:
        """Where the label has a value in that column."""
        if name not in self._given:
            self._given[name] = self._labels[name].is_valid().to_numpy()
        return self._given[name]

    def floats(self, name: str) -> Float64s:
        """The column's numbers, NaN where there is none."""
        if name not in self._floats:
            self._floats[name] = self._labels[name].to_numpy()
        return self._floats[name]

    def times(self, name: str) -> Int64s:
        """The column's times, 0 where there is none."""
        column: Int64s = self._labels[name].fill_null(0).to_numpy()
        return column

    @cached_property
    def has_clock(self) -> Flags:
        """Where the label's times are on a clock that it names."""
        named: Flags = pc.not_equal(self._labels["clock"], "").fill_null(False).to_numpy()
        return named

    @cached_property
    def polygons(self) -> Polygons:
        return Polygons(one_array(self._labels["polygon"]))

    @cached_property
    def keypoints(self) -> Points:
        """The key points that have a place and are not marked as not labelled."""
        column = one_array(self._labels["keypoints"])
        row = np.repeat(np.arange(len(column)), _lengths(column))
        x, y, visible = (pc.struct_field(column.flatten(), name) for name in ("x", "y", "visible"))
        labelled = pc.and_(pc.and_(x.is_valid(), y.is_valid()), pc.not_equal(visible, 0).fill_null(True))
        kept = labelled.to_numpy(zero_copy_only=False)
        x, y = (place.to_numpy(zero_copy_only=False) for place in (x, y))
        return Points(row[kept], x[kept], y[kept])

    @property
    def item_id(self) -> str:
        """The id of the first label's item."""
        return str(self._items.item_ids[int(self._item_rows[0])].as_py())

    @property
    def item_widths(self) -> Float64s:
        return self._items.widths[self._item_rows]

    @property
    def item_heights(self) -> Float64s:
        return self._items.heights[self._item_rows]

    @property
    def item_starts_ns(self) -> Int64s:
        return self._items.starts_ns[self._item_rows]

    @property
    def item_durations_ns(self) -> Int64s:
        return self._items.durations_ns[self._item_rows]


Row = Placed

# The columns that the check looks at (it is passed over where none of them has a value), the reason, which
# rows are wrong, and what there is to say of one of them.
Check = tuple[tuple[str, ...], Reason, Callable[[Placed], Flags], Callable[[Row], str]]


def _lengths(column: pa.ListArray) -> Int64s:
    """How many entries each list has; a null has none."""
    lengths: Int64s = (
        pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    return lengths
