"""The event of the slide show: when each sentence is heard and each slide is seen, in nanoseconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sample.recording import SECOND_NS
from sample.speech import RATE_HZ, Samples, speak
from sample.talk import WELCOME, Slide

MILLISECOND_NS = 1_000_000
QUIET_START_S = 5.2
QUIET_END_S = 3.6
WITHIN_SLIDE_S = (0.45, 0.75)
BETWEEN_SLIDES_S = (0.9, 1.5)
SILENT_SLIDE_S = 3.4
# A slide changes a moment before its first sentence, well within the tolerance of 20 ms.
LEAD_US = (2_000, 12_000)


@dataclass(frozen=True)
class Cue:
    """A sentence, and the slide that is seen meanwhile (none before the first); times are the reference's."""

    name: str
    text: str
    slide: str | None
    start_ns: int
    end_ns: int


@dataclass(frozen=True)
class Showing:
    """A slide on the screen."""

    path: str
    title: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True)
class Event:
    """All that was to be heard and seen."""

    sound: Samples
    cues: tuple[Cue, ...]
    showings: tuple[Showing, ...]

    @property
    def duration_ns(self) -> int:
        return to_ns(self.sound.size)


class Stage:
    """Puts sentences and slides one after the other."""

    def __init__(self) -> None:
        self._parts: list[Samples] = []
        self._at = 0
        self.cues: list[Cue] = []
        self.openings: list[tuple[Slide, int]] = []

    def wait(self, seconds: float) -> None:
        self._append(np.zeros(round(seconds * RATE_HZ)))

    def say(self, sentence: str, slide: str | None) -> None:
        """Speak now, and note the cue."""
        start_ns = to_ns(self._at)
        self._append(speak(sentence))
        name = f"cue-{len(self.cues) + 1:02d}"
        self.cues.append(Cue(name, sentence, slide, start_ns, to_ns(self._at)))

    def show(self, slide: Slide, lead_ns: int) -> None:
        """Note that the slide came up, `lead_ns` before now."""
        self.openings.append((slide, to_ns(self._at) - lead_ns))

    def sound(self) -> Samples:
        return np.concatenate(self._parts)

    def _append(self, part: Samples) -> None:
        self._parts.append(part)
        self._at += part.size


def to_ns(sample_count: int) -> int:
    """How long so many samples of the voice last."""
    return round(sample_count * SECOND_NS / RATE_HZ)


def whole_seconds(sound: Samples) -> Samples:
    """The sound, drawn out with silence: transforms of such a length are fast."""
    return np.pad(sound, (0, -sound.size % RATE_HZ))


def path_of(slide: Slide) -> str:
    """Where the slide's picture lies in the batch."""
    return f"slides/{slide.name}.png"


def perform(rng: Generator, talk: Sequence[Slide]) -> Event:
    """Give the talk."""
    stage = Stage()
    stage.wait(QUIET_START_S)
    stage.say(WELCOME, slide=None)
    for slide in talk:
        stage.wait(float(rng.uniform(*BETWEEN_SLIDES_S)))
        stage.show(slide, lead_ns=int(rng.integers(*LEAD_US)) * 1000)
        present(rng, stage, slide)
    stage.wait(QUIET_END_S)
    sound = whole_seconds(stage.sound())
    return Event(sound, tuple(stage.cues), showings(stage.openings, to_ns(sound.size) - SECOND_NS))


def present(rng: Generator, stage: Stage, slide: Slide) -> None:
    """Say all that belongs to one slide; a slide without words stays for a while."""
    if not slide.sentences:
        stage.wait(SILENT_SLIDE_S)
    for number, sentence in enumerate(slide.sentences):
        if number:
            stage.wait(float(rng.uniform(*WITHIN_SLIDE_S)))
        stage.say(sentence, path_of(slide))


def showings(openings: Sequence[tuple[Slide, int]], end_ns: int) -> tuple[Showing, ...]:
    """Each slide stays until the next one comes; times are whole microseconds, as slides.csv has them."""
    starts = [start_ns // 1000 * 1000 for _, start_ns in openings]
    ends = [*starts[1:], end_ns // 1000 * 1000]
    slides = [slide for slide, _ in openings]
    return tuple(
        Showing(path_of(slide), slide.title, start_ns, stop_ns)
        for slide, start_ns, stop_ns in zip(slides, starts, ends, strict=True)
    )
