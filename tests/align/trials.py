"""Trials of synchronisation by sound: recorder sessions of which every moment is known.

A session is an event, speech or music or noises, that a reference recorder hears and another one too. Either
may pause anywhere, also within its first and last 10 s; the other's clock is up to 2000 ppm off, each stands
in a room of its own and has noise of its own, as strong as the sound or weaker. What the other recorded comes
as one file, as chapters, or with a chapter of another event among them; or it is another event altogether,
which shares nothing with the first or a jingle of 12, 20 or 40 s. Same seed, same session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from tasks.align.sound.refusal import SoundRefusal
from tasks.align.sound.samples import Recordings
from tasks.align.sound.synchronise import synchronise_sound
from tasks.core.clock_line import ClockPiece, to_reference_ns
from tasks.core.times import NS_PER_MS, NS_PER_S
from tests.align.playing import RATE_HZ
from tests.align.sounds import Float32s, music, noise_bursts, speech

STEP_S = 0.01
TOLERANCE_NS = 20 * NS_PER_MS
# A piece may reach this far past the last moment that both heard: an edge is as fine as a syllable.
MARGIN_S = 0.25
ENOUGH_S = 10.0

Float64s = npt.NDArray[np.float64]
Kind = Literal["whole", "paused", "chapters", "foreign", "jingle"]
KINDS: tuple[Kind, ...] = ("whole", "paused", "paused", "paused", "chapters", "chapters", "foreign", "jingle")
_RATIOS_DB = (0, 5, 10, 20)
_PULL_DOWN_PPM = 1e6 * (1001 / 1000 - 1)
_EDGE_S = 10.0
_JINGLES_S = (12, 20, 40)


@dataclass(frozen=True)
class File:
    """A file of the other recorder: `true_s` has, every `STEP_S`, its time on the reference clock.

    NaN is a moment with no place there: another event, or one that the reference did not record.
    """

    sound: Float32s
    true_s: Float64s


@dataclass(frozen=True)
class Trial:
    """A session: what the reference recorded, and the files of the other recorder."""

    kind: Kind
    ratio_db: int
    drift_ppm: float
    reference: Float32s
    files: tuple[File, ...]


@dataclass
class Tally:
    """Seconds that were placed right, refused though the evidence suffices, and wrong; stretches likewise."""

    right_s: float = 0.0
    wrong_s: float = 0.0
    stretches: int = 0
    refused: int = 0

    def add(self, other: "Tally") -> None:
        """Add what came of another file."""
        self.right_s += other.right_s
        self.wrong_s += other.wrong_s
        self.stretches += other.stretches
        self.refused += other.refused


def make_trial(seed: int, seconds: tuple[float, float] = (60, 150)) -> Trial:
    """The session of that seed, as long as that; eight in a row have the kinds in their proportions."""
    random = np.random.default_rng([seed, 9])
    kind, ratio_db = KINDS[seed % len(KINDS)], int(random.choice(_RATIOS_DB))
    drift_ppm = float(random.choice([random.uniform(-100, 100), random.uniform(-2000, 2000), _PULL_DOWN_PPM]))
    event, other = _Event(random, seconds), None
    if kind in ("foreign", "jingle"):
        other = _Event(random, seconds)
    if kind == "jingle" and other is not None:
        _share_jingle(event, other, random)
    reference = _Take(event, random, 0.0)
    heard = _Take(other or event, random, drift_ppm)
    if kind in ("paused", "chapters"):
        for _ in range(int(random.integers(1, 4))):
            (heard if random.random() < 0.6 else reference).pause(random)
    files = _cut(heard, random, chapters=kind == "chapters")
    reference_sound = _with_noise(reference.sound(), ratio_db, random)
    found = []
    for file in files:
        sound = heard.sound()[file]
        true_s = reference.times_of(heard.event_s()[file])[:: round(STEP_S * RATE_HZ)]
        if other is not None:
            true_s = np.full(len(true_s), np.nan)
        found.append((sound, true_s))
    if kind == "chapters" and len(found) > 1 and random.random() < 0.5:
        place = int(random.integers(len(found)))
        stranger = _Take(_Event(random, seconds), random, drift_ppm).sound()[: len(found[place][0])]
        found[place] = (stranger, np.full(-(-len(stranger) // round(STEP_S * RATE_HZ)), np.nan))
    return Trial(
        kind,
        ratio_db,
        drift_ppm,
        reference_sound,
        tuple(File(_with_noise(sound, ratio_db, random), true_s) for sound, true_s in found),
    )


def judge_trial(trial: Trial) -> tuple[Tally, list[str]]:
    """What came of each of its files."""
    total, words = Tally(), []
    for file in trial.files:
        found = synchronise_sound(Recordings(trial.reference, file.sound, RATE_HZ))
        pieces = () if isinstance(found, SoundRefusal) else found.pieces
        tally = judge_file(trial, file, pieces)
        total.add(tally)
        told = str(found) if isinstance(found, SoundRefusal) else f"{len(pieces)} pieces"
        words.append(
            f"{tally.right_s:.1f} s right, {tally.wrong_s:.2f} s wrong,"
            f" {tally.refused} of {tally.stretches} stretches refused ({told})"
        )
    return total, words


def judge_file(trial: Trial, file: File, pieces: Sequence[ClockPiece]) -> Tally:
    """Each moment that is placed is right or wrong; each long stretch that both heard has a place."""
    own_ns = np.rint(np.arange(len(file.true_s)) * STEP_S * NS_PER_S).astype(np.int64)
    told_ns = np.full(len(own_ns), np.nan)
    for piece in pieces:
        inside = piece.covers(own_ns, own_ns)
        told_ns[inside] = to_reference_ns(own_ns[inside], piece.line)
    placed = np.isfinite(told_ns)
    true_ns = _reaching(file.true_s) * NS_PER_S
    right = placed & (np.abs(told_ns - true_ns) <= TOLERANCE_NS)
    tally = Tally(float(right.sum()) * STEP_S, float((placed & ~right).sum()) * STEP_S)
    for stretch in _stretches(file.true_s, len(trial.reference) / RATE_HZ):
        tally.stretches += 1
        tally.refused += bool(right[stretch].mean() < 0.5)
    return tally


def _stretches(true_s: Float64s, reference_s: float) -> list[slice]:
    """Stretches without a jump that both heard, each of enough sound to be told by."""
    heard = (true_s >= 0) & (true_s <= reference_s)
    jumps = np.abs(np.diff(true_s) - STEP_S) > STEP_S / 5
    bounds = np.flatnonzero(jumps | (np.diff(heard.astype(int)) != 0) | np.isnan(np.diff(true_s))) + 1
    edges = [0, *bounds.tolist(), len(true_s)]
    found = [slice(first, stop) for first, stop in pairwise(edges)]
    return [part for part in found if heard[part].all() and (part.stop - part.start) * STEP_S >= ENOUGH_S]


def _reaching(true_s: Float64s) -> Float64s:
    """The true times, each going on for the margin where there is none."""
    reached = true_s.copy()
    for shift in range(1, round(MARGIN_S / STEP_S) + 1):
        for moved, step in ((np.roll(true_s, shift), shift), (np.roll(true_s, -shift), -shift)):
            edge = slice(None, shift) if step > 0 else slice(-shift, None)
            moved[edge] = np.nan
            reached = np.where(np.isnan(reached), moved + step * STEP_S, reached)
    return reached


class _Event:
    """What could be heard: at `RATE_HZ`, from its second 0 on."""

    def __init__(self, random: np.random.Generator, seconds: tuple[float, float]) -> None:
        self.seconds = float(random.uniform(*seconds))
        makers = (speech, speech, music, noise_bursts)
        maker = makers[int(random.integers(len(makers)))]
        self.sound = maker(self.seconds, int(random.integers(2**31)))
        self.sound = self.sound / max(float(np.sqrt(np.mean(self.sound**2))), 1e-9)


class _Take:
    """A recorder: which stretches of the event it took, as (first, stop) in seconds of the event."""

    def __init__(self, event: _Event, random: np.random.Generator, drift_ppm: float) -> None:
        self.event, self.drift = event, drift_ppm / 1e6
        first = random.uniform(0, 0.3) * event.seconds
        self.parts = [(first, random.uniform(0.75, 1.0) * event.seconds)]
        taps = random.standard_normal(120) * np.exp(-np.arange(120) / 15) * 0.3
        taps[0] = random.choice([-1, 1])
        self._room = taps
        self._rendered: tuple[Float32s, Float64s] | None = None

    def pause(self, random: np.random.Generator) -> None:
        """Lose some time, anywhere; as often as not close to an end."""
        first, stop = self.parts[0][0], self.parts[-1][1]
        length_s = float(np.exp(random.uniform(np.log(0.05), np.log(20))))
        where = random.choice(["first", "last", "anywhere", "anywhere"])
        low, high = {
            "first": (first + 0.5, first + _EDGE_S),
            "last": (stop - length_s - _EDGE_S, stop - length_s - 0.5),
            "anywhere": (first + 1, stop - length_s - 1),
        }[where]
        at = random.uniform(low, high)
        cut = []
        for begin, end in self.parts:
            if begin < at:
                cut.append((begin, min(end, at)))
            if end > at + length_s:
                cut.append((max(begin, at + length_s), end))
        self.parts = cut
        self._rendered = None

    def event_s(self) -> Float64s:
        """When in the event each of its samples was."""
        return self._render()[1]

    def sound(self) -> Float32s:
        """What it recorded, in its room, without noise."""
        return self._render()[0]

    def times_of(self, event_s: Float64s) -> Float64s:
        """Moments of the event on this recorder's clock, NaN where it paused; beyond its ends it goes on."""
        times = np.full(len(event_s), np.nan)
        begun = 0.0
        for number, (first, stop) in enumerate(self.parts):
            low = -np.inf if number == 0 else first
            high = np.inf if number == len(self.parts) - 1 else stop
            inside = (event_s >= low) & (event_s < high)
            times[inside] = begun + event_s[inside] - first
            begun += stop - first
        return times

    def _render(self) -> tuple[Float32s, Float64s]:
        if self._rendered is None:
            step = (1 + self.drift) / RATE_HZ
            when = np.concatenate([np.arange(first, stop, step) for first, stop in self.parts])
            dry = ndimage.map_coordinates(self.event.sound, [when * RATE_HZ], order=3, mode="constant")
            wet = np.convolve(dry, self._room)[: len(dry)].astype(np.float32)
            self._rendered = wet, when
        return self._rendered


def _cut(heard: _Take, random: np.random.Generator, *, chapters: bool) -> list[slice]:
    """The files that it wrote: one, or chapters of 12 s or more, some with a little lost between them."""
    count = len(heard.sound())
    if not chapters:
        return [slice(0, count)]
    bounds = [0]
    while count - bounds[-1] > 30 * RATE_HZ and len(bounds) < 5:
        bounds.append(bounds[-1] + int(random.uniform(12, 60) * RATE_HZ))
        if count - bounds[-1] < 12 * RATE_HZ:
            bounds.pop()
            break
    lost = int(random.choice([0, 0.5 * RATE_HZ, 3 * RATE_HZ]))
    bounds.append(count + lost)
    return [slice(first, stop - lost) for first, stop in pairwise(bounds)]


def _share_jingle(event: _Event, other: _Event, random: np.random.Generator) -> None:
    """Put the same music into both events, at places of their own."""
    shortest_s = min(event.seconds, other.seconds)
    length_s = float(random.choice([length for length in _JINGLES_S if length < 0.3 * shortest_s]))
    jingle = music(length_s, int(random.integers(2**31)))
    jingle = jingle / float(np.sqrt(np.mean(jingle**2)))
    for one in (event, other):
        low, high = 0.3 * one.seconds, 0.75 * one.seconds - length_s
        start = round(random.uniform(low, max(high, low + 1)) * RATE_HZ)
        stop = min(start + len(jingle), len(one.sound))
        one.sound = one.sound.copy()
        one.sound[start:stop] = jingle[: stop - start]


def _with_noise(sound: Float32s, ratio_db: float, random: np.random.Generator) -> Float32s:
    """The sound with noise of its own, white or darker, weaker than it by the ratio."""
    noise = random.standard_normal(len(sound))
    if random.random() < 0.5:
        noise = ndimage.gaussian_filter1d(noise, 1.0)
    noise *= np.sqrt(np.mean(sound**2) / 10 ** (ratio_db / 10)) / np.sqrt(np.mean(noise**2))
    mixed: Float32s = (0.1 * (sound + noise)).astype(np.float32)
    return mixed
