"""Align a round: batches whose members are compared with each other's, paired as if delivered as one.

reads   the members and the evidence of every batch of the round
writes  Aligned of the whole round, and what of it is of one batch

One-to-one is one-to-one over the whole round. A link is of the batch that its member is of; its sample may
be of another one. A batch whose `pairs` cannot be read takes no part with what it would pair, and is told
why; the others go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tasks.align.by_content.aligning import align_by_content
from tasks.align.by_content.comparison import Evidence, left_out_for
from tasks.align.by_content.joined_evidence import join_evidence
from tasks.align.members import roles_of
from tasks.align.result import Aligned, without_reference
from tasks.core.align_entry import Align
from tasks.core.rejects import Reason
from tasks.core.rounds import DECISIVE


@dataclass(frozen=True)
class Part:
    """What one batch brings to the round."""

    members: pa.Table
    evidence: Evidence


def align_round(parts: Mapping[str, Part], align: Align) -> Aligned:
    """The members of all batches, in whatever order they are given, aligned as those of one."""
    reference, names = str(align.reference), sorted(parts)
    members = pa.concat_tables([parts[name].members for name in names]).combine_chunks()
    if reference not in roles_of(members):
        same = f"of the same {', '.join(DECISIVE)}"
        return without_reference(members, reference, f"the round of {names}, which are {same},")
    taking, barred = [], []
    for name in names:
        inside, outside = _barred(parts[name], reference)
        taking.append(inside)
        barred.append(outside)
    evidence = join_evidence({name: part.evidence for name, part in parts.items()})
    found = align_by_content(pa.concat_tables(taking).combine_chunks(), evidence, align)
    return Aligned(found.samples, found.links, pa.concat_tables([found.left_out, *barred]))


def part_of_round(whole: Aligned, members: pa.Table) -> Aligned:
    """What of the round is of the batch with these members; `guests` are links of others to its samples."""
    own = members["member_id"].combine_chunks()
    samples = whole.samples.filter(pc.is_in(whole.samples, own))
    linked = pc.is_in(whole.links["member_id"], own)
    guests = pc.and_not(pc.is_in(whole.links["sample_id"], samples), linked)
    return Aligned(
        samples,
        whole.links.filter(linked),
        whole.left_out.filter(pc.is_in(whole.left_out["member_id"], own)),
        guests=whole.links.filter(guests),
    )


def _barred(part: Part, reference: str) -> tuple[pa.Table, pa.Table]:
    """The members that take part, and the items left out since what their batch declares cannot be read."""
    paired = pc.and_(pc.equal(part.members["kind"], "item"), pc.not_equal(part.members["role"], reference))
    barred = pc.and_(paired, bool(part.evidence.fault))
    return (
        part.members.filter(pc.invert(barred)),
        left_out_for(part.members.filter(barred), Reason.NOT_COMPARABLE, part.evidence.fault),
    )
