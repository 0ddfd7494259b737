"""What is compared with what: members of one role and of the reference, with their rows in one space.

`Evidence` is all that a batch knows about its members by which they can be compared; each way of comparing
(`compare_*.py`) makes Comparisons of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.rows import Int64s, Rows
from tasks.align.result import to_left_out
from tasks.core.rejects import Reason
from tasks.core.vectors import Vectors


@dataclass(frozen=True)
class Evidence:
    """By member id: vectors of each modality, texts, perceptual hashes; and pairs that are known.

    `spaces` names the space of a modality's vectors where it is one with other modalities. A pair is two ids
    that have vectors, of things that are known to belong together; `fault` is why those cannot be read.
    """

    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    spaces: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, int] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Comparison:
    """Members and targets with a row each, in the same order; and members that cannot be compared."""

    members: pa.Table
    rows: Rows
    targets: pa.Table
    target_rows: Rows
    left_out: pa.Table


def positions(members: pa.Table, ids: list[str]) -> tuple[pa.Table, Int64s, pa.Table]:
    """The members that are among the ids, where each stands there, and the members that are not."""
    position = pc.index_in(members["member_id"], pa.array(ids, pa.string()))
    found = pc.is_valid(position)
    rows = position.filter(found).combine_chunks().to_numpy(zero_copy_only=False).astype(np.int64)
    return members.filter(found), rows, members.filter(pc.invert(found))


def left_out_for(members: pa.Table, reason: Reason, detail: str) -> pa.Table:
    """All of these members left out for one reason, with one sentence: they could not be compared."""
    return to_left_out(members, reason, [f"{detail}: no candidate"] * members.num_rows)
