"""A long row of float32 that lies on disk: it grows at its end and is read in parts, never whole.

reads   blocks of float32, one after the other
writes  a file without a name, which is gone with the object or the process
Not memory-mapped: pages of a map count as this process's memory.
"""

import weakref
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]

_BYTES = np.dtype(np.float32).itemsize


class FloatsOnDisk:
    """Has a length and slices, as an array has. Without a folder it lies in that for temporary files."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 # closed when this object goes
        self._length = 0
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        """How many floats there are."""
        return self._length

    def __getitem__(self, part: slice, /) -> Float32s:
        """A copy of the part; steps other than 1 are not known."""
        first, stop, _ = part.indices(self._length)
        floats = np.empty(max(stop - first, 0), np.float32)
        self._file.seek(first * _BYTES)
        self._file.readinto(floats.data)
        return floats

    def append(self, block: Float32s) -> None:
        """Put the block at the end."""
        self._file.seek(self._length * _BYTES)
        self._file.write(np.ascontiguousarray(block, np.float32).data)
        self._length += len(block)
