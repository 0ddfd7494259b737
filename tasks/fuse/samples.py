"""Samples from links: who belongs to each, without what the gate has quarantined.

reads   links, some after the others, and gate rejects of one accepted batch (in memory)
writes  drafts of samples; rejects: whole samples (table `samples`) and single members (table `links`)

An input is an item, or the transcript that a sample was cut by; every other label is a target. A sample whose
reference is quarantined, or that has no input left, is rejected. A member is quarantined when its link, its
label, or the item that it is or is about, is. samples in = drafts + rejects of table `samples`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import pyarrow as pa

from tasks.core.rejects import Reason, Reject

_REFERENCE = "reference"
_BY_ITS_WORDS = "text"
_SPOKEN = "transcript"
MEMBER_COLUMNS = (
    *("sample_id", "session", "role", "kind", "member_id"),
    *("item_id", "label_id", "start_ns", "end_ns", "method"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One link: an item, or a label, in a sample; the span is on the reference clock."""

    sample_id: str
    session: str
    role: str
    kind: str
    member_id: str
    item_id: str | None
    label_id: str | None
    start_ns: int | None
    end_ns: int | None
    method: str

    @property
    def is_reference(self) -> bool:
        """Whether the sample was cut by this member."""
        # A reference whose own time was found by its words has the method that found it.
        return self.method == _REFERENCE or (
            self.method == _BY_ITS_WORDS and self.sample_id == self.member_id
        )

    @property
    def is_input(self) -> bool:
        """Whether a model is shown this member, rather than asked for it."""
        return self.kind == "item" or (self.is_reference and self.role == _SPOKEN)

    @property
    def row_id(self) -> str:
        """The key of the link's row."""
        return f"{self.sample_id}|{self.role}|{self.member_id}"


@dataclass(frozen=True)
class Quarantine:
    """The rows of one batch that the gate has quarantined, by table."""

    items: frozenset[str]
    labels: frozenset[str]
    links: frozenset[str]

    def holds(self, member: Member) -> bool:
        """Whether the member may not be used."""
        return member.row_id in self.links or member.label_id in self.labels or member.item_id in self.items


@dataclass(frozen=True, slots=True)
class Draft:
    """One sample before its split is known."""

    batch: str
    sample_id: str
    session: str
    members: tuple[Member, ...]

    @property
    def session_key(self) -> str:
        """The session, unique among all batches."""
        return f"{self.batch}/{self.session}"

    def reject(self, reason: Reason, detail: str) -> Reject:
        """The sample as a reject."""
        return Reject(self.batch, "samples", self.sample_id, reason, detail)


def to_quarantine(gate_rejects: pa.Table) -> Quarantine:
    """The quarantined rows of the batch's items, labels and links."""
    rows: dict[str, set[str]] = {"items": set(), "labels": set(), "links": set()}
    for row in gate_rejects.select(["table", "row_id"]).to_pylist():
        if row["table"] in rows:
            rows[row["table"]].add(row["row_id"])
    return Quarantine(**{table: frozenset(ids) for table, ids in rows.items()})


def to_drafts(batch: str, links: Iterable[pa.Table], quarantine: Quarantine) -> Iterator[Draft | Reject]:
    """Per sample, in order of its id: its draft or its reject, and a reject per member that was dropped."""
    for sample_id, group in groupby(_members(links), key=attrgetter("sample_id")):
        members = tuple(group)
        kept = tuple(member for member in members if not quarantine.holds(member))
        draft = Draft(batch, sample_id, members[0].session, kept)
        lost = [member for member in members if quarantine.holds(member)]
        references = [member.member_id for member in lost if member.is_reference]
        if references:
            yield draft.reject(
                Reason.REFERENCE_QUARANTINED, f"its reference, {references[0]}, is quarantined"
            )
            continue
        yield from (_member_reject(batch, member) for member in lost)
        if any(member.is_input for member in kept):
            yield draft
        else:
            yield draft.reject(Reason.NOTHING_BUT_TARGETS, f"{len(kept)} targets and no input are left")


def batch_rejects(batch: str, links: Iterable[pa.Table]) -> Iterator[Reject]:
    """Every sample of a batch that the gate has rejected as a whole."""
    for sample_id, _ in groupby(_members(links), key=attrgetter("sample_id")):
        detail = f"the batch '{batch}' was rejected by the gate"
        yield Reject(batch, "samples", sample_id, Reason.BATCH_REJECTED, detail)


def _members(links: Iterable[pa.Table]) -> Iterator[Member]:
    return (Member(**row) for rows in links for row in rows.to_pylist())


def _member_reject(batch: str, member: Member) -> Reject:
    detail = f"{member.kind} {member.member_id} is quarantined; its sample goes on without it"
    return Reject(batch, "links", member.row_id, Reason.MEMBER_QUARANTINED, detail, role=member.role)
