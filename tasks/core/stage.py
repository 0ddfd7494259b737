"""What a stage declares, and how it is run: `python -m tasks.<stage>` calls `main(STAGE)`.

A stage reads folders of data/ (batches, collected, labels, ...), takes its own block of params.yaml and
writes folders of data/. A stage of scope "batch" makes one partition per batch and leaves those alone whose
fingerprint is unchanged; a stage of scope "dataset" makes its folders anew.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, Literal, TypeVar

import pyarrow as pa

from tasks.core.batch import Batch, read_batches
from tasks.core.digests import Digests, digest_of_lines
from tasks.core.errors import ConfigError, ModalweaveError
from tasks.core.lock import hold_stage
from tasks.core.once_a_run import OnceARun
from tasks.core.params import load_params, plain_params
from tasks.core.params_check import check_params
from tasks.core.partition import (
    batch_digest,
    code_digest,
    fingerprint,
    is_current,
    move_into_place,
    partition_digest,
    remove_departed,
    seal,
    written_aside,
)
from tasks.core.schemas import TableSpec
from tasks.core.tables import read_table

Params = TypeVar("Params")

DATA_FOLDER = "data"
BATCHES_FOLDER = "batches"
MOST_WORKERS = 10_000

LOG = logging.getLogger("modalweave")


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
    with their partitions.
    """

    root: Path
    reads: tuple[str, ...]
    batches: tuple[Batch, ...]
    workers: int
    companions: tuple[Batch, ...] = ()
    once: OnceARun = field(default_factory=OnceARun)

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
    comes, changes or goes. `refuse` raises for params that their form cannot know to be wrong, such as names.
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
    refuse: Callable[[Path, Params], None] | None = None


def run_stage(stage: Stage[Params], root: Path) -> str:
    """Bring the stage's outputs up to date in the repository at `root`; one line that says what was done."""
    data = root / DATA_FOLDER
    params = load_params(root, stage.name, stage.params)
    compute = load_params(root, "compute", ComputeParams)
    with hold_stage(data, f"stage {stage.name}"):
        inputs = StageInput(root, stage.reads, tuple(read_batches(data / BATCHES_FOLDER)), compute.workers)
        done = (
            _run_batches(stage, inputs, params)
            if stage.scope == "batch"
            else _run_dataset(stage, inputs, params)
        )
        conclusion = stage.conclude(_concluding(stage, inputs), params)
    return f"{stage.name}: {done}{'; ' + conclusion if conclusion else ''}"


def main(stage: Stage[Params], arguments: Sequence[str] = ()) -> int:
    """Run the stage in the current folder; 0, or 1 with the error's one message on standard error."""
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stdout)
    try:
        check_params(Path.cwd(), Path.cwd() / DATA_FOLDER, ComputeParams)
        LOG.info(run_stage(stage, Path.cwd()))
    except ModalweaveError as error:
        sys.stderr.write(f"{stage.name}: {error}\n")
        return 1
    return 0


def _run_batches(stage: Stage[Params], inputs: StageInput, params: Params) -> str:
    data = inputs.root / DATA_FOLDER
    (folder,) = (data / name for name in stage.writes)
    folder.mkdir(parents=True, exist_ok=True)
    digests = Digests(data)
    code = code_digest(inputs.root, stage.name, digests)
    read = _input_digests(stage, inputs, params, digests)
    departed = remove_departed(folder, list(inputs.batches))
    built = []
    for batch in inputs.batches:
        others = stage.companions(batch, inputs.batches) if stage.companions else ()
        one = replace(inputs, batches=(batch,), companions=others)
        if stage.made_from is not None:
            wanted = stage.made_from(one, params, digests)
        else:
            wanted = fingerprint(plain_params(params), code, _made_of(one, read))
        if not is_current(folder / batch.name, wanted, digests):
            with written_aside(data, f"{stage.name}-{batch.name}") as aside:
                stage.build(one, params, aside)
                seal(aside, wanted, digests)
                move_into_place(aside, folder / batch.name, data)
            built.append(batch.name)
            LOG.info("%s: built %s", stage.name, batch.name)
    digests.save()
    kept = len(inputs.batches) - len(built)
    return f"{len(built)} built, {kept} unchanged{f', removed {departed}' if departed else ''}"


def _run_dataset(stage: Stage[Params], inputs: StageInput, params: Params) -> str:
    data = inputs.root / DATA_FOLDER
    with written_aside(data, stage.name) as aside:
        for folder in stage.writes:
            (aside / folder).mkdir()
        stage.build(inputs, params, aside)
        for folder in stage.writes:
            move_into_place(aside / folder, data / folder, data)
    return "built"


def _input_digests(
    stage: Stage[Params], inputs: StageInput, params: Params, digests: Digests
) -> Callable[[Batch], dict[str, str]]:
    """Gives what a partition reads of one batch and beside data/, each by its digest; asked of each once."""
    known: dict[str, dict[str, str]] = {}

    def digests_of(batch: Batch) -> dict[str, str]:
        if batch.name not in known:
            known[batch.name] = _read_digests(stage, replace(inputs, batches=(batch,)), params, digests)
        return known[batch.name]

    return digests_of


def _read_digests(
    stage: Stage[Params], inputs: StageInput, params: Params, digests: Digests
) -> dict[str, str]:
    found = {}
    for name in stage.reads:
        if name == BATCHES_FOLDER:
            found[name] = batch_digest(inputs.batch, digests)
        else:
            found[name] = partition_digest(inputs.folder(name, inputs.batch), digests)
    for place in stage.beside(inputs.root, params) if stage.beside is not None else ():
        found[place.relative_to(inputs.root.absolute()).as_posix()] = digests.of_tree(place)
    return found


def _made_of(inputs: StageInput, read: Callable[[Batch], dict[str, str]]) -> dict[str, str]:
    """What a partition is made from: what is read of its own batch, and of each companion."""
    of_others = {
        f"of {other.name}": digest_of_lines(f"{digest}  {name}" for name, digest in read(other).items())
        for other in inputs.companions
    }
    return read(inputs.batch) | of_others


def _concluding(stage: Stage[Params], inputs: StageInput) -> StageInput:
    """The inputs as `conclude` sees them: with the stage's own outputs beside what it read."""
    return StageInput(inputs.root, (*inputs.reads, *stage.writes), inputs.batches, inputs.workers)
