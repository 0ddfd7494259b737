"""Hierarchical representation: members, samples and sessions in one space, each the mean of its children.

reads   views, joint space
writes  hierarchy.arrow   `member:<sample>#<modality>`, `sample:<sample>`, `session:<batch>/<session>`: batch
                          by batch, members and samples in order of sample, block by block, then sessions

A member is one modality of a sample, in its own columns of the joint space, zeros elsewhere. The map to the
one reduced space is affine, so a mean before it is the mean behind it. A sample without a vector has no row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.core.reduction import Reduction, fit_reduction
from tasks.core.vectors import Matrix, Vectors
from tasks.fuse.joint import JointSpace
from tasks.fuse.views import BatchViews, ViewBlock


@dataclass(frozen=True)
class Hierarchy:
    """The joint space and the reduction of its samples."""

    joint: JointSpace
    reduction: Reduction

    @property
    def dimensions(self) -> int:
        """At least one: a file of vectors without a dimension cannot be written."""
        return max(self.reduction.dimensions, 1)

    def vectors(self, views: BatchViews, session_of: Mapping[str, str]) -> Iterator[Vectors]:
        """One batch; `session_of` gives `<batch>/<session>` by sample id."""
        names: list[str] = []
        rows = [np.empty((0, self.dimensions), np.float32)]
        for block in views.blocks():
            members, owners = self._members(block)
            yield members
            samples = _named_means("sample", members.matrix, [block.sample_ids[owner] for owner in owners])
            yield samples
            names += [session_of[name.removeprefix("sample:")] for name in samples.ids]
            rows.append(samples.matrix)
        yield _named_means("session", np.concatenate(rows), names)

    def _members(self, block: ViewBlock) -> tuple[Vectors, list[int]]:
        """The members by sample, then by modality, and which sample of the block each belongs to."""
        ids: list[str] = []
        rows: list[Matrix] = []
        owners: list[int] = []
        reduced = {name: self._reduced(wide) for name, wide in _widened(self.joint, block).items()}
        for position, sample_id in enumerate(block.sample_ids):
            for modality, matrix in reduced.items():
                if block.has(modality)[position]:
                    ids.append(f"member:{sample_id}#{modality}")
                    rows.append(matrix[position])
                    owners.append(position)
        matrix = np.stack(rows) if rows else np.empty((0, self.dimensions), np.float32)
        return Vectors(ids, matrix), owners

    def _reduced(self, wide: Matrix) -> Matrix:
        if not self.reduction.dimensions:
            return np.zeros((len(wide), 1), np.float32)
        return np.asarray(self.reduction.apply(wide), np.float32)


def fit_hierarchy(joint: JointSpace, training: ViewBlock, dimensions: int) -> Hierarchy:
    """The reduced space of the training samples, each the mean of its members."""
    counts = np.zeros(len(training.sample_ids), np.float32)
    wide = np.zeros((len(training.sample_ids), joint.content_dimensions), np.float32)
    for modality, part in _widened(joint, training).items():
        wide += part
        counts += training.has(modality)
    present = counts > 0
    return Hierarchy(joint, fit_reduction(wide[present] / counts[present, None], dimensions))


def _widened(joint: JointSpace, block: ViewBlock) -> dict[str, Matrix]:
    """Per modality its part in its own columns of the joint space."""
    layout, wide = joint.layout(), {}
    for modality, part in joint.parts(block).items():
        first, stop = layout[modality]
        wide[modality] = np.zeros((len(part), joint.content_dimensions), np.float32)
        wide[modality][:, first:stop] = part
    return wide


def _named_means(level: str, matrix: Matrix, parents: Sequence[str]) -> Vectors:
    """The mean of the rows of each parent, sorted by its name."""
    names, parent_rows = np.unique(np.array(parents, np.str_), return_inverse=True)
    sums = np.zeros((len(names), matrix.shape[1]), np.float64)
    np.add.at(sums, parent_rows, matrix)
    counts: npt.NDArray[np.int64] = np.bincount(parent_rows, minlength=len(names))
    return Vectors([f"{level}:{name}" for name in names], np.asarray(sums / counts[:, None], np.float32))
