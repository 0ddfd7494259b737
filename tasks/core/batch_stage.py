"""Run a stage of scope "batch": a partition per batch, made where what it is made from has changed.

An error about one batch refuses that batch, by name and in the error's words, and the others go on: its
partition is then the refusal, so that nothing of an earlier version of the batch is taken for accepted. A
refusal by a stage before this one is passed on. A RunError, which no batch is to blame for, stops the stage.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Generic

from tasks.core.batch import Batch
from tasks.core.declaration import BATCHES_FOLDER, DATA_FOLDER, Params, Stage, StageInput
from tasks.core.digests import Digests, digest_of_lines
from tasks.core.errors import ModalweaveError, RunError
from tasks.core.params import plain_params
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
from tasks.core.refusal import REFUSAL_FILE, Refusal, read_refusal, to_refusal, write_refusal
from tasks.core.sealed import refuse_damaged

LOG = logging.getLogger("modalweave")


@dataclass(frozen=True)
class _Run(Generic[Params]):
    """One run of a stage; `refused` are the batches that it refuses itself, as they come."""

    stage: Stage[Params]
    inputs: StageInput
    params: Params
    folder: Path
    digests: Digests
    code: str
    refused: list[Refusal] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.inputs.root / DATA_FOLDER

    def inputs_of(self, batch: Batch) -> StageInput:
        """What the partition of that batch may read."""
        batches = self.inputs.batches
        others = self.stage.companions(batch, batches) if self.stage.companions else ()
        return replace(self.inputs, batches=(batch,), companions=others)


def run_batches(stage: Stage[Params], inputs: StageInput, params: Params) -> tuple[str, StageInput]:
    """Bring every partition up to date; what was done, and the inputs without the batches refused by now."""
    data = inputs.root / DATA_FOLDER
    (written,) = stage.writes
    (data / written).mkdir(parents=True, exist_ok=True)
    digests = Digests(data)
    code = code_digest(inputs.root, stage.name, digests)
    run = _Run(stage, inputs, params, data / written, digests, code)
    delivered = [*(batch.name for batch in inputs.batches), *(one.batch for one in inputs.refused)]
    departed = remove_departed(run.folder, delivered)
    for refusal in inputs.refused:
        _put_refusal(run, refusal)
    built = _bring_up_to_date(run)
    digests.save()
    left = _without(inputs, run.refused)
    return _told(left, built, departed), left


def _bring_up_to_date(run: _Run[Params]) -> int:
    """Build what is not current; how many partitions that were."""
    beside = _beside_digests(run)
    read: dict[str, dict[str, str]] = {}
    stale: list[tuple[Batch, str]] = []
    for batch in run.inputs.batches:
        with _refusing(run, batch):
            wanted = _made_from(run, batch, beside, read)
            if run.stage.evidence:
                (run.folder / batch.name / REFUSAL_FILE).unlink(missing_ok=True)
            if not is_current(run.folder / batch.name, wanted, run.digests):
                stale.append((batch, wanted))
    if stale and run.stage.prepare is not None:
        run.stage.prepare(run.inputs, run.params)
    return sum(_is_built(run, batch, wanted) for batch, wanted in stale)


def _is_built(run: _Run[Params], batch: Batch, wanted: str) -> bool:
    """Build the partition; False where its batch is refused instead."""
    with _refusing(run, batch):
        inputs = run.inputs_of(batch)
        refuse_damaged(inputs, run.digests)
        with written_aside(run.data, f"{run.stage.name}-{batch.name}") as aside:
            run.stage.build(inputs, run.params, aside)
            seal(aside, wanted, run.digests)
            move_into_place(aside, run.folder / batch.name, run.data)
        LOG.info("%s: built %s", run.stage.name, batch.name)
        return True
    return False


@contextmanager
def _refusing(run: _Run[Params], batch: Batch) -> Iterator[None]:
    """Refuse the batch where what is done here fails for a reason of the batch's own."""
    try:
        yield
    except RunError:
        raise
    except ModalweaveError as fault:
        refusal = to_refusal(batch.name, run.stage.name, fault, run.inputs.root)
        run.refused.append(refusal)
        _put_refusal(run, refusal)


def _put_refusal(run: _Run[Params], refusal: Refusal) -> None:
    """Put the refusal in the place of the batch's partition, or beside it where that is evidence."""
    place = run.folder / refusal.batch
    if not _is_passed_on(run, refusal):
        LOG.info("%s: refused %s: %s", run.stage.name, refusal.batch, refusal.message)
    if run.stage.evidence and place.is_dir():
        write_refusal(refusal, place)
        return
    wanted = fingerprint(asdict(refusal), run.code, {})
    if is_current(place, wanted, run.digests):
        return
    with written_aside(run.data, f"{run.stage.name}-{refusal.batch}") as aside:
        write_refusal(refusal, aside)
        if run.stage.refuse is not None:
            run.stage.refuse(refusal, aside)
        seal(aside, wanted, run.digests)
        move_into_place(aside, place, run.data)


def _is_passed_on(run: _Run[Params], refusal: Refusal) -> bool:
    """Whether a stage before this one has told of the refusal already."""
    made = (name for name in run.stage.reads if name != BATCHES_FOLDER)
    return any(read_refusal(run.data / name / refusal.batch) == refusal for name in made)


def _made_from(
    run: _Run[Params], batch: Batch, beside: dict[str, str], read: dict[str, dict[str, str]]
) -> str:
    """The digest of what the batch's partition is made from; `read` keeps what is known of each batch."""
    inputs = run.inputs_of(batch)
    if run.stage.made_from is not None:
        return run.stage.made_from(inputs, run.params, run.digests)
    for one in (batch, *inputs.companions):
        if one.name not in read:
            read[one.name] = _read_digests(run, one) | beside
    of_others = {
        f"of {other.name}": digest_of_lines(f"{digest}  {name}" for name, digest in read[other.name].items())
        for other in inputs.companions
    }
    return fingerprint(plain_params(run.params), run.code, read[batch.name] | of_others)


def _read_digests(run: _Run[Params], batch: Batch) -> dict[str, str]:
    """What a partition reads of that batch, each by its digest."""
    return {
        name: batch_digest(batch, run.digests)
        if name == BATCHES_FOLDER
        else partition_digest(run.inputs.folder(name, batch), run.digests)
        for name in run.stage.reads
    }


def _beside_digests(run: _Run[Params]) -> dict[str, str]:
    """What every partition reads beside data/, each by its digest."""
    root = run.inputs.root
    places = run.stage.beside(root, run.params) if run.stage.beside is not None else ()
    return {place.relative_to(root.absolute()).as_posix(): run.digests.of_tree(place) for place in places}


def _without(inputs: StageInput, refused: list[Refusal]) -> StageInput:
    """The inputs without those batches, and with their refusals."""
    names = {one.batch for one in refused}
    taken = tuple(batch for batch in inputs.batches if batch.name not in names)
    everyone = sorted([*inputs.refused, *refused], key=lambda one: one.batch)
    return replace(inputs, batches=taken, refused=tuple(everyone))


def _told(left: StageInput, built: int, departed: list[str]) -> str:
    told = [f"{built} built", f"{len(left.batches) - built} unchanged"]
    if left.refused:
        told.append(f"{len(left.refused)} refused ({', '.join(one.batch for one in left.refused)})")
    if departed:
        told.append(f"removed {departed}")
    return ", ".join(told)
