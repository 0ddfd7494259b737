"""Joint representation: everything known of a sample in one vector.

reads   views
writes  joint.arrow   by sample id: per modality, in the order of MODALITIES, its reduced view (zeros where it
                      is missing), all scaled to the same weight; then one 0 or 1 per modality: present
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tasks.core.reduction import Reduction, fit_reduction
from tasks.core.schemas import MODALITIES
from tasks.core.vectors import Matrix, Vectors
from tasks.fuse.views import ViewBlock


@dataclass(frozen=True)
class JointSpace:
    """A reduction per modality that has training rows."""

    reductions: Mapping[str, Reduction]

    @property
    def content_dimensions(self) -> int:
        """The dimensions before the mask."""
        return sum(reduction.dimensions for reduction in self.reductions.values())

    @property
    def dimensions(self) -> int:
        """The dimensions with the mask."""
        return self.content_dimensions + len(MODALITIES)

    def parts(self, block: ViewBlock) -> dict[str, Matrix]:
        """Per modality its reduced view, zeros where it is missing."""
        return {
            modality: _reduced(block, modality, reduction) for modality, reduction in self.reductions.items()
        }

    def vectors(self, block: ViewBlock) -> Vectors:
        """The joint vectors of these samples."""
        parts = self.parts(block).values()
        mask = np.stack([block.has(modality) for modality in MODALITIES], axis=1)
        return Vectors(list(block.sample_ids), np.concatenate([*parts, mask], axis=1, dtype=np.float32))

    def layout(self) -> dict[str, list[int]]:
        """Which columns each modality has: the first, and the one behind the last."""
        columns, first = {}, 0
        for modality, reduction in self.reductions.items():
            columns[modality] = [first, first + reduction.dimensions]
            first += reduction.dimensions
        return {**columns, "present": [first, first + len(MODALITIES)]}


def fit_joint(training: ViewBlock, dimensions: int) -> JointSpace:
    """The joint space of the training samples."""
    return JointSpace(
        {
            modality: fit_reduction(training.matrices[modality][training.has(modality)], dimensions)
            for modality in MODALITIES
            if modality in training.matrices
        }
    )


def _reduced(block: ViewBlock, modality: str, reduction: Reduction) -> Matrix:
    reduced = np.zeros((len(block.sample_ids), reduction.dimensions), np.float32)
    if modality in block.matrices and reduction.dimensions:
        present = block.has(modality)
        weight = np.sqrt(reduction.variances.sum())
        reduced[present] = reduction.apply(block.matrices[modality][present]) / weight
    return reduced
