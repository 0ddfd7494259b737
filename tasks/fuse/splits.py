"""Splits that never move as data grow: sample after sample joins the group that it is tied to, or starts one.

reads   ties of samples, in order of batch and sample id
writes  a split and a group per sample, or why it can have none

A group's split comes from a hash of its first member's session, so it depends on nothing that comes later.
A sample tied to groups of one split makes them one group; one tied to groups of different splits is left out,
and ties nobody. So no two samples of different splits are tied, and an earlier sample is never moved.
"""

import hashlib
from dataclasses import dataclass

from tasks.core.near_hashes import UInt64s
from tasks.fuse.likeness import Likeness
from tasks.fuse.params import FuseParams

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True)
class Ties:
    """What a sample shares with others: exact keys, and perceptual hashes of its pictures.

    `near` are keys of others that it is tied to, and does not have itself.
    """

    session_key: str
    keys: tuple[str, ...]
    pictures: tuple[int, ...]
    near: tuple[str, ...] = ()


class Splitter:
    """Takes samples one by one. `group_of` is final once all have been taken: a group may be joined later.

    `pictures` are the perceptual hashes of all samples that will be taken, and maybe of others.
    """

    def __init__(self, params: FuseParams, pictures: UInt64s) -> None:
        self._params = params
        self._likeness = Likeness(pictures, params.near_duplicate_bits)
        self._number_of: dict[str, int] = {}
        self._taken: dict[str, int] = {}
        self._parents: list[int] = []
        self._firsts: list[str] = []
        self._splits: list[str] = []

    def take(self, sample_id: str, ties: Ties) -> tuple[str, ...]:
        """The sample's split; or, for a sample that must be left out, the several splits it is tied to.

        A sample may be taken again with more ties: refused, it stays as it was.
        """
        groups = self._tied_groups(ties)
        splits = tuple(sorted({self._splits[group] for group in groups}))
        if len(splits) > 1:
            return splits
        group = self._join(groups) if groups else self._start(sample_id, ties.session_key)
        self._claim(ties, group)
        self._taken[sample_id] = group
        return (self._splits[group],)

    def split_of(self, sample_id: str) -> str:
        """The split of a sample that has been taken."""
        return self._splits[self._root(self._taken[sample_id])]

    def group_of(self, sample_id: str) -> str:
        """The first sample of the sample's group."""
        return self._firsts[self._root(self._taken[sample_id])]

    def _tied_groups(self, ties: Ties) -> set[int]:
        keys = [
            *ties.keys,
            *ties.near,
            *(_picture_key(known) for seen in ties.pictures for known in self._likeness.near(seen)),
        ]
        return {self._root(self._number_of[key]) for key in keys if key in self._number_of}

    def _start(self, sample_id: str, session_key: str) -> int:
        self._parents.append(len(self._parents))
        self._firsts.append(sample_id)
        self._splits.append(_drawn_split(session_key, self._params))
        return len(self._parents) - 1

    def _join(self, groups: set[int]) -> int:
        """The oldest of the groups, which the others now belong to."""
        oldest = min(groups)
        for group in groups:
            self._parents[group] = oldest
        return oldest

    def _claim(self, ties: Ties, group: int) -> None:
        for key in [*ties.keys, *(_picture_key(picture) for picture in ties.pictures)]:
            self._number_of.setdefault(key, group)

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
