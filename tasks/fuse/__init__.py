"""Fuse: samples of all accepted batches with their splits, and three representations of each.

reads   batches, collected, labels, encoded, aligned, validated, released
writes  fused: samples.parquet     one row per sample: targets, members, presence, group and split
               joint.arrow         everything known of a sample in one vector
               coordinated.arrow   one vector per sample and modality, to search across modalities
               hierarchy.arrow     members, samples and sessions in one space
               fusion.json         what was fitted, on how many training rows
               notices.json        what a person has to know of groups and splits
               split_keys.parquet  what holds every group in its split once this build is released
               verdict.json        what the gate says of the whole dataset
               ties.parquet        items that keep samples on one side because they are alike
               rejects.parquet     samples that are left out (table `samples`), and members that are (`links`)
params  fuse

Samples in the links of all batches = rows of samples.parquet + samples named in rejects.parquet. A member of
another batch than its sample's (`candidates: everywhere`) is in that sample, or is named as a reject of its
own batch; where it is in, its session ties the sample too. A caption is a target, not an input; so is a
transcript, but for the one that a sample was cut by, which is its text. A dataset that the gate rejects stops
the run, with its verdict on disk.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.errors import GateStoppedError
from tasks.core.notices import read_notices, write_notices
from tasks.core.rejects import Reject
from tasks.core.schemas import FUSE_REJECTS, SAMPLES, SPLIT_KEYS, TIES
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableBuilder, iterate_table, read_table, write_table
from tasks.core.verdict import VERDICT_FILE, read_verdict, write_verdict
from tasks.fuse.gathered import gather, open_batch_views
from tasks.fuse.guests import Guests, read_guests
from tasks.fuse.notices import notices_of
from tasks.fuse.params import FuseParams
from tasks.fuse.representations import FusedSample, write_representations

_SUITES = "expectations"

LOG = logging.getLogger("modalweave")


def build(inputs: StageInput, params: FuseParams, output: Path) -> None:
    """Write the dataset; the gate's verdict is among it, whatever it says."""
    fused = output / "fused"
    guests = _write_samples(inputs, params, fused)
    write_representations(
        _fused_samples(fused),
        lambda name, ids: open_batch_views(inputs, guests, name, ids),
        params.dimensions,
        fused,
    )


def conclude(inputs: StageInput, params: FuseParams) -> str:
    """How many samples there are; GateStoppedError when the gate has rejected the dataset."""
    fused = inputs.folder("fused")
    verdict, notices = read_verdict(fused), read_notices(fused)
    if not verdict.accepted:
        reasons = "\n  ".join([*verdict.reasons, *notices])
        raise GateStoppedError(
            f"the dataset was rejected; mend what it names, see {fused / VERDICT_FILE}:\n  {reasons}"
        )
    for sentence in [*verdict.sentences(), *notices]:
        LOG.info("fuse: %s", sentence)
    rejects = read_table(FUSE_REJECTS, fused, ("table", "row_id"))
    left_out = rejects.filter(pc.equal(rejects["table"], SAMPLES.name))["row_id"].unique()
    return f"{read_table(SAMPLES, fused, ('split',)).num_rows} samples, {len(left_out)} left out"


def _write_samples(inputs: StageInput, params: FuseParams, fused: Path) -> Guests:
    """Write what the gate lets through, its verdict and what is left out; the guests that samples have."""
    from tasks.gate import judge, read_suites

    every_guest = read_guests(inputs)
    gathered = gather(inputs, params, every_guest)
    guests = every_guest.without(gathered.parted)
    suites = read_suites(inputs.root / _SUITES, (SAMPLES.name,))
    judgement = judge("dataset", {SAMPLES.name: gathered.samples}, suites, waivers=())
    write_verdict(judgement.verdict, fused)
    failing = _failing(judgement.rejects)
    passing = pc.invert(pc.is_in(gathered.samples["sample_id"], failing))
    samples = gathered.samples.filter(passing)
    write_table(SAMPLES, samples, fused)
    write_table(TIES, gathered.ties, fused)
    write_table(SPLIT_KEYS, gathered.claims, fused)
    write_notices(notices_of(samples, params, gathered.given, gathered.crossings), fused)
    rejects = [*gathered.rejects, *judgement.rejects, *guests.left_with(failing)]
    write_table(FUSE_REJECTS, _reject_table(rejects), fused)
    return guests


def _failing(rejects: Iterable[Reject]) -> pa.Array:
    """The samples that fail an expectation about samples."""
    return pa.array([reject.row_id for reject in rejects if reject.table == SAMPLES.name], pa.string())


def _reject_table(rejects: list[Reject]) -> pa.Table:
    builder = TableBuilder(FUSE_REJECTS)
    for reject in rejects:
        builder.append(reject.row())
    return builder.finish()


def _fused_samples(fused: Path) -> list[FusedSample]:
    return [
        FusedSample(row["sample_id"], row["batch"], f"{row['batch']}/{row['session']}", row["split"])
        for rows in iterate_table(SAMPLES, fused, ("sample_id", "batch", "session", "split"))
        for row in rows.to_pylist()
    ]


STAGE = Stage(
    "fuse",
    FuseParams,
    reads=("batches", "collected", "labels", "encoded", "aligned", "validated", "released"),
    writes=("fused",),
    scope="dataset",
    build=build,
    conclude=conclude,
    sealed=("fused",),
)
