"""The size that an export says a picture has, as fields of its labels; the label stage compares it."""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


Size = tuple[float, float]


def size_of(width: Any, height: Any) -> Size | None:
    """Width and height; None where one of them is no number above 0, which is how tools say nothing."""
    sides = _side(width), _side(height)
    return None if sides[0] is None or sides[1] is None else (sides[0], sides[1])


def stated_size(width: Any, height: Any) -> dict[str, Any]:
    """The fields of a label; none where nothing is stated."""
    size = size_of(width, height)
    return {} if size is None else {"stated_width": size[0], "stated_height": size[1]}


def stated_in_voc(tree: "Element") -> dict[str, Any]:
    """The same of the <size> of Pascal VOC's XML."""
    return stated_size(tree.findtext("size/width"), tree.findtext("size/height"))


def _side(written: Any) -> float | None:
    """A number above 0, or a text that is one: some tools write "640"."""
    try:
        side = float(written) if isinstance(written, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return None
    return side if 0 < side < math.inf else None
