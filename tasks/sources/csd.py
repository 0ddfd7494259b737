"""Feature sequences of the CMU Multimodal SDK (.csd): each video's sequence is one signal item, a series.

reads   the .csd file that a `csd` source names (HDF5; needs the extra hdf5)
Times are the intervals, from the start of the item, in the order of their starts; one that ends before it
starts is a moment at its start.
Channels have the names of the metadata, or `value_1` ... Ids are `<file>#<video>`. Sequences of words are no
series: the item has a fault that says where to list them. Listing packs every series once, for its size; the
bytes are made again when they are collected, so memory is for one video at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.core.batch import Batch
from tasks.core.belonging import Belonging, Rules, rules_of
from tasks.core.candidate import Candidate, Delivery, SourceKind
from tasks.core.computational_sequences import Sequence, read_sequences
from tasks.core.delivered import root_of
from tasks.core.errors import TableFileError
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.core.series import SERIES_SUFFIX, Series, pack_series
from tasks.core.source_entries import CsdSource

_PLACEHOLDERS = ("video", "batch")


@dataclass(frozen=True, slots=True)
class SequenceContent:
    """The series of one video of a .csd file, `length` bytes when it is packed."""

    path: Path
    video: str
    length: int

    def size(self) -> int | Fault:
        """The length when it was listed."""
        return self.length

    def read(self) -> bytes:
        """The packed series; OSError when the file is no longer what it was."""
        try:
            sequences = list(read_sequences(self.path, self.video))
        except TableFileError as error:
            raise OSError(0, error.detail) from error
        payload = b"" if sequences[0].fault else packed(sequences[0])
        if len(payload) != self.length:
            raise OSError(0, f"the sequence of '{self.video}' has changed since it was listed")
        return payload


def packed(sequence: Sequence) -> bytes:
    """The sequence as the bytes of a series."""
    order = np.argsort(sequence.start_ns, kind="stable")
    values = sequence.features[order].astype(np.float64)
    about = {"sequence": sequence.root, "video": sequence.video}
    start_ns, end_ns = sequence.start_ns[order], sequence.end_ns[order]
    return pack_series(Series(start_ns, sequence.names, values, np.maximum(start_ns, end_ns)), about)


def list_sequences(delivery: Delivery, options: CsdSource) -> Iterator[Candidate]:
    """A candidate per video, in the order of their names; one with a fault for a file that cannot be read."""
    batch = delivery.batch
    rules = rules_of(batch, options, _PLACEHOLDERS)
    name = root_of(batch, options.path).id_of(batch.path(options.path))
    try:
        for sequence in read_sequences(batch.path(options.path)):
            yield _belonging_of(batch, rules, name, sequence).of(
                _to_candidate(batch, options, name, sequence)
            )
    except TableFileError as error:
        fault = Fault(Reason.MALFORMED, error.detail)
        yield Candidate(f"{name}#file", name, role=options.role, clock=options.clock, fault=fault)


def _to_candidate(batch: Batch, options: CsdSource, name: str, sequence: Sequence) -> Candidate:
    fault = sequence.fault or _fault_of(sequence)
    path = batch.path(options.path)
    return Candidate(
        f"{name}#{sequence.video}",
        f"{name}#{sequence.video}",
        role=options.role,
        clock=options.clock,
        duration_ns=None if fault else int(sequence.end_ns.max()),
        modality="signal",
        content=None if fault else SequenceContent(path, sequence.video, len(packed(sequence))),
        name=f"{sequence.video}{SERIES_SUFFIX}",
        fault=fault,
    )


def _belonging_of(batch: Batch, rules: Rules, name: str, sequence: Sequence) -> Belonging:
    values = {"video": sequence.video, "batch": batch.name}
    return rules.apply(values, sequence.video, name.split("/"))


def _fault_of(sequence: Sequence) -> Fault | None:
    if not len(sequence.start_ns):
        return Fault(Reason.FILE_EMPTY, f"the sequence of '{sequence.video}' has no intervals")
    if not np.issubdtype(sequence.features.dtype, np.number):
        return Fault(Reason.UNSUPPORTED_MEDIA, "words are no signal: list the file under labels, format: csd")
    if sequence.start_ns.min() < 0:
        return Fault(Reason.MALFORMED, f"an interval of '{sequence.video}' starts before 0")
    return None


SOURCE = SourceKind("csd", CsdSource, list_sequences)
