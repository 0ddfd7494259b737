"""What libraries write to standard error while they decode, told with the name of the file that it is about.

reads   file descriptor 2, which libtiff, libpng, libjpeg and mpg123 write to past Python
writes  to standard error `<file>: <line>`, each line once and at most five of a file
Used where one file is decoded after the other, in a process that has one thread: a descriptor belongs to all.
"""

import os
import sys
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

_STDERR = 2
_MOST_LINES = 5
_MOST_BYTES = 65_536


class DecoderNoise:
    """A context that holds standard error back; `tell` lets it out under a name."""

    def __enter__(self) -> Self:
        sys.stderr.flush()
        self._held = TemporaryFile()  # closed by __exit__
        self._told_bytes = 0
        self._outside = os.dup(_STDERR)
        os.dup2(self._held.fileno(), _STDERR)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.stderr.flush()
        os.dup2(self._outside, _STDERR)
        self.tell("a decoder")
        os.close(self._outside)
        self._held.close()

    def tell(self, name: str) -> None:
        """Say what has been written since, as being about the file of that name."""
        end = os.fstat(self._held.fileno()).st_size
        if end == self._told_bytes:
            return
        held = os.pread(self._held.fileno(), min(end - self._told_bytes, _MOST_BYTES), self._told_bytes)
        self._told_bytes = end
        lines = dict.fromkeys(line.strip() for line in held.decode("utf-8", "replace").splitlines())
        shown = [f"{name}: {line}\n" for line in lines if line]
        if len(shown) > _MOST_LINES:
            shown[_MOST_LINES:] = [f"{name}: and {len(shown) - _MOST_LINES} lines more\n"]
        os.write(self._outside, "".join(shown).encode("utf-8", "backslashreplace"))
