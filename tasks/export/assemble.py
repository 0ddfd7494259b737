"""Put samples together: the row of the samples table, the bytes behind its members, and its joint vector.

reads   fused (samples, joint), and what tasks/export/media.py reads of each batch
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from tasks.core.exporter import ExportMember, ExportSample, Vector
from tasks.core.fault import Fault
from tasks.core.rejects import Reason, Reject
from tasks.core.schemas import SAMPLES
from tasks.core.stage import StageInput
from tasks.core.tables import iterate_table
from tasks.core.vectors import VectorFile
from tasks.export.open_media import OpenMedia

JOINT_FILE = "joint.arrow"

Row = dict[str, Any]


class JointVectors:
    """The joint vectors by sample id."""

    def __init__(self, path: Path) -> None:
        self._file = VectorFile(path)
        self._position = {name.as_py(): position for position, name in enumerate(self._file.ids)}

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return self._file.dimensions

    def find(self, sample_id: str) -> Vector | None:
        """The sample's vector, or None."""
        position = self._position.get(sample_id)
        return None if position is None else np.ascontiguousarray(self._file.vector(position))


def iterate_samples(inputs: StageInput, joint: JointVectors) -> Iterator[ExportSample | Reject]:
    """Every sample in the order of the ids, so batch by batch, or why it cannot be exported."""
    samples = iterate_table(SAMPLES, inputs.folder("fused"))
    rows = (row for some in samples for row in some.to_pylist())
    with OpenMedia(inputs) as media:
        for name, of_batch in groupby(rows, key=itemgetter("batch")):
            media.enter(name)
            for row in of_batch:
                yield to_sample(row, media, joint.find(row["sample_id"]))


def to_sample(row: Row, media: OpenMedia, joint: Vector | None) -> ExportSample | Reject:
    """The sample with its bytes, or a reject that names the first member that has none."""
    members: list[ExportMember] = []
    for role, kind, member_id in _member_ids(row):
        found = media.of_member(row["batch"], member_id)
        member = found.member(row["sample_id"], role, kind, member_id)
        if isinstance(member, Fault):
            return _reject(row, member.reason, member.detail, role)
        if member is not None:
            members.append(member)
    if not members:
        return _reject(row, Reason.NO_MEDIA, "none of its members is media or a text", "")
    members += media.of(row["batch"]).pooled(row["sample_id"])
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


def _reject(row: Row, reason: Reason, detail: str, role: str) -> Reject:
    return Reject(row["batch"], SAMPLES.name, row["sample_id"], reason, detail, role)
