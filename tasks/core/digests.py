"""SHA-256 of files, remembered while a file's size, times and inode stay the same.

The memory is `data/.digests.json`. It is no artifact: deleting it costs time and changes nothing. A file
changed within the last two seconds is never remembered, since its time stamp could hide a second change.
"""

import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path

from tasks.core.times import NS_PER_S

DIGESTS_FILE = ".digests.json"
_SETTLED_NS = 2 * NS_PER_S

_Signature = tuple[int, int, int, int]


class Digests:
    """Digests of files below one data folder."""

    def __init__(self, data: Path) -> None:
        self._file = data / DIGESTS_FILE
        self._known = _read_known(self._file)
        self._fresh: dict[str, tuple[_Signature, str]] = {}

    def of_file(self, path: Path) -> str:
        """The SHA-256 of the file's bytes, as hexadecimal digits."""
        name, signature = str(path.absolute()), _signature(path)
        known = self._fresh.get(name) or self._known.get(name)
        if known and known[0] == signature:
            self._fresh[name] = known
            return known[1]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if time.time_ns() - max(signature[1], signature[2]) > _SETTLED_NS:
            self._fresh[name] = (signature, digest)
        return digest

    def of_tree(self, place: Path) -> str:
        """One SHA-256 over the paths and bytes of every file below the place (or of the one file)."""
        if place.is_file():
            return self.of_file(place)
        files = sorted(path for path in place.rglob("*") if path.is_file())
        return digest_of_lines(
            f"{self.of_file(path)}  {path.relative_to(place).as_posix()}" for path in files
        )

    def save(self) -> None:
        """Remember what was asked for, for the next process."""
        merged = {**self._known, **self._fresh}
        kept = {name: entry for name, entry in merged.items() if Path(name).exists()}
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(kept), encoding="utf-8")
        partial.replace(self._file)


def digest_of_lines(lines: Iterable[str]) -> str:
    """The SHA-256 of the lines."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()


def _signature(path: Path) -> _Signature:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _read_known(file: Path) -> dict[str, tuple[_Signature, str]]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: ((entry[0][0], entry[0][1], entry[0][2], entry[0][3]), entry[1])
            for name, entry in known.items()
        }
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}
