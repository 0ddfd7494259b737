"""Take samples into the splits: first all of them as their own batches have them, then their guests.

A guest never decides on a split: which guests a sample has can change as batches come, and its split must
not. One that would tie its sample to samples of another split is left out, and the sample is made without it.
"""

from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from tasks.core.rejects import Reason, Reject
from tasks.fuse.batch_tables import BatchTables, Tying, ties_of
from tasks.fuse.samples import Draft, Member
from tasks.fuse.splits import Splitter

_OWN_SESSIONS = 'where its items are not about one thing, give them sessions of their own, such as "{stem}"'


@dataclass(frozen=True)
class Taken:
    """A sample as it was taken, its split, None where it is left out, and what is left out."""

    draft: Draft
    split: str | None
    rejects: tuple[Reject, ...] = ()


class Taker:
    """Takes samples into a splitter, tied as `tying` says."""

    def __init__(self, splitter: Splitter, tying: Tying) -> None:
        self._splitter = splitter
        self._tying = tying
        self._refused: dict[str, Taken] = {}

    def take(self, draft: Draft, tables: BatchTables) -> Taken:
        """The sample without its guests; one that is tied to several splits is left out, guests and all."""
        splits = self._try(draft.alone, tables)
        if len(splits) == 1:
            return Taken(draft.alone, splits[0])
        detail = f"it shares media, text or a session with {', '.join(splits)}"
        taken = Taken(draft, None, tuple(draft.rejects(Reason.JOINS_SPLITS, detail)))
        self._refused[draft.sample_id] = taken
        return taken

    def admit_guests(self, draft: Draft, tables: BatchTables) -> Taken:
        """The sample, which has been taken, with those of its guests that leave it in its split."""
        if draft.sample_id in self._refused:
            return self._refused[draft.sample_id]
        parted: dict[str, Reject] = {}
        by_item = sorted(draft.guests, key=attrgetter("item_id", "row_id"))
        for _, together in groupby(by_item, key=attrgetter("item_id")):
            guests = tuple(together)
            # With the session of the sample, which ties them to all that it has so far.
            splits = self._try(replace(draft, members=guests), tables)
            if len(splits) > 1:
                parted |= {guest.row_id: _part(guest, splits) for guest in guests}
        admitted = tuple(member for member in draft.members if member.row_id not in parted)
        whole = replace(draft, members=admitted)
        if not whole.has_input:
            return Taken(whole, None, (*parted.values(), *whole.rejects_without_input()))
        return Taken(whole, self._splitter.split_of(draft.sample_id), tuple(parted.values()))

    def _try(self, draft: Draft, tables: BatchTables) -> tuple[str, ...]:
        return self._splitter.take(draft.sample_id, ties_of(draft, tables, self._tying))


def _part(guest: Member, splits: tuple[str, ...]) -> Reject:
    return guest.reject(
        Reason.JOINS_SPLITS,
        f"with it, sample {guest.sample_id} would share media, text or a session with {', '.join(splits)},"
        f" and is made without it; {_OWN_SESSIONS}",
    )
