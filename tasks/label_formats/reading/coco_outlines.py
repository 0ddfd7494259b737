"""The boxes, polygons and masks of many COCO annotations, as columns of labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress

import msgspec
import numpy as np
import pyarrow as pa

from tasks.label_formats.reading.coco_block import NULL, Mask
from tasks.label_formats.reading.coco_masks import mask_of
from tasks.label_formats.reading.number_lists import Flags, Int64s, NumberLists

Outline = list[msgspec.Raw] | Mask | None

_FEWEST_NUMBERS = 6


@dataclass(frozen=True)
class Column:
    """One column or several, and the rows in which they have a value as it should be."""

    columns: dict[str, pa.Array]
    given: Flags


def read_boxes(boxes: Sequence[msgspec.Raw]) -> Column:
    """x, y, width and height of every box of four numbers."""
    there = np.ones(len(boxes), bool)
    if NULL in boxes:
        there = np.array([box != NULL for box in boxes], bool)
    numbers = NumberLists(list(compress(boxes, there.tolist())))
    four = numbers.fits & (numbers.lengths == 4)
    rows = np.flatnonzero(there)[four]
    places = np.zeros((4, len(boxes)))
    places[:, rows] = numbers.values[numbers.begins[four] + np.arange(4)[:, None]]
    right = np.zeros(len(boxes), bool)
    right[rows] = True
    names = ("x", "y", "width", "height")
    return Column(
        {name: pa.array(values, mask=~right) for name, values in zip(names, places, strict=True)}, right
    )


def read_polygons(outlines: Sequence[Outline]) -> Column:
    """The polygons of every outline that has only polygons of at least three points."""
    parts = [outline if type(outline) is list else () for outline in outlines]
    counts = np.fromiter(map(len, parts), np.int64, len(parts))
    numbers = NumberLists(list(chain.from_iterable(parts)))
    wrong = ~numbers.fits | (numbers.lengths < _FEWEST_NUMBERS) | (numbers.lengths % 2 == 1)
    kept = counts > 0
    row = np.repeat(np.arange(len(parts)), counts)
    kept[row[wrong]] = False
    return Column({"polygon": _polygon_column(numbers, kept[row], np.where(kept, counts, -1))}, kept)


def _polygon_column(numbers: NumberLists, wanted: Flags, counts: Int64s) -> pa.ListArray:
    """Lists of so many of the wanted parts; null where the count is below 0."""
    lengths, values = numbers.lengths, numbers.values
    if not wanted.all():
        values = values[np.repeat(wanted, lengths)]
        lengths = lengths[wanted]
    inner = pa.ListArray.from_arrays(_offsets(lengths), pa.array(values))
    return pa.ListArray.from_arrays(_offsets(np.maximum(counts, 0)), inner, mask=pa.array(counts < 0))


def read_masks(outlines: Sequence[Outline]) -> Column:
    """The masks whose runs fill their size, as JSON text."""
    texts = [_mask_or_none(outline) if type(outline) is Mask else None for outline in outlines]
    column = pa.array(texts, pa.string())
    return Column({"mask": column}, column.is_valid().to_numpy(zero_copy_only=False))


def _mask_or_none(mask: Mask) -> str | None:
    size, counts = mask.size, mask.counts
    try:
        if type(counts) is list and len(size) == 2 and 0 < sum(counts) == size[0] * size[1]:
            return msgspec.json.encode(mask).decode()
        return mask_of({"size": size, "counts": counts})
    except ValueError:
        return None


def _offsets(lengths: Int64s) -> pa.Array:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.array(offsets)
