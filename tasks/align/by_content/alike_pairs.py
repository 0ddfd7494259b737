"""Every pair of rows that is at least as alike as a threshold, up to a stated number.

reads   two sets of rows
writes  AlikePairs, or None where there are more than `most`
"""

from dataclasses import dataclass

import numpy as np

from tasks.align.by_content.rows import Float64s, Int64s, Rows
from tasks.align.by_content.similarity import BLOCK_ROWS, RESOLUTION, blocks


@dataclass(frozen=True)
class AlikePairs:
    """One entry per pair, by other row and then by reference row."""

    other: Int64s
    reference: Int64s
    similarity: Float64s


def alike_pairs(reference: Rows, other: Rows, threshold: float, most: int) -> AlikePairs | None:
    """The pairs of at least that likeness; None where there are more than `most`."""
    found: list[tuple[Int64s, Int64s]] = []
    count = 0
    for rows in blocks(len(other), BLOCK_ROWS):
        for columns in blocks(len(reference), BLOCK_ROWS):
            alike = other.products(rows, reference, columns) >= threshold - 2 * RESOLUTION
            count += int(np.count_nonzero(alike))
            if count > most:
                return None
            at_row, at_column = np.nonzero(alike)
            found.append((at_row + rows.start, at_column + columns.start))
    nothing = np.empty(0, np.int64)
    others, references = (np.concatenate(parts) for parts in zip((nothing, nothing), *found, strict=True))
    similarity = other.likeness(others, reference, references)
    order = np.lexsort((references, others))
    order = order[similarity[order] >= threshold - RESOLUTION]
    return AlikePairs(others[order], references[order], similarity[order])
