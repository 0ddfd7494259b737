"""How a stage is run: `python -m tasks.<stage>` calls `main(STAGE)`.

A stage of scope "batch" makes one partition per batch and leaves those alone whose fingerprint is unchanged
(see `batch_stage.py`); a stage of scope "dataset" makes its folders anew, of all batches that no stage has
refused.
"""

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tasks.core.batch import read_deliveries
from tasks.core.batch_stage import run_batches
from tasks.core.declaration import (
    BATCHES_FOLDER,
    DATA_FOLDER,
    ComputeParams,
    Params,
    Stage,
    StageInput,
)
from tasks.core.digests import Digests
from tasks.core.errors import ModalweaveError
from tasks.core.lock import hold_stage
from tasks.core.machine import told_plainly
from tasks.core.params import load_params
from tasks.core.params_check import check_params
from tasks.core.partition import move_into_place, seal, written_aside
from tasks.core.refusal import DELIVERY, first_refusal, to_refusal
from tasks.core.sealed import refuse_damaged

__all__ = ["BATCHES_FOLDER", "DATA_FOLDER", "ComputeParams", "Stage", "StageInput", "main", "run_stage"]

LOG = logging.getLogger("modalweave")


def run_stage(stage: Stage[Params], root: Path) -> str:
    """Bring the stage's outputs up to date in the repository at `root`; one line that says what was done."""
    data = root / DATA_FOLDER
    params = load_params(root, stage.name, stage.params)
    compute = load_params(root, "compute", ComputeParams)
    with told_plainly(data), hold_stage(data, f"stage {stage.name}"):
        inputs = _without_refused(stage, _read_inputs(stage, root, compute.workers))
        if stage.scope == "batch":
            done, inputs = run_batches(stage, inputs, params)
        else:
            done = _run_dataset(stage, inputs, params)
        conclusion = stage.conclude(replace(inputs, reads=(*stage.reads, *stage.writes)), params)
    return f"{stage.name}: {done}{'; ' + conclusion if conclusion else ''}"


def main(stage: Stage[Params], arguments: Sequence[str] = ()) -> int:
    """Run the stage in the current folder; 0, or 1 with the error's one message on standard error."""
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stdout)
    try:
        with told_plainly(Path.cwd() / DATA_FOLDER):
            check_params(Path.cwd(), Path.cwd() / DATA_FOLDER, ComputeParams)
        LOG.info(run_stage(stage, Path.cwd()))
    except ModalweaveError as error:
        sys.stderr.write(f"{stage.name}: {error}\n")
        return 1
    return 0


def _read_inputs(stage: Stage[Params], root: Path, workers: int) -> StageInput:
    """All that was delivered; what cannot be read as a batch is refused."""
    found = read_deliveries(root / DATA_FOLDER / BATCHES_FOLDER)
    faulty = tuple(to_refusal(name, DELIVERY, fault, root) for name, fault in found.faults.items())
    return StageInput(root, stage.reads, found.batches, workers, refused=faulty)


def _without_refused(stage: Stage[Params], inputs: StageInput) -> StageInput:
    """The inputs without the batches that a stage before this one has refused, and with their refusals."""
    data = inputs.root / DATA_FOLDER
    made = [name for name in stage.reads if name != BATCHES_FOLDER]
    refusals = [first_refusal(data / name / batch.name for name in made) for batch in inputs.batches]
    taken = tuple(batch for batch, one in zip(inputs.batches, refusals, strict=True) if one is None)
    refused = sorted([*inputs.refused, *filter(None, refusals)], key=lambda one: one.batch)
    return replace(inputs, batches=taken, refused=tuple(refused))


def _run_dataset(stage: Stage[Params], inputs: StageInput, params: Params) -> str:
    data = inputs.root / DATA_FOLDER
    digests = Digests(data)
    refuse_damaged(inputs, digests)
    with written_aside(data, stage.name) as aside:
        for folder in stage.writes:
            (aside / folder).mkdir()
        stage.build(inputs, params, aside)
        for folder in stage.sealed:
            seal(aside / folder, "made anew in every run", digests)
        for folder in stage.writes:
            move_into_place(aside / folder, data / folder, data)
    digests.save()
    return "built"
