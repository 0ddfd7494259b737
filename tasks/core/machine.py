"""What the operating system refuses, as one sentence: where, why, and what to do.

Only what a person can do something about is told so. Any other OSError is a defect of ours and keeps its
traceback.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.core.errors import MachineError

_MEMORY = "close other programs, or set compute.workers in params.yaml to fewer"
_TO_DO = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some space: the quota of this user there is used up",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f), or use a disk that holds larger files",
    errno.EROFS: "make that place writable, or build in a copy of the repository elsewhere",
    errno.EACCES: "give the user who builds the permission (chmod, chown)",
    errno.EPERM: "give the user who builds the permission (chmod, chown)",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "the whole machine has too many files open: close other programs",
    errno.ENAMETOOLONG: "shorten that name",
    errno.ELOOP: "replace the link, which leads back to itself, by what is meant",
    errno.EEXIST: "move away what has that name there",
    errno.ENOTDIR: "move away what has that name there and is no folder",
    errno.EIO: "check that disk: it could not read or write",
    errno.ENOMEM: _MEMORY,
    errno.ETXTBSY: "end the program that uses it",
    errno.EBUSY: "end the program that uses it",
    errno.ESTALE: "mount that network disk again",
}


@contextmanager
def told_plainly(place: Path) -> Iterator[None]:
    """Raise MachineError where the operating system refuses something that a person can mend.

    `place` is where the work is done: a full disk, for one, does not say where it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _TO_DO:
            raise
        named = "" if error.filename is not None else f"{place}: "
        raise MachineError(f"{named}{os_error_sentence(error)}; then run it again") from error
    except MemoryError as error:
        raise MachineError(f"the memory of this machine is used up: {_MEMORY}; then run it again") from error


def os_error_sentence(error: OSError) -> str:
    """The place, the system's words for what is wrong there, and what to do where that is known."""
    words = os.strerror(error.errno) if error.errno else str(error)
    place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    to_do = _TO_DO.get(error.errno or 0)
    return f"{place}{words}{f': {to_do}' if to_do else ''}"
