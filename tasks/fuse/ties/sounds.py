"""Which sounds are one recording: louder or quieter, compressed, resampled, noisy, or cut a little at an end.

reads   the fingerprints that `collect` makes of sounds (see `tasks/media/sound_print.py`)
writes  pairs of items, the later one first, and the share of bits that is the same (in memory)
rules   Four sub-fingerprints, 30 ms apart, are a code; sounds with near codes in common are candidates
        (`near_codes.py`). At the second look one fingerprint is laid on the other at every step where it
        covers most of both; they are tied where the share of equal bits reaches `near_duplicate_sound`: of
        strangers it is about a half. So two long recordings with a jingle in common are not tied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.fuse.ties.near_codes import Search, near_things
from tasks.fuse.ties.pictures import Tie

Prints = NDArray[np.uint16]

_MOMENTS, _APART = 4, 3
_MOST_CODES = 1_000
_MOST_BITS = 12
_MOST_CANDIDATES = 16
_OVERLAP = 0.8
_BITS = 16
_LONG_ENOUGH = 40  # moments of 10 ms


@dataclass(frozen=True)
class Sound:
    """One sound of the dataset and its fingerprint."""

    item_id: str
    print: bytes

    def prints(self) -> Prints:
        """16 bits every 10 ms."""
        return np.frombuffer(self.print, "<u2").astype(np.uint16)


def sound_ties(sounds: Sequence[Sound], least_share: float) -> Iterator[Tie]:
    """The ties of every sound to earlier ones."""
    codes = [_codes(sound.prints()) for sound in sounds]
    owners = np.repeat(np.arange(len(codes)), [len(own) for own in codes])
    every = np.concatenate([np.empty(0, np.uint64), *codes])
    search = Search(_MOST_BITS, _MOST_CANDIDATES, tuple(range(_MOMENTS * _BITS)))
    for later, earlier in near_things(every, owners, search).tolist():
        share = equal_share(sounds[later].prints(), sounds[earlier].prints())
        if share >= _least(least_share, min(len(sounds[later].print), len(sounds[earlier].print))):
            yield Tie(sounds[later].item_id, sounds[earlier].item_id, "sounds", round(share, 3))


def _least(least_share: float, size_bytes: int) -> float:
    """What is asked: of a fifth of a second half of what is left to equal, of less still more."""
    short = max(0.0, 1 - size_bytes / 2 / _LONG_ENOUGH)
    return least_share + (1 - least_share) * short


def equal_share(one: Prints, other: Prints) -> float:
    """The highest share of equal bits where the two cover most of each other; 0 where they cannot."""
    least = round(_OVERLAP * max(len(one), len(other)))
    best = 0.0
    for shift in range(least - len(other), len(one) - least + 1):
        first, stop = max(0, shift), min(len(one), shift + len(other))
        if stop - first >= least:
            differing = one[first:stop] ^ other[first - shift : stop - shift]
            best = max(best, 1 - float(np.bitwise_count(differing).sum()) / (_BITS * (stop - first)))
    return best


def _codes(prints: Prints) -> NDArray[np.uint64]:
    """The codes of moments that are spread evenly, so many at most."""
    count = len(prints) - (_MOMENTS - 1) * _APART
    if count < 1:
        return np.empty(0, np.uint64)
    starts = np.unique(np.linspace(0, count - 1, min(count, _MOST_CODES)).astype(np.int64))
    codes = np.zeros(len(starts), np.uint64)
    for moment in range(_MOMENTS):
        codes |= prints[starts + moment * _APART].astype(np.uint64) << np.uint64(_BITS * moment)
    return np.unique(codes)
