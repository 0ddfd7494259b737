"""COCO's run-length masks, compressed or not: they stay as they are, as JSON text, when their runs fill them.

The runs are of pixels column by column, from the top left, outside and inside in turn; compressed, they are
written with 5 bits a character. Source: maskApi.c of the COCO API.
"""

from typing import Any

import msgspec

from tasks.label_formats.reading.json_export import JsonObject, list_of, to_number

_RLE_FIRST, _RLE_LAST = 48, 111


def mask_of(mask: JsonObject) -> str:
    """The mask as JSON text; its runs must fill its size."""
    size, counts = list_of(mask, "size"), mask.get("counts")
    if len(size) != 2 or not all(isinstance(side, int) and side > 0 for side in size):
        raise ValueError(f"expected a mask's size as [height, width], got {size}")
    runs = _runs(counts)
    if min(runs, default=0) < 0:
        raise ValueError("expected runs of whole pixels in a mask")
    if sum(runs) != size[0] * size[1]:
        raise ValueError(f"expected runs of {size[0] * size[1]} pixels in a mask, got {sum(runs)}")
    return msgspec.json.encode({"size": size, "counts": counts}).decode()


def _runs(counts: Any) -> list[int]:
    if isinstance(counts, str):
        return _decoded_runs(counts)
    if not isinstance(counts, list):
        raise ValueError("expected a mask's counts as a list or as text")
    if set(map(type, counts)) <= {int}:
        return counts
    numbers = [to_number(count, "counts") for count in counts]
    if not all(number.is_integer() for number in numbers):
        raise ValueError("expected runs of whole pixels in a mask")
    return [int(number) for number in numbers]


def _decoded_runs(counts: str) -> list[int]:
    """The runs of COCO's compressed code: 5 bits a character, from the third on less the one two before."""
    runs: list[int] = []
    value = shift = 0
    for character in counts:
        code = ord(character) - _RLE_FIRST
        if not 0 <= code <= _RLE_LAST - _RLE_FIRST or shift > 60:
            raise ValueError("expected a mask's counts in COCO's run-length code")
        value |= (code & 0x1F) << shift
        shift += 5
        if not code & 0x20:
            signed = value - (1 << shift) if code & 0x10 else value
            runs.append(signed + runs[-2] if len(runs) > 2 else signed)
            value = shift = 0
    if shift:
        raise ValueError("expected a mask's counts in COCO's run-length code, it is cut off")
    return runs
