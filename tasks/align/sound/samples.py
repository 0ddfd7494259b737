"""Two recordings that are compared: mono sound at one rate, in memory or on disk, looked at part by part.

reads   Samples: float32 arrays, or what has a length and slices as they have (`FloatsOnDisk`)
writes  parts of them as arrays
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]
Int64s = NDArray[np.int64]

_BLOCK_SAMPLES = 2**18


class Samples(Protocol):
    """Mono sound of which parts are read."""

    def __len__(self) -> int:
        """How many samples there are."""

    def __getitem__(self, part: slice, /) -> Float32s:
        """The samples from one to before another."""


@dataclass(frozen=True)
class Recordings:
    """Two mono recordings at one sample rate; `scratch` is for what is too long to be kept in memory.

    Where it is None, that is in the folder for temporary files.
    """

    reference: Samples
    other: Samples
    sample_rate_hz: int
    scratch: Path | None = None

    def shortest_s(self) -> float:
        """How long the shorter of the two is, in seconds."""
        return min(len(self.reference), len(self.other)) / self.sample_rate_hz

    def say_nothing(self) -> bool:
        """Whether one of them is silent all along, or has samples that are no numbers."""
        return not (_speaks(self.reference) and _speaks(self.other))


def blocks_of(sound: Samples) -> Iterator[Float32s]:
    """The sound from its first to its last sample, some seconds at a time."""
    for first in range(0, len(sound), _BLOCK_SAMPLES):
        yield sound[first : first + _BLOCK_SAMPLES]


def excerpts(sound: Samples, starts: Int64s, length: int) -> Float32s:
    """One row per start, silent before the first and after the last sample of the sound.

    All that lies between the starts is read as well.
    """
    first, stop = int(starts.min()), int(starts.max()) + length
    heard = sound[max(first, 0) : max(stop, 0)]
    piece = np.zeros(stop - first, np.float32)
    lead = min(max(-first, 0), len(piece))
    piece[lead : lead + len(heard)] = heard
    return np.lib.stride_tricks.sliding_window_view(piece, length)[starts - first]


def _speaks(sound: Samples) -> bool:
    heard = False
    for block in blocks_of(sound):
        # A sum is not finite as soon as one sample is not, and needs no second array.
        if not np.isfinite(block.sum(dtype=np.float64)):
            return False
        heard = heard or bool(block.any())
    return heard
