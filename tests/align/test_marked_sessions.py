"""Sessions drawn at random, told by marks: what a clock's pieces say between their marks is never wrong."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from tasks.align.clocks.line_fit import fit_clock_pieces
from tasks.core.clock_line import to_reference_ns
from tasks.core.errors import ClockError
from tasks.core.times import NS_PER_MS, NS_PER_S

Seconds = NDArray[np.float64]
TOLERANCE_NS = 20 * NS_PER_MS
# A line meets its marks within the tolerance, and those are up to 8 ms wrong themselves.
WRONG_BY_S = 0.05


@dataclass(frozen=True)
class Recorder:
    """A clock that drifts and was paused: at `cuts` of its own seconds, for `lengths`."""

    drift: float
    cuts: Seconds
    lengths: Seconds

    def reference_s(self, clock_s: Seconds) -> Seconds:
        passed: Seconds = (self.lengths * (clock_s[:, None] > self.cuts)).sum(axis=1)
        return clock_s * (1 + self.drift) + 7.5 + passed


def draw(random: np.random.Generator) -> tuple[Recorder, Seconds, Seconds, int]:
    """A recorder, its marks on both clocks, and how many of them are false."""
    clock_s = np.cumsum(random.uniform(0.3, 1.7, random.integers(2, 60)) * random.choice([2, 10, 60]))
    pauses = random.choice([0, 0, 1, 1, 2, 3])
    recorder = Recorder(
        drift=random.choice([0, random.uniform(-1e-4, 1e-4), random.uniform(-2e-3, 2e-3)]),
        cuts=np.sort(random.uniform(0, clock_s[-1], pauses)),
        lengths=np.exp(random.uniform(np.log(0.03), np.log(60), pauses)),
    )
    noise_s = random.choice([0, 0.002, 0.008])
    reference_s = recorder.reference_s(clock_s) + random.uniform(-noise_s, noise_s, len(clock_s))
    false = random.random(len(clock_s)) < random.choice([0, 0.05, 0.2])
    reference_s[false] += random.choice([-1, 1], false.sum()) * random.uniform(0.05, 5, false.sum())
    return recorder, clock_s, reference_s, int(false.sum())


def judged(random: np.random.Generator) -> str:
    """Right, refused, or wrong with confidence: somewhere between the first mark and the last."""
    recorder, clock_s, reference_s, false = draw(random)
    times_ns = [np.rint(times_s * NS_PER_S).astype(np.int64) for times_s in (clock_s, reference_s)]
    try:
        fit = fit_clock_pieces(times_ns[0], times_ns[1], TOLERANCE_NS)
    except ClockError:
        suffices = len(clock_s) - false >= 8 * (1 + len(recorder.cuts)) and false < len(clock_s) / 4
        return "refused though it suffices" if suffices else "refused"
    assert int(fit.used.sum()) == sum(piece.line.marks_used for piece in fit.pieces)
    assert int((~fit.used).sum()) == sum(piece.line.marks_rejected for piece in fit.pieces)
    if any(piece.line.residual_ns is None or piece.line.residual_ns > TOLERANCE_NS for piece in fit.pieces):
        return "not within the tolerance, or not known"
    asked_s = np.linspace(clock_s[0], clock_s[-1], 2000)
    asked_ns = np.rint(asked_s * NS_PER_S).astype(np.int64)
    for piece in fit.pieces:
        misses_s = np.abs(to_reference_ns(asked_ns, piece.line) / NS_PER_S - recorder.reference_s(asked_s))
        if (misses_s > WRONG_BY_S)[piece.covers(asked_ns, asked_ns)].any():
            return "wrong"
    return "right"


@pytest.mark.parametrize("seed", range(4))
def test_no_clock_is_wrong_with_confidence_and_few_are_refused_that_marks_tell(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = Counter(judged(random) for _ in range(150))
    assert found["wrong"] == 0
    assert found["right"] > 110
    assert found["refused though it suffices"] <= 3
