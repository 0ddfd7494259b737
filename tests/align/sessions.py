"""Sessions of two recorders whose clocks are known: what synchronisation by sound is measured on.

A session is an event of babble, heard by a reference and by another recorder that started up to 30 s earlier
or later, on a clock that runs up to 100 ppm wrong, both with noise as strong as the sound or weaker. Four in
five have pieces missing, two in five a pause in which one of the two did not record. Same seed, same session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from tasks.align.sound.evidence import SoundSync
from tasks.align.sound.refusal import SoundRefusal
from tasks.align.sound.samples import Recordings
from tasks.align.sound.synchronise import synchronise_sound
from tasks.core.clock_line import ClockPiece, Int64s, to_reference_ns
from tasks.core.times import NS_PER_MS, NS_PER_S

RATE_HZ = 16_000
REFERENCE_S = 120
LEAD_S = 35

Float32s = npt.NDArray[np.float32]
Kind = Literal["whole", "missing", "paused", "reference_paused"]
Outcome = Literal["solved", "refused", "wrong"]
# In these proportions, whatever their number.
_KINDS: tuple[Kind, ...] = ("whole", "missing", "missing", "paused", "reference_paused")
_RATIOS_DB = (0, 5, 10, 20)
_PAUSES_S = (0.02, 20.0)
_LARGEST_ERROR_NS = 2 * NS_PER_MS
_LARGEST_DRIFT_ERROR_PPM = 2.0
_LEAST_COVERED = 0.8


@dataclass(frozen=True)
class Session:
    """Two recordings, and the truth: second t of the other, from each jump on, is `t + offset + drift x t`.

    `jumps` are (first second of the other's recording, offset in s); `gaps` are seconds of the other's
    recording in which the reference did not record.
    """

    kind: Kind
    ratio_db: int
    reference: Float32s
    other: Float32s
    drift_ppm: float
    jumps: tuple[tuple[float, float], ...]
    gaps: tuple[tuple[float, float], ...]

    def true_ns(self, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Seconds of the other on the reference clock, in ns; NaN where the reference did not record."""
        offsets = np.array([offset for _, offset in self.jumps])
        place = np.searchsorted([start for start, _ in self.jumps], seconds, side="right") - 1
        true_s = seconds * (1 + self.drift_ppm / 1e6) + offsets[place.clip(min=0)]
        for start, stop in self.gaps:
            true_s[(seconds > start) & (seconds < stop)] = np.nan
        true_ns: npt.NDArray[np.float64] = true_s * NS_PER_S
        return true_ns


def make_session(seed: int) -> Session:
    """The session of that seed; five in a row have the five kinds, twenty all noises of each."""
    random = np.random.default_rng(seed)
    kind, ratio_db = _KINDS[seed % 5], _RATIOS_DB[seed // 5 % 4]
    offset_s, drift_ppm = random.uniform(-30, 30), random.uniform(-100, 100)
    event = babble(REFERENCE_S + 3 * LEAD_S, seed)
    reference = recorded(event, REFERENCE_S + LEAD_S * (kind == "reference_paused"), LEAD_S)
    length_s = REFERENCE_S + (LEAD_S if kind == "paused" else 0)
    other = recorded(event, length_s, LEAD_S + offset_s, drift_ppm)
    jumps: tuple[tuple[float, float], ...] = ((0.0, offset_s),)
    gaps: tuple[tuple[float, float], ...] = ()
    first, last = max(0.0, -offset_s), min(REFERENCE_S, REFERENCE_S - offset_s)
    pause_s = float(np.exp(random.uniform(*np.log(_PAUSES_S))))
    at_s = random.uniform(first + 0.2 * (last - first), first + 0.7 * (last - first))
    if kind == "paused":
        other = _without(other, at_s, pause_s)[: REFERENCE_S * RATE_HZ]
        jumps = (*jumps, (at_s, offset_s + pause_s * (1 + drift_ppm / 1e6)))
    if kind == "reference_paused":
        reference = _without(reference, at_s + offset_s, pause_s)[: REFERENCE_S * RATE_HZ]
        begin_s, end_s = (time_s / (1 + drift_ppm / 1e6) for time_s in (at_s, at_s + pause_s))
        jumps, gaps = (*jumps, (end_s, offset_s - pause_s)), ((begin_s, end_s),)
    reference, other = noisy(reference, ratio_db, seed + 10**6), noisy(other, ratio_db, seed + 2 * 10**6)
    if kind != "whole":
        for _ in range(2):
            start = int(random.uniform(0, REFERENCE_S - 15) * RATE_HZ)
            other[start : start + int(random.uniform(2, 15 if kind == "missing" else 6) * RATE_HZ)] = 0
    return Session(kind, ratio_db, reference, other, drift_ppm, jumps, gaps)


def judge(session: Session) -> tuple[Outcome, str]:
    """What came of the session: solved, refused, or wrong; and by how much."""
    found = synchronise_sound(Recordings(session.reference, session.other, RATE_HZ))
    if isinstance(found, SoundRefusal):
        return "refused", found.reason
    return judge_found(session, found)


def judge_found(session: Session, found: SoundSync) -> tuple[Outcome, str]:
    """Solved is: all that is told is right, and it is told of nearly all that both have recorded."""
    error_ns, covered = _error_ns(session, found.pieces)
    drift_error = max(abs(piece.line.drift_ppm - session.drift_ppm) for piece in found.pieces)
    figures = f"{error_ns / NS_PER_MS:.3f} ms, {drift_error:.2f} ppm"
    words = f"{figures}, {covered:.0%} covered by {len(found.pieces)} pieces"
    if error_ns > _LARGEST_ERROR_NS or drift_error > _LARGEST_DRIFT_ERROR_PPM:
        return "wrong", words
    return ("solved" if covered >= _LEAST_COVERED else "refused"), words


def babble(seconds: float, seed: int) -> Float32s:
    """Syllables: hissing or humming bursts of a tenth to a third of a second, with pauses among them."""
    random = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE_HZ))
    start = 0
    while start < len(sound) - RATE_HZ // 2:
        size = int(random.integers(RATE_HZ // 10, RATE_HZ // 3))
        phase = 2 * np.pi * random.uniform(90, 220) * np.arange(size) / RATE_HZ
        formant = random.uniform(2, 15)
        hum = sum(np.cos(n * phase + n * n) * np.exp(-(((n - formant) / 4) ** 2)) for n in range(1, 25))
        hiss = ndimage.gaussian_filter1d(random.standard_normal(size), random.uniform(0.5, 3))
        sound[start : start + size] += np.hanning(size) * (hum if random.random() < 0.7 else 2 * hiss)
        start += int(size * random.uniform(0.7, 1.2)) + int(RATE_HZ * max(random.normal(-0.5, 0.5), 0))
    return sound.astype(np.float32)


def recorded(event: Float32s, seconds: float, offset_s: float, drift_ppm: float = 0.0) -> Float32s:
    """What a recorder heard that started `offset_s` into the event and whose clock is slow by the drift."""
    place = np.arange(round(seconds * RATE_HZ)) * (1 + drift_ppm / 1e6) + offset_s * RATE_HZ
    heard: Float32s = ndimage.map_coordinates(event, [place], order=3, mode="constant").astype(np.float32)
    return heard


def noisy(sound: Float32s, ratio_db: float, seed: int) -> Float32s:
    """The sound with white noise, weaker than it by the ratio."""
    noise = np.random.default_rng(seed).standard_normal(len(sound))
    strength = np.sqrt(np.mean(sound**2) / 10 ** (ratio_db / 10))
    mixed: Float32s = (sound + strength * noise).astype(np.float32)
    return mixed


def _without(sound: Float32s, at_s: float, pause_s: float) -> Float32s:
    start, stop = round(at_s * RATE_HZ), round((at_s + pause_s) * RATE_HZ)
    return np.concatenate([sound[:start], sound[stop:]])


def _error_ns(session: Session, pieces: Sequence[ClockPiece]) -> tuple[float, float]:
    """The largest error of what is told, and of which share of what both have recorded it is told."""
    seconds = np.arange(0, len(session.other) / RATE_HZ, 0.01)
    true_ns = session.true_ns(seconds)
    common = (true_ns >= 0) & (true_ns <= len(session.reference) / RATE_HZ * NS_PER_S)
    own_ns: Int64s = np.rint(seconds * NS_PER_S).astype(np.int64)
    told = np.zeros(len(seconds), bool)
    largest = 0.0
    for piece in pieces:
        inside = piece.covers(own_ns, own_ns)
        told |= inside
        errors = np.abs(to_reference_ns(own_ns[inside], piece.line) - true_ns[inside])
        # To say when the reference recorded what it did not is as wrong as any other wrong time.
        largest = max(largest, float(np.nan_to_num(errors, nan=np.inf).max(initial=0)))
    return largest, float(told[common].mean())
