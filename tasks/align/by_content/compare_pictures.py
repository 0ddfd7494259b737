"""Compare by looks: the share of the 64 bits of two perceptual hashes that agree.

reads   members of one role, the reference, perceptual hashes of pictures
writes  one Comparison

A copy in another size or quality differs in a few bits (6 bits: likeness 0.906), another picture in about
half of them.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from tasks.align.by_content.comparison import Comparison, Evidence, left_out_for, positions
from tasks.align.by_content.rows import DenseRows, hash_rows
from tasks.core.rejects import Reason


def compare_pictures(members: pa.Table, reference: pa.Table, evidence: Evidence) -> Iterator[Comparison]:
    """The members and the reference members that have a perceptual hash."""
    ids = sorted(evidence.hashes)
    own, _, strangers = positions(members, ids)
    targets, _, _ = positions(reference, ids)
    yield Comparison(
        own,
        _rows(evidence.hashes, own),
        targets,
        _rows(evidence.hashes, targets),
        left_out_for(strangers, Reason.NO_VECTOR, "it has no perceptual hash: readable pictures have one"),
    )


def _rows(hashes: Mapping[str, int], members: pa.Table) -> DenseRows:
    return hash_rows(np.array([hashes[name] for name in members["member_id"].to_pylist()], np.uint64))
