"""What has come so far, on disk as it comes, so that a killed run goes on with what is missing.

writes  data/.fetching/<batch>/: journal.jsonl (a reply a line), bodies/<sha256>, terms
A body is renamed into place before its line is written; a last line that a kill cut off is dropped. `terms`
is what the replies were asked under: under other terms only those are kept that no term could have made
otherwise.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from tasks.core.errors import RepositoryBusyError
from tasks.fetch.errand import Key, Reply, to_reply

SPOOL_FOLDER = ".fetching"


class Spool:
    """The replies of one batch by what they answer, kept on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._journal = folder / "journal.jsonl"
        self._bodies = folder / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True)
        self.replies: dict[Key, Reply] = {}
        self.reload()

    def reload(self) -> None:
        """Take in what another process has written down."""
        self.replies = {reply.key: reply for reply in self._read()}

    def come_to_terms(self, terms: str, keep: Callable[[Reply], bool]) -> None:
        """Drop what came under other terms, but for what `keep` says, and the rest of what a kill cut off."""
        file = self.folder / "terms"
        if not file.is_file() or file.read_text(encoding="utf-8") != terms:
            self.replies = {key: reply for key, reply in self.replies.items() if keep(reply)}
        self._rewrite()
        file.write_text(terms, encoding="utf-8")
        named = {reply.sha256 for reply in self.replies.values()}
        for body in self._bodies.iterdir():
            if body.name not in named:
                body.unlink()

    def write_down(self, reply: Reply) -> None:
        """Keep the reply."""
        self.replies[reply.key] = reply
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(_line(reply))

    def body(self, sha256: str) -> Path:
        """Where that body is, or belongs."""
        return self._bodies / sha256

    def new_body(self) -> tuple[int, Path]:
        """An open, empty file for a body that is coming; it is renamed when it is whole."""
        descriptor, name = mkstemp(suffix=".partial", dir=self._bodies)
        return descriptor, Path(name)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only one process writes: one that a killed run left behind may still do."""
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RepositoryBusyError(f"another process downloads into {self.folder}") from error
            yield

    def _read(self) -> Iterator[Reply]:
        if not self._journal.is_file():
            return
        with self._journal.open("rb") as file:
            for line in file:
                # A line that a kill cut off, or that another version wrote: what it answers is asked again.
                with suppress(ValueError, TypeError, AttributeError, LookupError):
                    yield to_reply(json.loads(line))

    def _rewrite(self) -> None:
        partial = self._journal.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(_line(reply) for reply in self.replies.values())
        partial.replace(self._journal)


def remove_spools(folder: Path) -> None:
    """Throw away the spools of all batches, when all that they held is in partitions."""
    shutil.rmtree(folder, ignore_errors=True)


def finish_body(spool: Spool, partial: Path, sha256: str) -> None:
    """Rename a whole body to its place; the same bytes may be there already."""
    partial.replace(spool.body(sha256))


def _line(reply: Reply) -> str:
    return json.dumps(reply.plain(), ensure_ascii=True, separators=(",", ":")) + "\n"
