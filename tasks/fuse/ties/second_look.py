"""The second look at two pictures that may be one: lay one on the other, and see how much of them agrees.

reads   two small grey pictures and their landmarks
writes  the share of their textured parts that agrees (0 to 1)
rules   Each pair of near codes says how one picture would lie on the other; the nearest few are tried. What
        both show must be at least `_SHOWN` of one and `_SHOWN_LEAST` of the other, with texture in `_TILES`
        tiles: a plain background agrees with every other, so what has too little texture proves nothing.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tasks.fuse.ties.landmarks import Landmarks

Reals = NDArray[np.float64]

_TRIED = 6
_BETTERED = 2
_SURE = 0.9
_SHOWN, _SHOWN_LEAST = 0.55, 0.2
_TILES = 16
_PROMISING = 0.05
_COARSE_STEPS, _FINE_STEPS = 6, 5
AS_IT_IS = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Look:
    """A small picture as it is compared."""

    small: NDArray[np.uint8]
    landmarks: Landmarks

    @cached_property
    def fine(self) -> Reals:
        """Blurred a little."""
        from tasks.fuse.ties.landmarks import blurred

        return blurred(self.small.astype(np.float64), levels=1)

    @cached_property
    def coarse(self) -> Reals:
        """Blurred until a guess may be some pixels off."""
        from tasks.fuse.ties.landmarks import blurred

        return blurred(self.small.astype(np.float64), levels=4)


def agreeing_share(one: Look, other: Look, most_bits: int) -> float:
    """The share of what is textured that agrees, by the best way found to lay one on the other."""
    from tasks.fuse.ties.alignment_kernels import agreement

    guesses = _guesses(one.landmarks, other.landmarks, most_bits)
    seen = np.array([agreement(one.fine, other.fine, guess)[0] for guess in guesses])
    # Bettering a guess costs ten times as much as looking at it: only the most promising are.
    promising = [
        row for row in np.argsort(-seen, kind="stable")[:_BETTERED].tolist() if seen[row] >= _PROMISING
    ]
    best = 0.0
    for row in promising:
        best = max(best, _judge(one, other, guesses[row]))
        if best >= _SURE:
            break
    return best


def _guesses(one: Landmarks, other: Landmarks, most_bits: int) -> list[Reals]:
    """How the other would lie on the one, by the nearest pairs of codes; first of all, as they are."""
    apart = np.bitwise_count(one.codes[:, None] ^ other.codes[None, :])
    here, there = np.nonzero(apart <= most_bits)
    order = np.argsort(apart[here, there], kind="stable")[:_TRIED]
    pairs = zip(here[order], there[order], strict=True)
    return [AS_IT_IS, *(_placing(one.frames[own], other.frames[its]) for own, its in pairs)]


def _placing(own: Reals, its: Reals) -> Reals:
    """Where (x, y) of the one is in the other, so that the two frames lie on each other."""
    a, b, c, d, e, f = own
    size = a * e - b * d
    back = np.array([[e, -b, b * f - e * c], [-d, a, d * c - a * f]]) / size
    placed = its.reshape(2, 3) @ np.vstack([back, [0.0, 0.0, 1.0]])
    return np.asarray(placed.reshape(6))


def _judge(one: Look, other: Look, guess: Reals) -> float:
    """The best share by the guess, and by what it is bettered to."""
    from tasks.fuse.ties.alignment_kernels import better

    share, placing = _share(one, other, guess), guess.copy()
    for blurred, of_other, steps in (
        (one.coarse, other.coarse, _COARSE_STEPS),
        (one.fine, other.fine, _FINE_STEPS),
    ):
        if share < _SURE and better(blurred, of_other, placing, steps):
            share = max(share, _share(one, other, placing))
    return share


def _share(one: Look, other: Look, placing: Reals) -> float:
    """The share that agrees; 0 where the two show too little of each other, or too little texture."""
    from tasks.fuse.ties.alignment_kernels import agreement

    share, textured, shown, shown_of_other = agreement(one.fine, other.fine, placing)
    enough = max(shown, shown_of_other) >= _SHOWN and min(shown, shown_of_other) >= _SHOWN_LEAST
    return float(share) if enough and textured >= _TILES else 0.0
