"""The media of the batches that a sample has members of; a few batches are open at a time.

reads   what tasks/export/media.py reads of each batch
"""

from typing import Self

from tasks.core.errors import MissingInputError
from tasks.core.rounds import batch_of, companions
from tasks.core.schemas import SAMPLES
from tasks.core.stage import StageInput
from tasks.export.media import BatchMedia

# Of each its tables are in memory, and its shards are open files.
MOST_OPEN = 8


class OpenMedia:
    """Opens batches as they are asked for; use it as a context."""

    def __init__(self, inputs: StageInput) -> None:
        self._inputs = inputs
        self._batches = {batch.name: batch for batch in inputs.batches}
        self._open: dict[str, BatchMedia] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close_but(())

    def enter(self, name: str) -> None:
        """The samples of that batch come now: what they cannot have members of is closed."""
        if name not in self._batches:
            raise MissingInputError(
                f"{SAMPLES.file} has samples of the batch '{name}', which is not in data/batches: run fuse"
                " again"
            )
        others = companions(self._batches[name], self._inputs.batches)
        self._close_but((name, *(other.name for other in others)))

    def of(self, name: str) -> BatchMedia:
        """The media of that batch."""
        found = self._open.pop(name, None)
        if found is None:
            if len(self._open) >= MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            found = BatchMedia(self._inputs, self._batches[name])
        self._open[name] = found  # the last of all: the one that was asked for longest ago is closed first
        return found

    def of_member(self, home: str, member_id: str) -> BatchMedia:
        """The media of the batch that a member of one of that batch's samples is of."""
        name = batch_of(member_id)
        return self.of(name if name in self._batches else home)

    def _close_but(self, names: tuple[str, ...]) -> None:
        for name in [name for name in self._open if name not in names]:
            self._open.pop(name).close()
