"""Take a sample into the splits: with all of its members, or without the guests that would join two splits.

A guest is of another batch, and may have come later; so the sample stays and the guest goes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

from tasks.core.rejects import Reason, Reject
from tasks.fuse.samples import Draft, Member
from tasks.fuse.splits import Splitter, Ties

_OWN_SESSIONS = 'where its items are not about one thing, give them sessions of their own, such as "{stem}"'


@dataclass(frozen=True)
class Taken:
    """A sample as it was taken, its split, None where it is left out, and what is left out."""

    draft: Draft
    split: str | None
    rejects: tuple[Reject, ...] = ()


def take(draft: Draft, splitter: Splitter, ties_of: Callable[[Draft], Ties]) -> Taken:
    """The sample in the splitter; one that even without its guests is tied to several splits is left out."""
    splits = splitter.take(draft.sample_id, ties_of(draft))
    if len(splits) == 1:
        return Taken(draft, splits[0])
    alone = replace(draft, members=tuple(member for member in draft.members if member not in draft.guests))
    if draft.guests:
        splits = splitter.splits_of(ties_of(alone))
    if len(splits) > 1:
        detail = f"it shares media, text or a session with {', '.join(splits)}"
        return Taken(draft, None, tuple(draft.rejects(Reason.JOINS_SPLITS, detail)))
    parted = _joining(draft, alone, splitter, ties_of)
    kept = replace(draft, members=tuple(one for one in draft.members if one not in parted))
    rejects = [_part(member, splits) for member, splits in parted.items()]
    if not kept.has_input:
        return Taken(kept, None, (*rejects, *kept.rejects_without_input()))
    (split,) = splitter.take(kept.sample_id, ties_of(kept))
    return Taken(kept, split, tuple(rejects))


def _joining(
    draft: Draft, alone: Draft, splitter: Splitter, ties_of: Callable[[Draft], Ties]
) -> dict[Member, tuple[str, ...]]:
    """The guests with which the sample would join splits, and which; an item goes with its labels."""
    parted: dict[Member, tuple[str, ...]] = {}
    by_item = sorted(draft.guests, key=attrgetter("item_id", "row_id"))
    for _, together in groupby(by_item, key=attrgetter("item_id")):
        guests = tuple(together)
        wider = replace(alone, members=(*alone.members, *guests))
        splits = splitter.splits_of(ties_of(wider))
        if len(splits) > 1:
            parted |= dict.fromkeys(guests, splits)
        else:
            alone = wider
    return parted


def _part(guest: Member, splits: tuple[str, ...]) -> Reject:
    return guest.reject(
        Reason.JOINS_SPLITS,
        f"with it, sample {guest.sample_id} would share media, text or a session with {', '.join(splits)},"
        f" and is made without it; {_OWN_SESSIONS}",
    )
