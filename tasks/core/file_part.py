"""A part of a file as a file of its own, so that what lies in a shard is read without being in memory.

reads   an open descriptor, from `offset` on, `size` bytes
"""

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class FilePart(io.RawIOBase):
    """Reads by position: the descriptor is not moved, and is not closed with it."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        self._descriptor = descriptor
        self._offset = offset
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new position, never before the beginning."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(origin + offset, 0)
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """How many bytes were read; 0 at the end."""
        room = memoryview(buffer)
        left = max(self._size - self._position, 0)
        read = os.preadv(self._descriptor, [room[: min(len(room), left)]], self._offset + self._position)
        self._position += read
        return read
