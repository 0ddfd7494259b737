"""What an exporter is: whole samples in, one at a time; files that other tools read out.

The export stage assembles each sample once and hands it to every format, so an exporter sees no table and
no shard. A writer holds at most one shard's open file and a bounded part of it in memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Target = Mapping[str, str | None]


@dataclass(frozen=True)
class ExportMember:
    """One piece of a sample with its bytes; the span of it that the sample has, on the reference clock.

    `columns` name the numbers of a pooled vector.
    """

    role: str
    kind: str
    member_id: str
    modality: str
    media_type: str
    payload: bytes
    start_ns: int | None = None
    end_ns: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportSample:
    """One sample with all its bytes; members in the order of the samples table, `joint` may be missing."""

    sample_id: str
    batch: str
    session: str
    group: str
    split: str
    members: tuple[ExportMember, ...]
    targets: tuple[Target, ...]
    presence: Mapping[str, bool]
    joint: Vector | None

    def leading(self, modality: str) -> ExportMember | None:
        """The member that stands for its modality where only one can, None where there is none.

        That is the sample's own reference, else one whose role is named after the modality, else what labels
        say, else the first.
        """
        candidates = [member for member in self.members if member.modality == modality]
        return min(candidates, key=self._claim, default=None)

    def _claim(self, member: ExportMember) -> int:
        claims = (member.member_id == self.sample_id, member.role == member.modality, member.kind == "label")
        return claims.index(True) if True in claims else len(claims)


@dataclass(frozen=True)
class ExportPlace:
    """Where one split goes: files `<split>-00000.<suffix>`, each of about `shard_bytes` at most."""

    folder: Path
    split: str
    shard_bytes: int
    joint_dimensions: int


@dataclass(frozen=True)
class WrittenFile:
    """A finished file and how many samples it holds."""

    name: str
    samples: int


class ExportWriter(Protocol):
    """Takes the samples of one split, then says which files it made; no sample, no file."""

    def add(self, sample: ExportSample) -> None:
        """Write the sample behind those before it."""

    def close(self) -> list[WrittenFile]:
        """Finish the last file; all files in the order they were made."""


@dataclass(frozen=True)
class Exporter:
    """A plug-in of `tasks/exporters`; `open` gives a writer for one split."""

    name: str
    open: Callable[[ExportPlace], ExportWriter]
