"""Put samples together: the row of the samples table, the bytes behind its members, and its joint vector.

reads   fused (samples, joint), and what tasks/export/media.py reads of each batch
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.core.batch import Batch
from tasks.core.candidate import Fault
from tasks.core.errors import MissingInputError
from tasks.core.exporter import ExportMember, ExportSample, Vector
from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import SAMPLES
from tasks.core.stage import StageInput
from tasks.core.vectors import read_vectors
from tasks.export.media import BatchMedia

JOINT_FILE = "joint.arrow"
_ROWS_AT_ONCE = 256

Row = dict[str, Any]


class JointVectors:
    """The joint vectors by sample id, memory-mapped."""

    def __init__(self, path: Path) -> None:
        vectors = read_vectors(path)
        self._matrix = vectors.matrix
        self._position = {sample_id: position for position, sample_id in enumerate(vectors.ids)}

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return int(self._matrix.shape[1])

    def find(self, sample_id: str) -> Vector | None:
        """The sample's vector, or None."""
        position = self._position.get(sample_id)
        return None if position is None else np.ascontiguousarray(self._matrix[position])


def iterate_samples(
    inputs: StageInput, samples: pa.Table, joint: JointVectors
) -> Iterator[ExportSample | Reject]:
    """Every sample, batch by batch and in the order of the ids, or why it cannot be exported."""
    batches = {batch.name: batch for batch in inputs.batches}
    for name in sorted(pc.unique(samples["batch"]).to_pylist()):
        rows = samples.filter(pc.equal(samples["batch"], name))
        with BatchMedia(inputs, _batch(batches, name)) as media:
            for row in _iterate_rows(rows):
                yield to_sample(row, media, joint.find(row["sample_id"]))


def to_sample(row: Row, media: BatchMedia, joint: Vector | None) -> ExportSample | Reject:
    """The sample with its bytes, or a reject that names the first member that has none."""
    members: list[ExportMember] = []
    for role, kind, member_id in _member_ids(row):
        member = media.member(row["sample_id"], role, kind, member_id)
        if isinstance(member, Fault):
            return _reject(row, member.reason, member.detail, role)
        if member is not None:
            members.append(member)
    if not members:
        return _reject(row, Reason.NO_MEDIA, "none of its members is media or a text", "")
    names = ("sample_id", "batch", "session", "group", "split", "presence")
    return ExportSample(
        **{name: row[name] for name in names},
        members=tuple(members),
        targets=tuple(row["targets"]),
        joint=joint,
    )


def _member_ids(row: Row) -> Iterator[tuple[str, str, str]]:
    for member in row["members"]:
        for member_id in member["ids"]:
            yield member["role"], member["kind"], member_id


def _iterate_rows(samples: pa.Table) -> Iterator[Row]:
    for block in samples.to_batches(max_chunksize=_ROWS_AT_ONCE):
        yield from block.to_pylist()


def _batch(batches: dict[str, Batch], name: str) -> Batch:
    if name not in batches:
        raise MissingInputError(
            f"{SAMPLES.file} has samples of the batch '{name}', which is not in data/batches: run fuse again"
        )
    return batches[name]


def _reject(row: Row, reason: Reason, detail: str, role: str) -> Reject:
    return Reject(row["batch"], SAMPLES.name, row["sample_id"], reason, detail, role)
