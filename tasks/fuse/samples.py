"""Samples from links: who belongs to each, without what the gate has quarantined.

reads   links to the samples of one accepted batch, and gate rejects of the batches they are of (in memory)
writes  drafts of samples; rejects: whole samples (table `samples`) and single members (table `links`)

An input is an item, or the transcript that a sample was cut by; every other label is a target. A sample whose
reference is quarantined, or that has no input left, is rejected. A member is quarantined when its link, its
label, or the item that it is or is about, is. samples in = drafts + rejects of table `samples`; a link of
another batch is in a draft or a reject of that batch's table `links`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

import pyarrow as pa

from tasks.core.rejects import Reason, Reject

_REFERENCE = "reference"
_BY_ITS_WORDS = "text"
_SPOKEN = "transcript"
MEMBER_COLUMNS = (
    *("batch", "sample_id", "session", "role", "kind", "member_id"),
    *("item_id", "label_id", "start_ns", "end_ns", "method"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One link: an item, or a label, in a sample; the span is on the reference clock.

    A guest is a member of a sample of another batch than its own.
    """

    batch: str
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

    def reject(self, reason: Reason, detail: str) -> Reject:
        """The link as a reject."""
        return Reject(self.batch, "links", self.row_id, reason, detail, role=self.role)


@dataclass(frozen=True)
class Quarantine:
    """The rows of some batches that the gate has quarantined, by table."""

    items: frozenset[str]
    labels: frozenset[str]
    links: frozenset[str]

    def __or__(self, other: "Quarantine") -> "Quarantine":
        """Those of both."""
        return Quarantine(self.items | other.items, self.labels | other.labels, self.links | other.links)

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

    @property
    def guests(self) -> tuple[Member, ...]:
        """The members that are of other batches."""
        return tuple(member for member in self.members if member.batch != self.batch)

    @property
    def alone(self) -> "Draft":
        """The sample without its guests."""
        own = tuple(member for member in self.members if member.batch == self.batch)
        return replace(self, members=own)

    @property
    def has_input(self) -> bool:
        """Whether there is anything that a model is shown."""
        return any(member.is_input for member in self.members)

    def rejects(self, reason: Reason, detail: str) -> list[Reject]:
        """The sample as a reject, and each of its guests, which another batch would miss."""
        missed = f"sample {self.sample_id} is left out: {reason.value}, {detail}"
        return [
            Reject(self.batch, "samples", self.sample_id, reason, detail),
            *(guest.reject(Reason.SAMPLE_LEFT_OUT, missed) for guest in self.guests),
        ]

    def rejects_without_input(self) -> list[Reject]:
        """The same, for a sample of which only targets are left."""
        return self.rejects(Reason.NOTHING_BUT_TARGETS, f"{len(self.members)} targets and no input are left")


NOTHING_QUARANTINED = Quarantine(frozenset(), frozenset(), frozenset())


def to_quarantine(gate_rejects: pa.Table) -> Quarantine:
    """The quarantined rows of the batch's items, labels and links."""
    rows: dict[str, set[str]] = {"items": set(), "labels": set(), "links": set()}
    for row in gate_rejects.select(["table", "row_id"]).to_pylist():
        if row["table"] in rows:
            rows[row["table"]].add(row["row_id"])
    return Quarantine(**{table: frozenset(ids) for table, ids in rows.items()})


def to_members(links: Iterable[pa.Table | pa.RecordBatch]) -> Iterator[Member]:
    """The links as members, in their order."""
    return (Member(**row) for rows in links for row in rows.to_pylist())


def to_drafts(batch: str, links: Iterable[Member], quarantine: Quarantine) -> Iterator[Draft | Reject]:
    """Per sample, in order of its id: its draft or its reject, and a reject per member that was dropped."""
    for sample_id, group in groupby(links, key=attrgetter("sample_id")):
        members = tuple(group)
        whole = Draft(batch, sample_id, members[0].session, members)
        kept = tuple(member for member in members if not quarantine.holds(member))
        lost = [member for member in members if quarantine.holds(member)]
        references = [member.member_id for member in lost if member.is_reference]
        if references:
            yield from whole.rejects(
                Reason.REFERENCE_QUARANTINED, f"its reference, {references[0]}, is quarantined"
            )
            continue
        yield from (_quarantined(member) for member in lost)
        draft = replace(whole, members=kept)
        if draft.has_input:
            yield draft
        else:
            yield from draft.rejects_without_input()


def batch_rejects(batch: str, links: Iterable[Member]) -> Iterator[Reject]:
    """Every sample of a batch that the gate has rejected as a whole."""
    for sample_id, group in groupby(links, key=attrgetter("sample_id")):
        members = tuple(group)
        whole = Draft(batch, sample_id, members[0].session, members)
        yield from whole.rejects(Reason.BATCH_REJECTED, f"the batch '{batch}' was rejected by the gate")


def abroad_rejects(links: Iterable[Member]) -> Iterator[Reject]:
    """Every link of a batch that the gate has rejected to a sample of another batch."""
    for member in links:
        rejected = f"the batch '{member.batch}' was rejected by the gate"
        detail = f"{rejected}; sample {member.sample_id} is made without it"
        yield member.reject(Reason.BATCH_REJECTED, detail)


def _quarantined(member: Member) -> Reject:
    detail = f"{member.kind} {member.member_id} is quarantined; its sample goes on without it"
    return member.reject(Reason.MEMBER_QUARANTINED, detail)
