"""What a stage declares, and what it is given: a stage is a function from one to the other.

A stage reads folders of data/ (batches, collected, labels, ...), takes its own block of params.yaml and
writes folders of data/.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

import pyarrow as pa

from tasks.core.batch import Batch
from tasks.core.digests import Digests
from tasks.core.errors import ConfigError
from tasks.core.once_a_run import OnceARun
from tasks.core.refusal import Refusal
from tasks.core.schemas import TableSpec
from tasks.core.tables import read_table

Params = TypeVar("Params")

DATA_FOLDER = "data"
BATCHES_FOLDER = "batches"
MOST_WORKERS = 10_000


@dataclass(frozen=True)
class ComputeParams:
    """How many processes a stage may use; -1 is one per core. It never changes a result."""

    workers: int

    def __post_init__(self) -> None:
        """Refuse what is no number of processes."""
        if self.workers != -1 and not 1 <= self.workers <= MOST_WORKERS:
            raise ValueError(f"workers: expected -1 or 1 to {MOST_WORKERS}, got {self.workers}")


@dataclass(frozen=True)
class StageInput:
    """What a stage may read: its declared folders, for one batch or for all.

    `companions` are the other batches that a partition is made from too; `once` holds what it has in common
    with their partitions. `refused` are the batches that are not among `batches`, since a stage refused them.
    """

    root: Path
    reads: tuple[str, ...]
    batches: tuple[Batch, ...]
    workers: int
    companions: tuple[Batch, ...] = ()
    once: OnceARun = field(default_factory=OnceARun)
    refused: tuple[Refusal, ...] = ()

    @property
    def batch(self) -> Batch:
        """The one batch that a stage of scope "batch" works on."""
        (batch,) = self.batches
        return batch

    def folder(self, name: str, batch: Batch | None = None) -> Path:
        """data/<name>, or its partition of that batch; only declared folders are given out."""
        if name not in self.reads:
            raise ConfigError(
                self.root / "dvc.yaml", None, f"the stage does not declare that it reads data/{name}"
            )
        folder = self.root / DATA_FOLDER / name
        return folder / batch.name if batch else folder

    def table(self, spec: TableSpec, batch: Batch | None = None, columns: Sequence[str] = ()) -> pa.Table:
        """The table of that batch, or the dataset-wide one; whole, or some of its columns."""
        return read_table(spec, self.folder(spec.folder, batch), columns)


@dataclass(frozen=True)
class Stage(Generic[Params]):
    """One stage. `build(inputs, params, output)` writes below `output` and changes nothing else.

    Scope "batch": `output` is the partition. Scope "dataset": `output / folder` for each of `writes`.
    `conclude` runs over all batches at the end, returns the summary line, and raises to stop the run. A
    partition is made from params, code and all that is read; where that is not so, `made_from` says from
    what. `beside` finds what the params name outside data/, such as weights: it is read too. `companions`
    tells which other batches, of all, a batch's partition is made from too: it is made anew when one of them
    comes, changes or goes. `prepare` runs once before the first partition that is built, and fails for what
    is no single batch's fault. `refuse` writes what a refused batch has besides its refusal. `evidence`:
    what was made cannot be made again, so it stays where it is when its batch is refused. `sealed`: those of
    a dataset stage's folders whose files are checked before another stage reads them, as partitions are.
    `refuse_params` raises, before any stage, for params that their form cannot know to be wrong: names.
    """

    name: str
    params: type[Params]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    scope: Literal["batch", "dataset"]
    build: Callable[[StageInput, Params, Path], None]
    conclude: Callable[[StageInput, Params], str]
    made_from: Callable[[StageInput, Params, Digests], str] | None = None
    beside: Callable[[Path, Params], Sequence[Path]] | None = None
    companions: Callable[[Batch, Sequence[Batch]], tuple[Batch, ...]] | None = None
    prepare: Callable[[StageInput, Params], object] | None = None
    refuse: Callable[[Refusal, Path], None] | None = None
    evidence: bool = False
    sealed: tuple[str, ...] = ()
    refuse_params: Callable[[Path, Params], None] | None = None
