"""Compare by looks: the share of the 64 bits of two perceptual hashes that agree.

reads   members of one role, the reference, perceptual hashes of pictures
writes  one Comparison

A copy in another size or quality differs in a few bits (6 bits: likeness 0.906), another picture in about
half of them. Every hash is compared with every other, half a nanosecond a pair: so the nearest candidate of
what is left out and the margin to the second best are known however far away they are.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from tasks.align.by_content.comparison import Comparison, Evidence, left_out_for, positions
from tasks.align.by_content.rows import HashRows
from tasks.core.rejects import Reason


def compare_pictures(members: pa.Table, reference: pa.Table, evidence: Evidence) -> Iterator[Comparison]:
    """The members and the reference members that have a perceptual hash."""
    hashes = HashRows(np.fromiter(evidence.hashes.values(), np.uint64, len(evidence.hashes)))
    ids = list(evidence.hashes)
    own, rows, strangers = positions(members, ids)
    targets, target_rows, _ = positions(reference, ids)
    yield Comparison(
        own,
        hashes.take(rows),
        targets,
        hashes.take(target_rows),
        left_out_for(strangers, Reason.NO_VECTOR, "it has no perceptual hash: readable pictures have one"),
    )
