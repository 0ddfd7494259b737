"""Rounds: batches whose members are compared with each other's, wherever they were delivered.

Batches that write `align: {method: content, candidates: everywhere}` and the same of what decides on a pair
(`DECISIVE`) form one round. What one of them holds can change the links of every other.
"""

from collections.abc import Sequence

from tasks.core.batch import Batch

DECISIVE = ("reference", "by", "pairing", "threshold", "margin")


def looks_everywhere(batch: Batch) -> bool:
    """Whether it is of a round, in which its links may name samples of other batches."""
    return batch.file.align.candidates == "everywhere"


def companions(batch: Batch, batches: Sequence[Batch]) -> tuple[Batch, ...]:
    """The other batches of its round, in their order; none where it looks for no candidates elsewhere."""
    own = _round_of(batch)
    if own is None:
        return ()
    return tuple(other for other in batches if other.name != batch.name and _round_of(other) == own)


def whole_round(batch: Batch, others: Sequence[Batch]) -> tuple[Batch, ...]:
    """The batch and its companions, by name."""
    return tuple(sorted((batch, *others), key=lambda one: one.name))


def batch_of(name: str) -> str:
    """The batch that an item, a label or a sample is of: every id starts with it, and it has no slash."""
    return name.partition("/")[0]


def _round_of(batch: Batch) -> tuple[object, ...] | None:
    if not looks_everywhere(batch):
        return None
    align = batch.file.align
    return align.reference, align.by, align.pairing, align.least_alike, align.margin
