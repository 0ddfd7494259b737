"""Splits that never move as data come and go: each sample joins the group it is tied to, or starts one.

reads   ties of samples: released ones first, then batch by batch those with a given split, then the others;
        what was released before (`tasks/core/released.py`)
writes  a split and a group per sample, or why it can have none

A sample that was released keeps its split, whatever else holds. A given split is kept too. Any other group's
split comes from a hash of its first member's session, so it depends on nothing that comes later. A sample
tied to groups or released keys of one split joins them; one tied to different splits is left out, and ties
nobody. So an earlier sample is never moved, and samples of different splits are tied in two cases only, which
are told as crossings: both were released before anybody knew that they are tied, or the batch of a sample
with a given split asks to keep it there (`split_ties: report`).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.core.near_hashes import UInt64s
from tasks.core.released import NOTHING_RELEASED, Released, sample_key
from tasks.core.splits import TEST, TRAIN, VALIDATION
from tasks.fuse.likeness import Likeness
from tasks.fuse.params import FuseParams


@dataclass(frozen=True)
class Ties:
    """What a sample shares with others: exact keys, and perceptual hashes of its pictures.

    `near` are keys of others that it is tied to, and does not have itself.
    `given` are the splits that its media were delivered with, one at most where the sample is to be taken;
    `keeps_given` is whether it stays in that split even if it is tied to samples of another one.
    """

    session_key: str
    keys: tuple[str, ...]
    pictures: tuple[int, ...]
    given: tuple[str, ...] = ()
    keeps_given: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crossing:
    """A sample that stays in its split although it is tied to others, or was given another one."""

    sample_id: str
    split: str
    others: tuple[str, ...]
    given: tuple[str, ...]


class Splitter:
    """Takes samples one by one. `group_of` is final once all have been taken: a group may be joined later.

    `pictures` are the perceptual hashes of all samples that will be taken, and maybe of others.
    """

    def __init__(self, params: FuseParams, pictures: UInt64s, released: Released = NOTHING_RELEASED) -> None:
        self._params = params
        self.released = released
        self._likeness = Likeness(pictures, params.near_duplicate_bits)
        self._number_of: dict[str, int] = {}
        # Of a key that samples of several splits have, the groups but the first: only crossings have such.
        self._more_of: dict[str, list[int]] = {}
        self._taken: dict[str, int] = {}
        self._parents: list[int] = []
        self._firsts: list[str] = []
        self._splits: list[str] = []
        self.crossings: list[Crossing] = []

    def take(self, sample_id: str, ties: Ties) -> tuple[str, ...]:
        """The sample's split; or, for a sample that must be left out, the several splits it is tied to.

        A sample may be taken again with more ties: refused, it stays as it was.
        """
        keys = self._looked_up(sample_id, ties)
        kept = None if sample_id in self._taken else self._kept_split(sample_id, ties)
        tied = self._tied_splits(sample_id, ties, keys)
        if kept is None and len(tied) > 1:
            return tuple(sorted(tied))
        split = kept or next(iter(tied), None) or _drawn_split(ties.session_key, self._params)
        if tied - {split}:
            self.crossings.append(Crossing(sample_id, split, tuple(sorted(tied - {split})), ties.given))
        self._put(sample_id, ties, keys, split)
        return (split,)

    def has_taken(self, sample_id: str) -> bool:
        """Whether the sample has a split."""
        return sample_id in self._taken

    def was_released(self, sample_id: str) -> bool:
        """Whether the sample was in a released split."""
        return bool(self.released.splits_of(sample_key(sample_id)))

    def split_of(self, sample_id: str) -> str:
        """The split of a sample that has been taken."""
        return self._splits[self._root(self._taken[sample_id])]

    def group_of(self, sample_id: str) -> str:
        """The first sample of the sample's group, in the order of their ids."""
        return self._firsts[self._root(self._taken[sample_id])]

    def claims(self) -> Iterator[tuple[str, str]]:
        """Every key that a sample has been taken with, its own included, and the split it was taken into."""
        for name, group in self._taken.items():
            yield sample_key(name), self._splits[self._root(group)]
        for key, group in self._number_of.items():
            for each in (group, *self._more_of.get(key, ())):
                yield key, self._splits[self._root(each)]

    def _kept_split(self, sample_id: str, ties: Ties) -> str | None:
        """The split that the sample has whatever it is tied to."""
        released = self.released.splits_of(sample_key(sample_id))
        if released:
            return released[0]
        return ties.given[0] if ties.given and ties.keeps_given else None

    def _tied_splits(self, sample_id: str, ties: Ties, keys: list[str]) -> set[str]:
        """The splits of all that the sample is tied to, and those that it was given or has."""
        splits = {self._splits[group] for group in self._groups_of(keys)} | set(ties.given)
        if sample_id in self._taken:
            splits.add(self.split_of(sample_id))
        return splits.union(*(self.released.splits_of(key) for key in keys))

    def _looked_up(self, sample_id: str, ties: Ties) -> list[str]:
        """The sample's keys; of one that is taken again, only what is new: its session has its place."""
        keys = [*ties.keys, *ties.near, *self._near_pictures(ties)]
        own = f"session:{ties.session_key}" if sample_id in self._taken else None
        return [key for key in keys if key != own]

    def _near_pictures(self, ties: Ties) -> list[str]:
        return [_picture_key(known) for seen in ties.pictures for known in self._likeness.near(seen)]

    def _groups_of(self, keys: list[str]) -> set[int]:
        found = {self._root(self._number_of[key]) for key in keys if key in self._number_of}
        if self._more_of:
            found |= {self._root(group) for key in keys for group in self._more_of.get(key, ())}
        return found

    def _put(self, sample_id: str, ties: Ties, keys: list[str], split: str) -> None:
        """Into the group of all that it is tied to in that split, or one of its own."""
        groups = {group for group in self._groups_of(keys) if self._splits[group] == split}
        if sample_id in self._taken:
            groups.add(self._root(self._taken[sample_id]))
        group = self._join(groups) if groups else self._start(split, sample_id)
        self._firsts[group] = min(self._firsts[group], sample_id)
        self._claim(ties, group)
        self._taken[sample_id] = group

    def _start(self, split: str, sample_id: str) -> int:
        self._parents.append(len(self._parents))
        self._firsts.append(sample_id)
        self._splits.append(split)
        return len(self._parents) - 1

    def _join(self, groups: set[int]) -> int:
        """The oldest of the groups, which the others now belong to."""
        oldest = min(groups)
        self._firsts[oldest] = min(self._firsts[group] for group in groups)
        for group in groups:
            self._parents[group] = oldest
        return oldest

    def _claim(self, ties: Ties, group: int) -> None:
        for key in [*ties.keys, *(_picture_key(picture) for picture in ties.pictures)]:
            first = self._root(self._number_of.setdefault(key, group))
            if self._splits[first] != self._splits[group]:
                more = self._more_of.setdefault(key, [])
                if all(self._splits[other] != self._splits[group] for other in more):
                    more.append(group)

    def _root(self, group: int) -> int:
        while self._parents[group] != group:
            self._parents[group] = self._parents[self._parents[group]]
            group = self._parents[group]
        return group


def _drawn_split(session_key: str, params: FuseParams) -> str:
    digest = hashlib.sha256(f"{params.seed}:{session_key}".encode()).digest()
    draw = int.from_bytes(digest[:8], "big") / 2**64
    if draw < params.train_share:
        return TRAIN
    return VALIDATION if draw < params.train_share + params.validation_share else TEST


def _picture_key(phash: int) -> str:
    return f"picture:{phash:016x}"
