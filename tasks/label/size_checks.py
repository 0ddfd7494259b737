"""The size that an export says a picture has, against the picture's own: other pixels are other places.

A picture that was scaled or turned after it was labelled has labels that look right and are not. The size is
the one of the upright picture; a picture that EXIF turns and whose other size is stated was labelled lying
on its side. A run-length mask states a size, too. Labels without a place (captions, tags) say nothing about
pixels, and tools that did not look write 0 or nothing: then nothing is compared.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.rejects import Reason
from tasks.label.items import Float64s
from tasks.label.placed import Check, Flags, Placed, Row

_PLACES = ("x", "polygon", "mask", "keypoints")
_MASK_SIZE = r'^\{"size":\s*\[(?P<height>[0-9]{1,9}),\s*(?P<width>[0-9]{1,9})\]'


def _wrong_stated(placed: Placed) -> Flags:
    has_place = placed.none()
    for name in filter(placed.has_any, _PLACES):
        has_place |= placed.given(name)
    return has_place & _differ(placed, placed.floats("stated_width"), placed.floats("stated_height"))


def _wrong_mask(placed: Placed) -> Flags:
    return _differ(placed, *_mask_sizes(placed))


def _differ(placed: Placed, widths: Float64s, heights: Float64s) -> Flags:
    """Where both sizes are known and are not the same."""
    known = (widths > 0) & (heights > 0) & ~np.isnan(placed.item_widths + placed.item_heights)
    differ: Flags = known & ((widths != placed.item_widths) | (heights != placed.item_heights))
    return differ


def _mask_sizes(placed: Placed) -> tuple[Float64s, Float64s]:
    found = pc.extract_regex(placed.column("mask"), _MASK_SIZE)
    width, height = (
        pc.struct_field(found, name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        for name in ("width", "height")
    )
    return width, height


def _say_stated(row: Row) -> str:
    return _say("export", row, row.floats("stated_width"), row.floats("stated_height"))


def _say_mask(row: Row) -> str:
    return _say("mask", row, *_mask_sizes(row))


def _say(who: str, row: Row, widths: Float64s, heights: Float64s) -> str:
    stated, own = (widths[0], heights[0]), (row.item_widths[0], row.item_heights[0])
    turned = stated == own[::-1]
    hint = "was it turned (EXIF)?" if turned else "was it scaled?"
    sizes = f"{stated[0]:g} x {stated[1]:g} pixels, but '{row.item_id}' has {own[0]:g} x {own[1]:g}"
    return f"the {who} is about a picture of {sizes}; {hint} Deliver the picture that was labelled"


SIZE_CHECKS: tuple[Check, ...] = (
    (("stated_width",), Reason.WRONG_SIZE, _wrong_stated, _say_stated),
    (("mask",), Reason.WRONG_SIZE, _wrong_mask, _say_mask),
)
