"""A mask that was painted in Label Studio: its own run-length code becomes COCO's.

Source: `@thi.ng/rle-pack`, which the editor writes with, and label-studio-sdk's `converter/brush.py`. The
bytes are a stream of bits, the highest first: the number of values (32 bits), the bits of a value less 1 (5),
four sizes of run lengths less 1 (4 each); then runs: 1 bit that says whether one value repeats, 2 bits that
choose the size of the length, the length less 1, and the value once or one after the other. The values are
the red, green, blue and alpha of each pixel, row by row. A pixel is in the mask where its alpha is not 0, as
in the converter's export to COCO. The box is the smallest around the mask.
"""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.core.rejects import Reason
from tasks.label_formats.reading.fault_error import FaultError
from tasks.label_formats.reading.json_export import JsonObject, list_of

_LARGEST_PIXELS = 100_000_000
_CHANNELS = 4
_VALUE_BITS = 8

Bytes = npt.NDArray[np.uint8]


def mask_fields(value: JsonObject, size: tuple[float, float]) -> dict[str, Any]:
    """The mask as COCO's compressed run-length code in JSON, and the box around it."""
    from pycocotools import mask as coco_masks

    painted = decode_alpha(list_of(value, "rle"), size)
    coded = coco_masks.encode(np.asfortranarray(painted))
    if not painted.any():
        raise FaultError(Reason.ZERO_AREA, "no pixel of the mask is painted")
    x, y, width, height = (float(side) for side in coco_masks.toBbox(coded))
    counts = coded["counts"]
    text = counts.decode("ascii") if isinstance(counts, bytes) else counts
    mask = json.dumps({"size": [int(side) for side in coded["size"]], "counts": text})
    return {"mask": mask, "x": x, "y": y, "width": width, "height": height}


def decode_alpha(code: list[Any], size: tuple[float, float]) -> Bytes:
    """1 where the pixel is painted, 0 elsewhere, in rows and columns; ValueError when the code is broken."""
    width, height = (_whole(side) for side in size)
    if width * height > _LARGEST_PIXELS:
        raise ValueError(f"expected a mask of at most {_LARGEST_PIXELS} pixels, got {width} x {height}")
    try:
        stream = _Bits(bytes(code))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("expected an rle of whole numbers from 0 to 255") from error
    values = _decode(stream, width * height * _CHANNELS)
    alpha = values.reshape(height, width, _CHANNELS)[:, :, _CHANNELS - 1]
    painted: Bytes = (alpha != 0).astype(np.uint8)
    return painted


def _whole(side: float) -> int:
    if side != int(side) or side < 1:
        raise ValueError(f"expected the size of a mask in whole pixels, got {side:g}")
    return int(side)


class _Bits:
    """The bytes as bits, read from the front."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._bits = np.unpackbits(np.frombuffer(payload, dtype=np.uint8))
        self._at = 0

    def read(self, count: int) -> int:
        """The next bits as a number."""
        end = self._advance(count)
        window = int.from_bytes(self._payload[(end - count) // 8 : (end + 7) // 8], "big")
        return (window >> (-end % 8)) & ((1 << count) - 1)

    def read_values(self, count: int) -> Bytes:
        """The next `count` values of 8 bits."""
        end = self._advance(count * _VALUE_BITS)
        values: Bytes = np.packbits(self._bits[end - count * _VALUE_BITS : end])
        return values

    def _advance(self, count: int) -> int:
        self._at += count
        if self._at > len(self._bits):
            raise ValueError("the rle ends before its mask is full")
        return self._at


def _decode(stream: _Bits, expected: int) -> Bytes:
    count, value_bits = stream.read(32), stream.read(5) + 1
    if count != expected:
        raise ValueError(f"expected {expected} values in the rle, 4 of each pixel, got {count}")
    if value_bits != _VALUE_BITS:
        raise ValueError(f"expected values of {_VALUE_BITS} bits in the rle, got {value_bits}")
    length_bits = [stream.read(4) + 1 for _ in range(4)]
    values = np.zeros(count, dtype=np.uint8)
    at = 0
    while at < count:
        repeats = stream.read(1)
        end = at + 1 + stream.read(length_bits[stream.read(2)])
        if end > count:
            raise ValueError("a run of the rle goes beyond its mask")
        values[at:end] = stream.read(_VALUE_BITS) if repeats else stream.read_values(end - at)
        at = end
    return values
