"""Lists of numbers as JSON text, many at once: [x, y, w, h] and [[x, y, ...], ...] become Arrow columns.

The texts are JSON already. Anything else than numbers in lists of the expected depth, and a number that is
not finite as a float64, makes a text unfit: it has to be read with care.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NOT_IN_NUMBERS = b"[], \t\n\r"
_OPEN, _CLOSE, _COMMA, _SPACE = b"[], "
_STRANGE = np.ones(256, bool)
_STRANGE[list(b"0123456789+-.eE" + _NOT_IN_NUMBERS)] = False


@dataclass(frozen=True)
class Parts:
    """The innermost lists: the text that each belongs to, and where its numbers begin and end."""

    text: Int64s
    begins: Int64s
    ends: Int64s

    @property
    def lengths(self) -> Int64s:
        """How many numbers each list has."""
        return self.ends - self.begins


class NumberLists:
    """The numbers of some JSON texts, in a row; `fits` says which texts are lists of numbers."""

    def __init__(self, texts: Sequence[bytes], depth: int) -> None:
        self._depth = depth
        self._text = b",%b," % b",".join(texts)
        self._bytes = np.frombuffer(self._text, np.uint8)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self._text_ends = np.cumsum(lengths + 1) + 1
        self.fits: Flags = np.ones(len(texts), bool)
        self._find_numbers()
        self._find_parts()

    def _find_numbers(self) -> None:
        """Parse every run of bytes between separators, all at once."""
        in_number = (self._bytes != _OPEN) & (self._bytes != _CLOSE) & (self._bytes != _COMMA)
        in_number &= self._bytes > _SPACE
        strange = np.flatnonzero(_STRANGE[self._bytes]) if _has_strange(self._text) else np.zeros(0, np.int64)
        self.fits[self._texts_at(strange)] = False
        edges = np.flatnonzero(in_number[1:] != in_number[:-1]) + 1
        self._starts, ends = edges[0::2], edges[1::2]
        self.values = _to_floats(self._text.translate(None, _NOT_IN_NUMBERS), ends - self._starts)
        finite = np.isfinite(self.values)
        if not finite.all():
            self.fits[self._texts_at(self._starts[~finite])] = False

    def _find_parts(self) -> None:
        brackets = np.flatnonzero((self._bytes == _OPEN) | (self._bytes == _CLOSE))
        opens = self._bytes[brackets] == _OPEN
        depths = np.cumsum(np.where(opens, 1, -1))
        self.fits[self._texts_at(brackets[depths > self._depth])] = False
        inner = np.flatnonzero(opens & (depths == self._depth))
        # In a text that fits, the bracket after the one that opens an innermost list closes it.
        begins, ends = (np.searchsorted(self._starts, brackets[at]) for at in (inner, inner + 1))
        text = self._texts_at(brackets[inner])
        self.parts = Parts(text, begins, ends)
        inside = np.bincount(text, weights=ends - begins, minlength=len(self.fits)).astype(np.int64)
        self.fits &= np.diff(np.searchsorted(self._starts, self._text_ends), prepend=0) == inside

    def _texts_at(self, places: Int64s) -> Int64s:
        """The texts that these bytes belong to."""
        return np.searchsorted(self._text_ends, places, side="right")


def _has_strange(text: bytes) -> bool:
    return bool(text.translate(None, b"0123456789+-.eE" + _NOT_IN_NUMBERS))


def _to_floats(digits: bytes, lengths: Int64s) -> Float64s:
    """The numbers whose texts stand in a row, NaN for a text that is none."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    texts = pa.Array.from_buffers(
        pa.string(), len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(digits)]
    )
    try:
        numbers: Float64s = texts.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return np.array([_to_float(text) for text in texts.to_pylist()], np.float64)
    return numbers


def _to_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
