"""Why two recordings are not put on one clock, and what that rests on."""

from dataclasses import dataclass
from typing import Literal

from tasks.core.errors import ClockError

Reason = Literal["too_short", "silent", "no_unique_place", "too_few_windows_agree", "unlike"]

_MEANINGS: dict[Reason, str] = {
    "too_short": "the two recordings need at least 5 s in common",
    "silent": "one recording is silent, or holds samples that are no numbers",
    "no_unique_place": "one fits no single place of the other: sound that repeats itself",
    "too_few_windows_agree": (
        "too few windows of them lie on one line: unrelated sound, too noisy, or clocks that run more than"
        " 2000 ppm apart"
    ),
    "unlike": "they are alike for a short while, as where a jingle is played, and not where both go on",
}


@dataclass(frozen=True)
class SyncFigures:
    """What a synchronisation rests on; a figure that was not reached is 0."""

    windows: int = 0
    agreeing: int = 0
    residual_ns: int = 0
    alike_s: float = 0.0
    unlike_s: float = 0.0


@dataclass(frozen=True)
class SoundRefusal:
    """Why two recordings are not put on one clock, as a fixed word, and what that rests on."""

    reason: Reason
    figures: SyncFigures

    def __str__(self) -> str:
        """The reason, what it means, and the figures, for people."""
        return f"{self.reason}: {_MEANINGS[self.reason]} ({self.figures})"


class SoundRefusedError(ClockError):
    """Carries a refusal out of the midst of a synchronisation."""

    def __init__(self, reason: Reason, figures: SyncFigures) -> None:
        self.refusal = SoundRefusal(reason, figures)
        super().__init__(str(self.refusal))
