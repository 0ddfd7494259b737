"""Which pictures are near duplicates: cropped, turned, mirrored, scaled, brighter, with borders or words.

reads   the small pictures of the accepted batches, in the order of the dataset
writes  pairs of items, the later one first, and how much of what both show agrees (in memory)
rules   Pictures that have landmarks in common are candidates (`landmarks.py`, `near_codes.py`); a second
        look at both ties them (`second_look.py`). A picture is compared with at most `_MOST_CANDIDATES`
        earlier ones, whatever comes later, so its ties never change and their number grows with the pictures.
        Pictures that are equal when they are small are one, which the first of them stands for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tasks.fuse.ties.landmarks import SIDE, landmarks_of
from tasks.fuse.ties.near_codes import Search, near_things
from tasks.fuse.ties.second_look import Look, agreeing_share

MOST_BITS = 12
_MOST_CANDIDATES = 8
_LOOKS_KEPT = 512
_LOW = 8
# Frequencies that hardly change when a picture is compressed or scaled.
_STEADY = tuple(_LOW * u + v for u in range(_LOW) for v in range(_LOW) if 0 < u + v <= 6)


@dataclass(frozen=True)
class SmallPicture:
    """One picture of the dataset, 64 x 64 grey, and the shape that it had."""

    item_id: str
    grey: bytes
    width: int
    height: int

    def look(self) -> Look:
        """The picture as it is compared."""
        grey = np.frombuffer(self.grey, np.uint8).reshape(SIDE, SIDE)
        return Look(grey, landmarks_of(grey, self.width, self.height))


@dataclass(frozen=True)
class Tie:
    """Two items that stay on one side, the later one first, and how near they are (1 is the same)."""

    item_id: str
    other_id: str
    kind: str
    nearness: float


def picture_ties(pictures: Sequence[SmallPicture], least_share: float) -> Iterator[Tie]:
    """The ties of every picture to earlier ones."""
    firsts: dict[bytes, int] = {}
    for number, picture in enumerate(pictures):
        first = firsts.setdefault(picture.grey, number)
        if first != number and _is_textured(picture.grey):
            yield Tie(picture.item_id, pictures[first].item_id, "looks", 1.0)
    distinct = [pictures[number] for number in firsts.values()]

    @lru_cache(maxsize=_LOOKS_KEPT)
    def look(number: int) -> Look:
        return distinct[number].look()

    for later, earlier in _candidates(distinct).tolist():
        share = agreeing_share(look(later), look(earlier), MOST_BITS)
        if share >= least_share:
            yield Tie(distinct[later].item_id, distinct[earlier].item_id, "looks", round(share, 3))


def _is_textured(grey: bytes) -> bool:
    """Whether there is more than one grey in it: empty pictures are equal, and prove nothing."""
    return len(set(grey)) > 1


def _candidates(pictures: Sequence[SmallPicture]) -> NDArray[np.int64]:
    codes = [picture.look().landmarks.codes for picture in pictures]
    owners = np.repeat(np.arange(len(codes)), [len(own) for own in codes])
    every = np.concatenate([np.empty(0, np.uint64), *codes])
    return near_things(every, owners, Search(MOST_BITS, _MOST_CANDIDATES, _STEADY))
