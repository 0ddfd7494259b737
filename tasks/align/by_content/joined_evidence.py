"""The evidence of several batches as that of one.

reads   Evidence by batch
writes  Evidence (in memory): the vectors of all, one matrix for each modality
"""

from collections.abc import Mapping

import numpy as np

from tasks.align.by_content.comparison import Evidence
from tasks.core.errors import MissingInputError
from tasks.core.schemas import MODALITIES
from tasks.core.vectors import Vectors


def join_evidence(by_batch: Mapping[str, Evidence]) -> Evidence:
    """All of it, in order of the batches; MissingInputError where vectors are not of one encoder.

    Faults are not joined: they are of what a single batch declares.
    """
    found = [by_batch[name] for name in sorted(by_batch)]
    _refuse_other_encoders(by_batch)
    vectors = {name: [own.vectors[name] for own in found if name in own.vectors] for name in MODALITIES}
    return Evidence(
        vectors={name: _joined(several) for name, several in vectors.items() if several},
        spaces={name: space for own in found for name, space in own.spaces.items()},
        texts={name: text for own in found for name, text in own.texts.items()},
        hashes={name: phash for own in found for name, phash in own.hashes.items()},
        pairs=tuple(sorted({pair for own in found for pair in own.pairs})),
    )


def _joined(vectors: list[Vectors]) -> Vectors:
    if len(vectors) == 1:
        return vectors[0]
    return Vectors(
        [name for one in vectors for name in one.ids], np.concatenate([one.matrix for one in vectors])
    )


def _refuse_other_encoders(by_batch: Mapping[str, Evidence]) -> None:
    """An encoder is chosen for the whole dataset: where vectors differ, some are of an earlier choice."""
    for modality in MODALITIES:
        kinds: dict[tuple[int, str], str] = {}
        for batch in sorted(by_batch):
            own = by_batch[batch]
            if modality in own.vectors:
                width, space = own.vectors[modality].matrix.shape[1], own.spaces.get(modality, "none named")
                kinds.setdefault((width, space), batch)
        if len(kinds) > 1:
            told = [f"'{batch}' {width} numbers, space {space}" for (width, space), batch in kinds.items()]
            raise MissingInputError(
                f"the vectors of {modality} cannot be compared across batches, they are of different encoders"
                f" ({'; '.join(told)}): run the stage encode, which makes those of an earlier choice anew"
            )
