"""Coordinated representation: one vector per modality of a sample, all in one space, to search across them.

reads   views
writes  coordinated.arrow   `<sample>#<modality>`, unit vectors; `#text` is the sample's words: text items,
                            captions and transcripts

The words are the hub of the space (`tasks/core/coordination.py`). A modality with too few pairs is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tasks.core.coordination import Pairs, Projection, fit_coordination
from tasks.core.schemas import MODALITIES
from tasks.core.vectors import Matrix, Vectors
from tasks.fuse.views import WORDS, ViewBlock

_LEAST_PAIRS = 4
_SPOKEN = {"text": WORDS}


@dataclass(frozen=True)
class CoordinatedSpace:
    """A projection per modality that could be fitted, and on how many pairs with words."""

    projections: Mapping[str, Projection]
    pairs: Mapping[str, int]

    @property
    def dimensions(self) -> int:
        """At least one: a file of vectors without a dimension cannot be written."""
        widths = [int(projection.weights.shape[1]) for projection in self.projections.values()]
        return max([1, *widths])

    def vectors(self, block: ViewBlock) -> Vectors:
        """The vectors of these samples, by sample, then by modality."""
        placed: list[tuple[int, str, Matrix]] = []
        for modality, projection in self.projections.items():
            view = _SPOKEN.get(modality, modality)
            rows = np.flatnonzero(block.has(view))
            if len(rows):
                matrix = projection.apply(block.matrices[view][rows])
                placed += [(row, modality, vector) for row, vector in zip(rows.tolist(), matrix, strict=True)]
        placed.sort(key=lambda entry: entry[:1])
        ids = [f"{block.sample_ids[row]}#{modality}" for row, modality, _ in placed]
        rows_of = [vector for _, _, vector in placed]
        return Vectors(ids, np.stack(rows_of) if ids else np.empty((0, self.dimensions), np.float32))


def fit_coordinated(training: ViewBlock, dimensions: int) -> CoordinatedSpace:
    """The space of the training samples; without a projection where nothing can be learned from the pairs."""
    counts = dict(_pair_counts(training))
    pairs = {modality: _pairs(training, modality) for modality in counts if counts[modality] >= _LEAST_PAIRS}
    if not pairs:
        return CoordinatedSpace({}, counts)
    space = fit_coordination(training.matrices[WORDS][training.has(WORDS)], pairs, dimensions)
    if space is None:
        return CoordinatedSpace({}, counts)
    projections = {**space.modalities, "text": space.hub}
    ordered = {modality: projections[modality] for modality in MODALITIES if modality in projections}
    return CoordinatedSpace(ordered, counts)


def _pair_counts(training: ViewBlock) -> Iterator[tuple[str, int]]:
    for modality in MODALITIES:
        if modality != "text":
            count = int((training.has(modality) & training.has(WORDS)).sum())
            if count:
                yield modality, count


def _pairs(training: ViewBlock, modality: str) -> Pairs:
    both = training.has(modality) & training.has(WORDS)
    return Pairs(training.matrices[modality][both], training.matrices[WORDS][both])
