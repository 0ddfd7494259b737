"""Lists of numbers as JSON text, [1, 2.5], thousands at once: their numbers become one array.

The texts are JSON values already. Anything else than a list of numbers, and a number that is not finite as a
float64, makes a text unfit: it has to be read with care.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NOT_IN_NUMBERS = b"[], \t\n\r"
_OPEN, _CLOSE, _COMMA, _SPACE = b"[], "
_NUMBERS = msgspec.json.Decoder(list[float])
_EMPTY = msgspec.Raw(b"[]")

# The numbers of some lists, and where those of each list begin and end.
_Found = tuple[Float64s, Int64s, Int64s]


class NumberLists:
    """The numbers of the lists in a row: those of one list stand from `begins` on, `lengths` in number.

    `fits` says which texts are lists of numbers; the others have no numbers here.
    """

    def __init__(self, texts: Sequence[msgspec.Raw]) -> None:
        self.fits: Flags = np.ones(len(texts), bool)
        found = _find_numbers(texts)
        if found is None:
            self.fits = np.array([_is_number_list(text) for text in texts], bool)
            pairs = zip(texts, self.fits.tolist(), strict=True)
            found = _find_numbers([text if fits else _EMPTY for text, fits in pairs])
        nowhere = np.zeros(len(texts), np.int64)
        self.values, self.begins, ends = found or (np.zeros(0), nowhere, nowhere)
        self.lengths: Int64s = ends - self.begins


def _find_numbers(texts: Sequence[msgspec.Raw]) -> _Found | None:
    """Parse all that stands between commas and brackets at once; None when that is not only numbers."""
    text = b",".join(texts)
    characters = np.frombuffer(text, np.uint8)
    opens, closes = np.flatnonzero(characters == _OPEN), np.flatnonzero(characters == _CLOSE)
    if not len(texts) == len(opens) == len(closes) or not _are_flat(text, opens, closes):
        return None
    in_number = (characters != _OPEN) & (characters != _CLOSE) & (characters != _COMMA)
    in_number &= characters > _SPACE
    edges = np.flatnonzero(in_number[1:] != in_number[:-1])
    starts, ends = edges[0::2], edges[1::2]
    values = _to_floats(text.translate(None, _NOT_IN_NUMBERS), ends - starts)
    if values is None:
        return None
    return values, np.searchsorted(starts, opens), np.searchsorted(starts, closes)


def _are_flat(text: bytes, opens: Int64s, closes: Int64s) -> bool:
    """Whether each list ends, and only a comma follows, before the next begins; nothing else stands there."""
    if not len(opens):
        return False
    outer = opens[0] == 0 and closes[-1] == len(text) - 1
    return bool(outer and np.array_equal(closes[:-1] + 2, opens[1:]))


def _to_floats(digits: bytes, lengths: Int64s) -> Float64s | None:
    """The numbers whose texts stand in a row; None when one is none or is not finite."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(digits)]
    try:
        numbers = pa.Array.from_buffers(pa.string(), len(lengths), buffers).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    values: Float64s = numbers.to_numpy()
    return values if np.isfinite(values).all() else None


def _is_number_list(text: msgspec.Raw) -> bool:
    try:
        _NUMBERS.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
