"""Take samples into the splits: released ones, then all as their own batches have them, then their guests.

A guest never decides on a split: which guests a sample has can change as batches come, and its split must
not. One that would tie its sample to samples of another split is left out, and the sample is made without it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from tasks.core.rejects import Reason, Reject
from tasks.fuse.batch_tables import BatchTables, Tying, given_splits, ties_of
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
        # Samples that came with a split, by that split: the others' splits are drawn.
        self.given: Counter[str] = Counter()

    def take_released(self, draft: Draft, tables: BatchTables) -> Taken:
        """The sample as `take` does, if it was released; before all others, which then come to it."""
        if self._splitter.was_released(draft.sample_id):
            return self.take(draft, tables)
        return Taken(draft, None)

    def take_given(self, draft: Draft, tables: BatchTables) -> Taken:
        """The sample as `take` does, if it came with a split; before the others of its batch."""
        return self.take(draft, tables) if given_splits(draft, tables) else Taken(draft, None)

    def take(self, draft: Draft, tables: BatchTables) -> Taken:
        """The sample without its guests; one that is tied to several splits is left out, guests and all."""
        if self._splitter.has_taken(draft.sample_id):
            return Taken(draft.alone, self._splitter.split_of(draft.sample_id))
        if draft.sample_id in self._refused:
            return self._refused[draft.sample_id]
        given = given_splits(draft.alone, tables)
        if len(given) > 1:
            return self._refuse(draft, Reason.SPLITS_DISAGREE, _disagreement(given))
        splits = self._try(draft.alone, tables)
        if len(splits) > 1:
            return self._refuse(draft, Reason.JOINS_SPLITS, _tied_to(splits, given))
        self.given.update(given.keys())
        return Taken(draft.alone, splits[0])

    def _refuse(self, draft: Draft, reason: Reason, detail: str) -> Taken:
        taken = Taken(draft, None, tuple(draft.rejects(reason, detail)))
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


def _disagreement(given: Mapping[str, str]) -> str:
    said = ", ".join(f"{item_id} in {split}" for split, item_id in sorted(given.items()))
    return f"its members were delivered in different splits: {said}; what is one sample needs one split"


def _tied_to(splits: tuple[str, ...], given: Mapping[str, str]) -> str:
    detail = f"it shares media, text or a session with {', '.join(splits)}"
    if not given:
        return detail
    return (
        f"it was delivered in {', '.join(given)}, and it shares media, text or a session with samples of"
        f" another split; {_OWN_SESSIONS}, and split_ties: report in batch.yaml keeps it all the same"
    )


def _part(guest: Member, splits: tuple[str, ...]) -> Reject:
    return guest.reject(
        Reason.JOINS_SPLITS,
        f"with it, sample {guest.sample_id} would share media, text or a session with {', '.join(splits)},"
        f" and is made without it; {_OWN_SESSIONS}",
    )
