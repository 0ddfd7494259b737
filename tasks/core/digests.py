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


class Digests:
    """Digests of files below one data folder."""

    def __init__(self, data: Path) -> None:
        self._file = data / DIGESTS_FILE
        # By absolute path: signature and digest as one text, which takes a third of the memory of the two.
        self._known = _read_known(self._file)

    def of_file(self, path: Path) -> str:
        """The SHA-256 of the file's bytes, as hexadecimal digits."""
        name, status = str(path.absolute()), path.stat()
        signature = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
        known, _, digest = self._known.get(name, "").rpartition(" ")
        if known == signature:
            return digest
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _SETTLED_NS:
            self._known[name] = f"{signature} {digest}"
        return digest

    def of_tree(self, place: Path) -> str:
        """One SHA-256 over the paths and bytes of every file below the place (or of the one file)."""
        if place.is_file():
            return self.of_file(place)
        names = [path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()]
        names.sort(key=lambda name: name.split("/"))
        return digest_of_lines(f"{self._of_delivered(place / name)}  {name}" for name in names)

    def _of_delivered(self, path: Path) -> str:
        """The file's digest; of one that may not be read, which the stages refuse by name, the reason."""
        try:
            return self.of_file(path)
        except PermissionError as error:
            return f"cannot be read: {error.strerror}"

    def save(self) -> None:
        """Remember what is known of files that are still there, for the next process."""
        kept = {name: known for name, known in self._known.items() if Path(name).exists()}
        partial = self._file.with_suffix(".partial")
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(kept), encoding="utf-8")
            partial.replace(self._file)
        finally:
            partial.unlink(missing_ok=True)


def digest_of_lines(lines: Iterable[str]) -> str:
    """The SHA-256 of the lines."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()


def _read_known(file: Path) -> dict[str, str]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: str(entry) for name, entry in known.items()} if isinstance(known, dict) else {}
