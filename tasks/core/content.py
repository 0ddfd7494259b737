"""Where the bytes of one piece of media are before they are collected, and how many there are.

A source lists contents without reading them; `collect` plans the shards from their sizes and then reads each
one once, in any process. Whatever it is read from, a content has as many bytes as it said, or a fault.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tasks.core.fault import Fault
from tasks.core.rejects import Reason


class Content(Protocol):
    """The bytes of one piece of media: small, and it can be sent to another process."""

    def size(self) -> int | Fault:
        """How many bytes there are, or why they cannot be read."""

    def read(self) -> bytes | Fault:
        """The bytes, as many as `size` said; a fault when only reading shows that they are broken.

        OSError when they were there and can no longer be read.
        """


@dataclass(frozen=True, slots=True)
class BytesContent:
    """Bytes that came with the listing, such as a cell of a table."""

    payload: bytes

    def size(self) -> int | Fault:
        """The length of the payload."""
        return len(self.payload)

    def read(self) -> bytes:
        """The payload."""
        return self.payload


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file."""

    path: Path

    def size(self) -> int | Fault:
        """The size of the file; a fault when there is none, or it is no regular file or may not be read."""
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return Fault(Reason.FILE_MISSING, "there is no such file")
        except OSError as error:
            return Fault(Reason.UNREADABLE, f"{error.strerror}")
        if not stat.S_ISREG(status.st_mode):
            return Fault(Reason.UNREADABLE, "it is not a regular file")
        if not os.access(self.path, os.R_OK):
            return Fault(Reason.UNREADABLE, "it may not be read: its permissions forbid it")
        return status.st_size

    def read(self) -> bytes:
        """The whole file."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class SliceContent:
    """A run of bytes of a file, such as a member of an uncompressed tar."""

    path: Path
    offset: int
    length: int

    def size(self) -> int | Fault:
        """The length of the run."""
        return self.length

    def read(self) -> bytes:
        """The run; OSError when the file ends before it does."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            payload = file.read(self.length)
        if len(payload) != self.length:
            raise OSError(0, f"the file ends before byte {self.offset + self.length}")
        return payload
