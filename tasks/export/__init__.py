"""Export: the samples with all their bytes, as shards and tables that training code reads.

reads   fused (samples, joint); per batch collected (items, media), labels (texts), aligned (links, clocks)
writes  exports/<format>/<split>-00000.<suffix>   one folder per format, see tasks/exporters
        exports/manifest.json                     per format and split: samples, shards, bytes, SHA-256
        exports/rejects.parquet                   samples that no format has, and why
params  export.formats, export.shard_bytes

Every format holds every sample but the rejected ones. Samples are assembled one at a time, in the order of
their ids, and written to all formats in the same pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc

from tasks.core.exporter import ExportPlace, ExportWriter, WrittenFile
from tasks.core.registry import nearest_word
from tasks.core.rejects import Reject
from tasks.core.schemas import EXPORT_REJECTS, SAMPLES
from tasks.core.stage import Stage, StageInput
from tasks.core.tables import TableBuilder, write_table
from tasks.export.assemble import JOINT_FILE, JointVectors, iterate_samples
from tasks.export.manifest import read_manifest, write_manifest
from tasks.exporters import EXPORTERS

# By format, then by split.
Writers = dict[str, dict[str, ExportWriter]]


@dataclass(frozen=True)
class ExportParams:
    """Which formats are written, and how large their files may be."""

    formats: tuple[str, ...]
    shard_bytes: int

    def __post_init__(self) -> None:
        """Refuse an export that writes nothing, or one format twice."""
        if not self.formats or len(set(self.formats)) < len(self.formats):
            raise ValueError(f"expected different formats, at least one, got {list(self.formats)}")
        unknown = [name for name in self.formats if name not in EXPORTERS]
        if unknown:
            known = sorted(EXPORTERS)
            hint = nearest_word(unknown[0], known)
            raise ValueError(f"formats: no export format named '{unknown[0]}'; choose of {known}.{hint}")
        if self.shard_bytes <= 0:
            raise ValueError(f"expected shard_bytes above 0, got {self.shard_bytes}")


def build(inputs: StageInput, params: ExportParams, output: Path) -> None:
    """Write every format, the rejects and the manifest."""
    folder = output / "exports"
    joint = JointVectors(inputs.folder("fused") / JOINT_FILE)
    splits = sorted(pc.unique(inputs.table(SAMPLES, None, ("split",))["split"]).to_pylist())
    writers = open_writers(folder, params, splits, joint.dimensions)
    rejects = TableBuilder(EXPORT_REJECTS)
    for sample in iterate_samples(inputs, joint):
        if isinstance(sample, Reject):
            rejects.append(sample.row())
        else:
            for name in params.formats:
                writers[name][sample.split].add(sample)
    rejected = write_table(EXPORT_REJECTS, rejects.finish(), folder)
    write_manifest(folder, close_writers(writers), rejected)


def open_writers(folder: Path, params: ExportParams, splits: Sequence[str], joint_dimensions: int) -> Writers:
    """One writer per format and split; UnknownNameError before anything is written."""
    exporters = [EXPORTERS[name] for name in params.formats]
    writers: Writers = {}
    for exporter in exporters:
        place = folder / exporter.name
        place.mkdir()
        writers[exporter.name] = {
            split: exporter.open(ExportPlace(place, split, params.shard_bytes, joint_dimensions))
            for split in splits
        }
    return writers


def close_writers(writers: Writers) -> dict[str, dict[str, list[WrittenFile]]]:
    """The files that each writer made."""
    return {
        name: {split: writer.close() for split, writer in of_format.items()}
        for name, of_format in writers.items()
    }


def conclude(inputs: StageInput, params: ExportParams) -> str:
    """How many samples went out in which formats, and how many could not."""
    manifest = read_manifest(inputs.folder("exports"))
    splits = manifest["formats"][params.formats[0]].values()
    exported = sum(split["samples"] for split in splits)
    return f"{exported} samples as {', '.join(params.formats)}, {manifest['rejected']} left out"


STAGE = Stage(
    name="export",
    params=ExportParams,
    reads=("batches", "collected", "labels", "fused", "aligned"),
    writes=("exports",),
    scope="dataset",
    build=build,
    conclude=conclude,
)
