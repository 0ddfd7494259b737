"""The three representations, fitted on the training split only and written for every sample.

reads   samples and their input links (in memory), encoded, clocks, items
writes  joint.arrow, coordinated.arrow, hierarchy.arrow, and fusion.json: what was fitted on how many rows
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tasks.core.reduction import Reduction
from tasks.core.splits import TRAIN
from tasks.core.strict_json import write_json
from tasks.core.vectors import Matrix, Vectors, write_vectors
from tasks.fuse.coordinated import CoordinatedSpace, fit_coordinated
from tasks.fuse.hierarchy import Hierarchy, fit_hierarchy
from tasks.fuse.joint import JointSpace, fit_joint
from tasks.fuse.views import VIEWS, BatchViews, ViewBlock

FUSION_FILE = "fusion.json"
# What a fit holds in memory whole: more rows would hardly move some tens of directions.
MOST_TRAINING_ROWS = 4_096
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class FusedSample:
    """What a representation needs to know of a sample: `session` is `<batch>/<session>`."""

    sample_id: str
    batch: str
    session: str
    split: str


@dataclass(frozen=True)
class Spaces:
    """The fitted spaces."""

    joint: JointSpace
    coordinated: CoordinatedSpace
    hierarchy: Hierarchy
    training_rows: int


OpenViews = Callable[[str, Sequence[str]], BatchViews]


def write_representations(
    samples: Sequence[FusedSample], open_views: OpenViews, dimensions: int, output: Path
) -> None:
    """Fit and write all three; `open_views(batch, sample_ids)` gives the views of those samples."""
    from threadpoolctl import threadpool_limits

    # Sums on several threads round differently from sums on one
    with threadpool_limits(1):
        spaces = _fit(training_samples(samples), open_views, dimensions)
        _write(spaces, samples, open_views, output)
    write_json(_report(spaces, len(samples)), output / FUSION_FILE)


def training_samples(samples: Sequence[FusedSample]) -> list[FusedSample]:
    """The training split, or an even choice of it by hash, in the samples' order."""
    training = [sample for sample in samples if sample.split == TRAIN]
    drawn = sorted(training, key=lambda sample: hashlib.sha256(sample.sample_id.encode()).digest())
    chosen = {sample.sample_id for sample in drawn[:MOST_TRAINING_ROWS]}
    return [sample for sample in training if sample.sample_id in chosen]


def _fit(training: Sequence[FusedSample], open_views: OpenViews, dimensions: int) -> Spaces:
    views = [open_views(batch, ids).all() for batch, ids in _by_batch(training)]
    block = _concatenated(views)
    joint = fit_joint(block, dimensions)
    return Spaces(
        joint, fit_coordinated(block, dimensions), fit_hierarchy(joint, block, dimensions), len(training)
    )


def _write(spaces: Spaces, samples: Sequence[FusedSample], open_views: OpenViews, output: Path) -> None:
    batches = list(_by_batch(samples))
    session_of = {sample.sample_id: sample.session for sample in samples}

    def blocks(vectors: Callable[[ViewBlock], Vectors]) -> Iterator[Vectors]:
        for batch, ids in batches:
            yield from map(vectors, open_views(batch, ids).blocks())

    def levels() -> Iterator[Vectors]:
        for batch, ids in batches:
            yield from spaces.hierarchy.vectors(open_views(batch, ids), session_of)

    joint, coordinated, hierarchy = spaces.joint, spaces.coordinated, spaces.hierarchy
    write_vectors(output / "joint.arrow", _filled(blocks(joint.vectors)), joint.dimensions)
    write_vectors(output / "coordinated.arrow", _filled(blocks(coordinated.vectors)), coordinated.dimensions)
    write_vectors(output / "hierarchy.arrow", _filled(levels()), hierarchy.dimensions)


def _filled(blocks: Iterable[Vectors]) -> Iterator[Vectors]:
    """The blocks that have rows, to the digits that are meant.

    All three spaces have coordinates of about 1. What lies behind the sixth digit differs from one processor
    or library to the next, and near 0 float32 would keep it.
    """
    # Adding 0 turns -0 into 0.
    return (Vectors(block.ids, block.matrix.round(_DIGITS) + 0) for block in blocks if block.ids)


def _by_batch(samples: Sequence[FusedSample]) -> Iterator[tuple[str, list[str]]]:
    """Sample ids per batch; with its slash a batch stands where its samples stand in samples.parquet."""
    ids: dict[str, list[str]] = {}
    for sample in samples:
        ids.setdefault(sample.batch, []).append(sample.sample_id)
    for batch in sorted(ids, key=lambda name: f"{name}/"):
        yield batch, ids[batch]


def _concatenated(blocks: Sequence[ViewBlock]) -> ViewBlock:
    """The blocks as one; a view that a block does not have is absent there."""
    if len(blocks) == 1:
        return blocks[0]
    widths = {view: matrix.shape[1] for block in blocks for view, matrix in block.matrices.items()}
    views = [view for view in VIEWS if view in widths]
    return ViewBlock(
        [sample_id for block in blocks for sample_id in block.sample_ids],
        {view: np.concatenate([block.has(view) for block in blocks]) for view in views},
        {view: np.concatenate([_rows(block, view, widths[view]) for block in blocks]) for view in views},
    )


def _rows(block: ViewBlock, view: str, width: int) -> Matrix:
    return block.matrices.get(view, np.zeros((len(block.sample_ids), width), np.float32))


def _report(spaces: Spaces, samples: int) -> dict[str, object]:
    """What was fitted, for people and for the report."""
    joint, coordinated, hierarchy = spaces.joint, spaces.coordinated, spaces.hierarchy
    return {
        "samples": samples,
        "fitted_on": {"split": TRAIN, "rows": spaces.training_rows, "at_most": MOST_TRAINING_ROWS},
        "joint": {
            "dimensions": joint.dimensions,
            "columns": joint.layout(),
            "modalities": {name: _told(reduction) for name, reduction in joint.reductions.items()},
        },
        "coordinated": {
            "dimensions": coordinated.dimensions if coordinated.projections else 0,
            "modalities": list(coordinated.projections),
            "pairs_with_words": dict(coordinated.pairs),
        },
        "hierarchy": _told(hierarchy.reduction),
    }


def _told(reduction: Reduction) -> dict[str, object]:
    return {
        "rows": reduction.rows,
        "dimensions": reduction.dimensions,
        "explained_variance": round(reduction.explained, _DIGITS),
    }
